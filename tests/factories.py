"""Rows that tests of several stages begin with.

Written through services where one exists, else straight into tables.
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime

from accounts.models import (
    Account,
    Cluster,
    ClusterRollup,
    Identifier,
    LinkMethod,
    LinkRun,
    Membership,
    MembershipBasis,
    Organization,
)
from enforcement.alerts.models import Alert, AlertTally
from enforcement.audit.actors import Actor
from enforcement.cases.models import Case, Subject, Threshold
from enforcement.policies.models import Clause, Policy, PolicyVersion
from enforcement.signals.models import Detector
from enforcement.staff.actors import person_actor, rule_actor
from enforcement.staff.models import Person, RoleGrant

_numbers = itertools.count(1)
FIRST_DAY = date(2026, 9, 25)
LAST_DAY = date(2026, 11, 8)
MORNING = datetime(2026, 9, 25, 6, tzinfo=UTC)
EVENING = datetime(2026, 11, 8, 18, tzinfo=UTC)
RULE = rule_actor("Coordinated extraction")


def person(*roles: str, name: str = "") -> Actor:
    """A person with these roles, as an actor."""
    number = next(_numbers)
    row = Person.objects.create(email=f"person-{number}@staff.example", name=name or f"Person {number}")
    RoleGrant.objects.bulk_create(RoleGrant(person=row, role=role) for role in roles)
    return person_actor(row)


def person_row(actor: Actor) -> Person:
    """The row behind an actor."""
    return Person.objects.get(pk=actor.person_id)


def policy_version(*, in_force_from: date = date(2026, 3, 1), number: int = 14) -> PolicyVersion:
    """Usage Terms with clause 4.2 (bulk question and answer), 4.5 (an egress rule) and 6.3 (no conduct)."""
    policy, _ = Policy.objects.get_or_create(slug="usage-terms", defaults={"name": "Usage Terms"})
    version = PolicyVersion.objects.create(
        policy=policy, number=number, in_force_from=in_force_from, text_sha256="a" * 64
    )
    texts = (("4.2", ["bulk-question-answer"]), ("4.5", ["egress-watch/EW-03"]), ("6.3", ["none"]))
    Clause.objects.bulk_create(
        Clause(version=version, number=n, heading=f"Clause {n}", text=f"Text of {n}.", conduct=c, position=i)
        for i, (n, c) in enumerate(texts)
    )
    return version


def detectors() -> tuple[Detector, Detector, Detector]:
    """A metering detector and two that flag conduct."""
    meter, _ = Detector.objects.get_or_create(slug="usage-meter", defaults={"name": "Usage meter", "meters": "api"})
    harvest, _ = Detector.objects.get_or_create(slug="prompt-harvest", defaults={"name": "Prompt harvest"})
    egress, _ = Detector.objects.get_or_create(slug="egress-watch", defaults={"name": "Egress watch"})
    return meter, harvest, egress


def account(*, exchanges: int = 1_152) -> Account:
    """An account that drew `exchanges`."""
    return Account.objects.create(platform_id=f"ac-{next(_numbers):08d}", exchanges=exchanges)


def alert(on: Account, detector: Detector, rule: str, *, conduct: str = "", first: datetime = MORNING) -> Alert:
    """An alert with a tally."""
    made = Alert.objects.create(detector=detector, rule=rule, account=on)
    AlertTally.objects.create(
        alert=made, conduct=conduct, signals=3, exchanges=40, severity=3, first_seen_at=first, last_seen_at=EVENING
    )
    return made


def link_run() -> LinkRun:
    """A run under method 1; the same one each time."""
    method, _ = LinkMethod.objects.get_or_create(version=1, defaults={"settings": {}})
    return LinkRun.objects.filter(method=method).first() or LinkRun.objects.create(method=method)


@dataclass
class Ring:
    """A cluster and what belongs to it.

    Of every ten members seven are flagged, two only metered, one by egress alone.
    """

    cluster: Cluster
    accounts: list[Account]
    organization: Organization


def _alerts(accounts: list[Account]) -> None:
    meter, harvest, egress = detectors()
    wanted = [(a, meter, "UM-01", "") for a in accounts]
    wanted += [(a, harvest, "PH-01", "bulk-question-answer") for i, a in enumerate(accounts) if i % 10 < 7]
    wanted += [(a, egress, "EW-03", "") for i, a in enumerate(accounts) if i % 10 == 9]
    made = Alert.objects.bulk_create(Alert(detector=d, rule=r, account=a) for a, d, r, _ in wanted)
    AlertTally.objects.bulk_create(
        AlertTally(
            alert=row, conduct=c, signals=3, exchanges=40, severity=3, first_seen_at=MORNING, last_seen_at=EVENING
        )
        for row, (_, _, _, c) in zip(made, wanted, strict=True)
    )


def ring(members: int = 30, *, told: bool = True, per_day: int = 40) -> Ring:
    """A cluster whose every account drew `per_day` exchanges on each of 45 days, pointing to one organization."""
    run = link_run()
    organization = Organization.objects.create(name=f"Sundermere Research {next(_numbers)}")
    cluster = Cluster.objects.create(
        ref=f"CL-{next(_numbers):04d}",
        size=members,
        told=told,
        points_to=organization,
        points_to_accounts=members // 2,
        first_run=run,
        last_run=run,
    )
    accounts = Account.objects.bulk_create(
        Account(platform_id=f"ac-{next(_numbers):08d}", exchanges=per_day * 45) for _ in range(members)
    )
    memberships = Membership.objects.bulk_create(
        Membership(cluster=cluster, account=a, role="core", bits=12 + i % 7, joined_run=run)
        for i, a in enumerate(accounts)
    )
    card = Identifier.objects.create(kind="payment", value=f"pf-{cluster.pk}", holders=4)
    MembershipBasis.objects.bulk_create(
        MembershipBasis(
            membership=m, identifier=card, first_day=FIRST_DAY, last_day=LAST_DAY, days=9, bits=12, holders=4
        )
        for m in memberships
    )
    _alerts(accounts)
    ClusterRollup.objects.create(
        cluster=cluster,
        accounts=members,
        active_accounts=members,
        exchanges=members * per_day * 45,
        first_day=FIRST_DAY,
        last_day=LAST_DAY,
        peak_day=LAST_DAY,
        peak_exchanges=members * per_day,
        highest_account_day=per_day,
    )
    return Ring(cluster=cluster, accounts=accounts, organization=organization)


def threshold(version: PolicyVersion) -> Threshold:
    """At least 25 accounts, 1,000 exchanges a day, half of them flagged."""
    return Threshold.objects.create(
        name="Coordinated extraction", policy_version=version, severity=5,
        conditions=[{"measure": "accounts", "at_least": 25}, {"measure": "exchanges_per_day", "at_least": 1000},
                    {"measure": "flagged_share", "at_least": 0.5}],
    )  # fmt: skip


@dataclass
class Desk:
    """A case under investigation and the people around it."""

    case: Case
    ring: Ring
    investigator: Actor
    lead: Actor
    reviewer: Actor
    second_reviewer: Actor

    def subjects(self) -> list[Subject]:
        """Subjects in the order of their accounts."""
        return list(Subject.objects.filter(case=self.case).order_by("account_id"))


def desk(members: int = 30) -> Desk:
    """A case that a threshold opened on a ring, moved to investigating by an investigator."""
    from enforcement.cases.services import evaluate_thresholds, move_case

    made = ring(members)
    rule = Threshold.objects.filter(name="Coordinated extraction").first()
    if rule is None:
        threshold(policy_version())
    case = evaluate_thresholds(RULE)[0]
    investigator = person("investigator", name="Ines Calloway")
    move_case(investigator, case=case, to="triage")
    move_case(investigator, case=case, to="investigating")
    return Desk(
        case=case,
        ring=made,
        investigator=investigator,
        lead=person("lead", name="Daniel Okafor"),
        reviewer=person("reviewer", name="Ruth Adeyemi"),
        second_reviewer=person("reviewer", name="Samuel Whitlock"),
    )


def find_everybody(at: Desk) -> None:
    """Violating where conduct shows it, unclear for the rest, and one evidence item: nothing blocks submitting."""
    from enforcement.cases.selection import Selection
    from enforcement.cases.services import set_finding
    from enforcement.evidence.services import add_upload

    set_finding(
        at.investigator,
        case=at.case,
        selection=Selection(),
        finding="violating",
        reason="Own alerts",
        clauses=["4.2", "4.5"],
    )
    set_finding(
        at.investigator, case=at.case, selection=Selection(finding="none"), finding="unclear", reason="Linkage alone"
    )
    add_upload(at.investigator, case=at.case, stream=io.BytesIO(b"minutes"), filename="minutes.txt", title="Minutes")


def submitted(members: int = 30):
    """A desk and its decision, submitted by the investigator."""
    from enforcement.decisions.services import submit_decision

    at = desk(members)
    find_everybody(at)
    return at, submit_decision(at.investigator, case=at.case, action_kind="suspend", summary="Suspend what broke 4.2.")


def approved(members: int = 30):
    """A desk and its decision, approved by the reviewer."""
    from enforcement.decisions.services import approve_decision

    at, decision = submitted(members)
    approve_decision(at.reviewer, decision=decision, digest=decision.digest, reason="Looked at the sample.")
    at.case.refresh_from_db()
    return at, decision
