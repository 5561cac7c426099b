"""Two people at the same moment: one outcome, and the second is told."""

import threading

from django.db import connection

from enforcement.audit.errors import Refusal
from enforcement.cases.models import Case
from enforcement.cases.services import set_finding
from enforcement.decisions.models import Approval, Decision
from enforcement.decisions.services import approve_decision, withdraw_decision
from tests.factories import submitted


def both(*calls):
    """Run each call in a thread with a connection of its own, started together; what each gave or refused."""
    gate, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(place, call):
        try:
            gate.wait()
            results[place] = call()
        except Refusal as refusal:
            results[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def fresh(decision):
    return Decision.objects.select_related("case").get(pk=decision.pk)


def test_two_approvers_at_once_leave_one_approval_that_counts(committed_db):
    at, decision = submitted()
    results = both(
        *(
            lambda who=who: approve_decision(who, decision=fresh(decision), digest=decision.digest, reason="Seen")
            for who in (at.reviewer, at.second_reviewer)
        )
    )
    assert sorted(type(r).__name__ for r in results) == ["Decision", "Refusal"]
    assert Approval.objects.count() == 1
    assert (fresh(decision).state, Case.objects.get(pk=at.case.pk).state) == ("approved", "approved")


def test_approving_and_withdrawing_at_once_leave_one_outcome(committed_db):
    at, decision = submitted()
    results = both(
        lambda: approve_decision(at.reviewer, decision=fresh(decision), digest=decision.digest, reason="Seen"),
        lambda: withdraw_decision(at.investigator, decision=fresh(decision), reason="Not yet"),
    )
    assert sorted(type(r).__name__ for r in results) == ["Decision", "Refusal"]
    pair = (fresh(decision).state, Case.objects.get(pk=at.case.pk).state)
    assert pair in {("approved", "approved"), ("withdrawn", "investigating")}


def test_two_people_finding_at_once_on_the_same_version_leave_one_and_tell_the_other(committed_db):
    from enforcement.cases.selection import Selection
    from tests.factories import desk

    at = desk()
    version = at.case.version
    results = both(
        *(
            lambda who=who, finding=finding: set_finding(
                who,
                case=Case.objects.get(pk=at.case.pk),
                selection=Selection(),
                finding=finding,
                reason="x",
                version=version,
            )
            for who, finding in ((at.investigator, "unclear"), (at.lead, "not_violating"))
        )
    )
    assert sorted(type(r).__name__ for r in results) == ["FindingResult", "Refusal"]
    refusal = next(r for r in results if isinstance(r, Refusal))
    assert refusal.code == "case.changed"
