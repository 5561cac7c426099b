"""Findings: what was found of each subject, set one by one or for thousands at once, and never without a basis."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.access import lock_case, person_of, require_in
from enforcement.cases.frozen import Change, before_change
from enforcement.cases.models import Case, Finding, FindingBasis, Subject
from enforcement.cases.selection import Selection, by_ids
from enforcement.cases.services import basis
from enforcement.cases.services.settling import settle
from enforcement.cases.states import WORKABLE
from enforcement.policies.models import Clause
from enforcement.staff.matrix import Permission

_NAMED_IN_EVENT = 50
_ENFORCING = ("enforcing", "partially_enforced")


@dataclass(frozen=True, slots=True)
class FindingPreview:
    """What setting `violating` would do: subjects meant, those it can be set for, those left, and counts by clause.

    `by_finding` counts the subjects meant as they stand ("none": no finding), `settable_by_finding` those it can be
    set for.
    """

    ids: tuple[int, ...]
    version: int
    can_be_violating: int
    left: int
    by_clause: dict[str, int]
    by_finding: dict[str, int]
    settable_by_finding: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Subjects meant."""
        return len(self.ids)

    @property
    def left_words(self) -> str:
        """What would be left, and why; empty when nothing would."""
        return left_words(self.left)


@dataclass(frozen=True, slots=True)
class FindingResult:
    """What was done: rows that changed, rows that stood so already, and those left because linkage alone holds them."""

    changed: int
    unchanged: int
    left: int
    left_ids: tuple[int, ...] = ()
    by_clause: dict[str, int] = field(default_factory=dict)

    @property
    def left_words(self) -> str:
        """What was left, and why; empty when nothing was."""
        return left_words(self.left)


def left_words(count: int) -> str:
    """The sentence about subjects that no conduct of their own speaks against."""
    if not count:
        return ""
    have = "1 subject has" if count == 1 else f"{count:,} subjects have"
    return f"Left as they were: {have} no conduct of their own under these clauses; only unclear is possible."


def preview_findings(actor: Actor, *, case: Case, selection: Selection, clauses: Sequence[str] = ()) -> FindingPreview:
    """Counts for a bulk finding before it is set, over ids frozen now.

    Hand `ids` and `version` back to set exactly these.
    """
    require_in(actor, Permission.CASE_WORK, case)
    rows = list(selection.of(case).order_by("id").values_list("id", "finding"))
    ids = [pk for pk, _ in rows]
    known = clauses_of(case, numbers=clauses) if clauses else _pinned_clauses(case)
    supported = basis.supported_by_clause(subject_ids=ids, clauses=known)
    can_be = set().union(*supported.values()) if supported else set()
    counts: dict[str, int] = {}
    settable: dict[str, int] = {}
    for pk, finding in rows:
        counts[finding or "none"] = counts.get(finding or "none", 0) + 1
        if pk in can_be:
            settable[finding or "none"] = settable.get(finding or "none", 0) + 1
    return FindingPreview(
        ids=tuple(ids),
        version=Case.objects.values_list("version", flat=True).get(pk=case.pk),
        can_be_violating=len(can_be),
        left=len(ids) - len(can_be),
        by_clause={clause.number: len(supported.get(clause.pk, ())) for clause in known},
        by_finding=counts,
        settable_by_finding=settable,
    )


def _pinned_clauses(case: Case) -> list[Clause]:
    return list(Clause.objects.filter(version_id=case.policy_version_id)) if case.policy_version_id else []


def clauses_of(case: Case, *, numbers: Sequence[str]) -> list[Clause]:
    """Clauses of the pinned version by number.

    Raises `Refusal` 422 (field clauses) for none pinned, none named, unknown.
    """
    if case.policy_version_id is None:
        raise Refusal("finding.no_policy", "Pin a policy version first: a violation is of a clause.", status=409)
    if not numbers:
        raise Refusal("finding.no_clause", "Name the clauses that were broken.", field="clauses", status=422)
    known = {clause.number: clause for clause in _pinned_clauses(case)}
    unknown = [number for number in numbers if number not in known]
    if unknown:
        raise Refusal(
            "finding.unknown_clause",
            f"{case.policy_version} has no clause {', '.join(unknown)}. It has {', '.join(known)}.",
            field="clauses",
            status=422,
        )
    return [known[number] for number in dict.fromkeys(numbers)]


@transaction.atomic
def set_finding(
    actor: Actor,
    *,
    case: Case,
    finding: str,
    reason: str,
    subject_ids: Sequence[int] | None = None,
    selection: Selection | None = None,
    clauses: Sequence[str] = (),
    version: int | None = None,
    confirm_void: bool = False,
) -> FindingResult:
    """Set one finding for named subjects, for those of a filter, or for all.

    `violating` takes clause numbers of the pinned version and is set only where the account's own conduct shows the
    breach of at least one of them: its alerts, or an extract of its rows. A clause is held against a subject only where
    its own conduct shows that breach. Subjects without any are left as they were and reported.

    Raises `Refusal`: 422 for an unknown finding, no reason, no or unknown clauses, subjects of another case; 409 for a
    case in a state where findings do not change, a version that moved on, or a decision that would become void.
    """
    require_in(actor, Permission.CASE_WORK, case)
    if finding not in Finding.values:
        raise Refusal(
            "finding.unknown", f"A finding is one of: {', '.join(Finding.values)}.", field="finding", status=422
        )
    chosen = selection or by_ids(subject_ids or ())
    return _apply(
        actor, case, chosen, finding, reason, clauses=clauses, version=version, confirm_void=confirm_void, carve=False
    )


@transaction.atomic
def carve_out(
    actor: Actor,
    *,
    case: Case,
    reason: str,
    subject_ids: Sequence[int] | None = None,
    selection: Selection | None = None,
    version: int | None = None,
    confirm_void: bool = False,
) -> FindingResult:
    """Take bystanders out: `not_violating`, marked as carved out, with the reason. The cluster stays as it is."""
    require_in(actor, Permission.CASE_WORK, case)
    chosen = selection or by_ids(subject_ids or ())
    return _apply(
        actor, case, chosen, Finding.NOT_VIOLATING.value, reason,
        clauses=(), version=version, confirm_void=confirm_void, carve=True,
    )  # fmt: skip


def _apply(
    actor: Actor, case: Case, chosen: Selection, finding: str, reason: str, *,
    clauses: Sequence[str], version: int | None, confirm_void: bool, carve: bool,
) -> FindingResult:  # fmt: skip
    person = person_of(actor)
    if not reason.strip():
        raise Refusal("finding.reason", "Say what the finding rests on.", field="reason", status=422)
    row = lock_case(case, version=version)
    ids = _resolved(row, chosen)
    change = Change(what=f"the finding of {len(ids):,} subjects", reason=reason, subject_ids=tuple(ids))
    before_change(actor, case=row, change=change, confirm_void=confirm_void)
    row.refresh_from_db()
    _check_state(row, finding)
    by_clause: dict[str, int] = {}
    settable = ids
    if finding == Finding.VIOLATING:
        broken = clauses_of(row, numbers=clauses)
        supported = basis.rest_on_own_conduct(case=row, subject_ids=ids, clauses=broken)
        settable = sorted(set().union(*supported.values())) if supported else []
        by_clause = {clause.number: len(supported.get(clause.pk, ())) for clause in broken}
    else:
        FindingBasis.objects.filter(subject_id__in=ids, alert__isnull=False).delete()
    changed = _write(settable, finding, reason.strip(), person, carve=carve)
    left = sorted(set(ids) - set(settable))
    record_event(
        actor=actor, verb="cases.findings_set", target=row, case_id=row.pk, reason=reason,
        data={"finding": finding, "changed": changed, "left": len(left), "carved_out": carve, "clauses": by_clause,
              "subjects": settable[:_NAMED_IN_EVENT], "subjects_total": len(settable)},
    )  # fmt: skip
    settle(case)
    return FindingResult(
        changed=changed, unchanged=len(settable) - changed, left=len(left), left_ids=tuple(left), by_clause=by_clause
    )


def _resolved(row: Case, chosen: Selection) -> list[int]:
    ids = list(chosen.of(row).order_by("id").values_list("id", flat=True))
    if chosen.ids is not None and len(ids) < len(set(chosen.ids)):
        raise Refusal(
            "finding.foreign_subject", f"Some of these subjects are not in {row.ref}. Reload the list.",
            field="subject_ids", status=422,
        )  # fmt: skip
    if not ids:
        raise Refusal("finding.nobody", "No subject is selected. Choose some, or change the filter.", status=422)
    return ids


def _check_state(row: Case, finding: str) -> None:
    """Findings change while people work the case.

    While enforcing only away from violating: it may shrink, never grow.
    """
    if row.state in WORKABLE or (row.state in _ENFORCING and finding != Finding.VIOLATING):
        return
    state = row.state.replace("_", " ")
    if row.state in _ENFORCING:
        words = f"{row.ref} is {state}: an approval may shrink, never grow. Put further targets into a new decision."
    else:
        words = f"{row.ref} is {state}; findings change while it is investigated."
    raise Refusal("finding.state", words)


def _write(ids: Sequence[int], finding: str, reason: str, person: int, *, carve: bool) -> int:
    rows = Subject.objects.filter(pk__in=ids).exclude(finding=finding, finding_reason=reason, carved_out=carve)
    return rows.update(
        finding=finding, finding_reason=reason, finding_by_id=person, finding_at=timezone.now(), carved_out=carve
    )
