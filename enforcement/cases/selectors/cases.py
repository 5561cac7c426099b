"""Cases as lists and as one workspace."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from enforcement.audit.actors import Actor
from enforcement.audit.models import Event
from enforcement.audit.paging import Page, page_of
from enforcement.cases.access import find_case, require_in, scope_of
from enforcement.cases.blockers import BlockerView, blockers_of
from enforcement.cases.models import Assignment, Attribution, Case
from enforcement.cases.services.moves import BY_HAND
from enforcement.cases.states import CASE_STATES, EARLY, EARLY_OUTCOMES, SHUT
from enforcement.staff.matrix import Permission, can, require


@dataclass(frozen=True, slots=True)
class Tiles:
    """The numbers at the head of a case.

    `highest_account_day`, `first_day`, `last_day` come from its clusters' roll-ups.
    """

    accounts: int
    active_accounts: int
    exchanges: int
    alerts: int
    detectors: int
    rules: int
    highest_account_day: int
    first_day: date | None
    last_day: date | None

    @property
    def days(self) -> int:
        """Days from first to last, both counted."""
        return (self.last_day - self.first_day).days + 1 if self.first_day and self.last_day else 0

    @property
    def exchanges_per_account_day(self) -> float:
        """Exchanges of the mean account on the mean day."""
        return self.exchanges / self.accounts / self.days if self.accounts and self.days else 0.0


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case with all that its page shows at once.

    `findings` counts subjects by finding ("none": no finding; "carved_out" is part of not_violating); `counts` are the
    tabs: subjects, alerts, evidence, attributions, tasks_open, tasks, notes, decisions. `arrivals` are cluster members
    that are no subject yet: a suggestion. `moves` are the states that the viewer may move it to by hand, `outcomes`
    those it may be closed with now.
    """

    case: Case
    tiles: Tiles
    findings: dict[str, int]
    counts: dict[str, int]
    blockers: list[BlockerView]
    assignees: list[Assignment]
    moves: tuple[str, ...]
    outcomes: tuple[str, ...]
    arrivals: int
    may_work: bool
    may_submit: bool

    @property
    def submit_blockers(self) -> list[BlockerView]:
        """What stands in the way of submitting."""
        return [blocker for blocker in self.blockers if blocker.transition == "submit"]

    @property
    def close_blockers(self) -> list[BlockerView]:
        """What stands in the way of closing."""
        return [blocker for blocker in self.blockers if blocker.transition == "close"]


def visible_cases(viewer: Actor) -> QuerySet[Case]:
    """Cases that `viewer` may see: all but those sealed from them."""
    require(viewer, Permission.CASE_VIEW)
    own = Assignment.objects.filter(person_id=viewer.person_id or 0, until=None).values("case_id")
    return Case.objects.filter(Q(sealed=False) | Q(pk__in=own))


def list_cases(
    viewer: Actor,
    *,
    state: str | None = None,
    assignee: int | None = None,
    q: str = "",
    cursor: str = "",
    size: int = 50,
) -> Page[Case]:
    """Cases, newest first.

    `state` may be a state or "open"; `assignee` a person's id; `q` part of a ref, a title or
    the name of an organization that stands in the case.

    Each row carries `subjects_count` and `open_assignments`. Four queries, whatever the page holds.
    """
    rows = visible_cases(viewer)
    if state == "open":
        rows = rows.exclude(state__in=SHUT)
    elif state:
        rows = rows.filter(state=state)
    if assignee is not None:
        rows = rows.filter(pk__in=Assignment.objects.filter(person_id=assignee, until=None).values("case_id"))
    if q.strip():
        word = q.strip()
        named = Attribution.objects.filter(case=OuterRef("pk"), withdrawn_at=None, organization__name__icontains=word)
        rows = rows.filter(Q(ref__icontains=word) | Q(title__icontains=word) | Exists(named))
    open_ones = Assignment.objects.filter(until=None).select_related("person").order_by("since")
    page: Page[Any] = page_of(
        rows.select_related("policy_version__policy", "opened_by_rule", "opened_by").prefetch_related(
            Prefetch("assignments", queryset=open_ones, to_attr="open_assignments")
        ),
        order=["-id"],
        cursor=cursor,
        size=size,
    )
    counted = dict(
        Case.objects.filter(pk__in=[row.pk for row in page.rows]).annotate(n=Count("subjects")).values_list("pk", "n")
    )
    for row in page.rows:
        row.subjects_count = counted.get(row.pk, 0)
    return page


_FIGURES = """
SELECT count(*), count(*) FILTER (WHERE a.status = 'active'), coalesce(sum(s.exchanges), 0),
       count(*) FILTER (WHERE s.finding = ''), count(*) FILTER (WHERE s.finding = 'violating'),
       count(*) FILTER (WHERE s.finding = 'not_violating'), count(*) FILTER (WHERE s.finding = 'unclear'),
       count(*) FILTER (WHERE s.carved_out)
  FROM cases_subject s JOIN accounts_account a ON a.id = s.account_id WHERE s.case_id = %s
"""
_ROLLUPS = """
SELECT coalesce(max(r.highest_account_day), 0), min(r.first_day), max(r.last_day)
  FROM cases_casecluster k JOIN accounts_clusterrollup r ON r.cluster_id = k.cluster_id WHERE k.case_id = %s
"""
_ALERTS = """
SELECT count(*), count(DISTINCT a.detector_id), count(DISTINCT (a.detector_id, a.rule))
  FROM cases_casealert k JOIN alerts_alert a ON a.id = k.alert_id WHERE k.case_id = %s
"""
# Evidence and decisions are later stages; their rows are counted by name, as a page needs them on every tab.
_TABS = """
SELECT (SELECT count(*) FROM evidence_item WHERE case_id = %(c)s AND withdrawn_at IS NULL),
       (SELECT count(*) FROM cases_attribution WHERE case_id = %(c)s AND withdrawn_at IS NULL),
       (SELECT count(*) FROM cases_task WHERE case_id = %(c)s AND state = 'open'),
       (SELECT count(*) FROM cases_task WHERE case_id = %(c)s),
       (SELECT count(*) FROM cases_note WHERE case_id = %(c)s),
       (SELECT count(*) FROM decisions_decision WHERE case_id = %(c)s)
"""
_ARRIVALS = """
SELECT count(*) FROM cases_casecluster k
  JOIN accounts_membership m ON m.cluster_id = k.cluster_id AND m.left_run_id IS NULL AND m.told
 WHERE k.case_id = %(c)s
   AND NOT EXISTS (SELECT 1 FROM cases_subject s WHERE s.case_id = k.case_id AND s.account_id = m.account_id)
"""


def _one(sql: str, case: Case) -> tuple[int, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"c": case.pk} if "%(c)s" in sql else [case.pk])
        return tuple(cursor.fetchone() or ())


def get_case(viewer: Actor, *, ref: str) -> CaseView:
    """One case as its page shows it; a dozen queries, whatever the number of subjects. Raises `Refusal` 403, 404."""
    case = find_case(viewer, ref=ref)
    accounts, active, exchanges, none, violating, not_violating, unclear, carved = _one(_FIGURES, case)
    highest, first_day, last_day = _one(_ROLLUPS, case)
    alerts, detectors, rules = _one(_ALERTS, case)
    names = ("evidence", "attributions", "tasks_open", "tasks", "notes", "decisions")
    counts = dict(zip(names, _one(_TABS, case), strict=True)) | {"subjects": accounts, "alerts": alerts}
    scope = scope_of(case)
    may_work = can(viewer, Permission.CASE_WORK, scope)
    return CaseView(
        case=case,
        tiles=Tiles(
            accounts=accounts, active_accounts=active, exchanges=int(exchanges), alerts=alerts, detectors=detectors,
            rules=rules, highest_account_day=highest, first_day=first_day, last_day=last_day,  # type: ignore[arg-type]
        ),
        findings={"none": none, "violating": violating, "not_violating": not_violating, "unclear": unclear,
                  "carved_out": carved},
        counts=counts,
        blockers=blockers_of(case),
        assignees=list(case.assignments.filter(until=None).select_related("person").order_by("since")),
        moves=tuple(to for to in CASE_STATES.moves[case.state] if (case.state, to) in BY_HAND) if may_work else (),
        outcomes=_outcomes(viewer, case),
        arrivals=_one(_ARRIVALS, case)[0],
        may_work=may_work,
        may_submit=can(viewer, Permission.CASE_SUBMIT, scope) and case.state == "investigating",
    )  # fmt: skip


def _outcomes(viewer: Actor, case: Case) -> tuple[str, ...]:
    if not can(viewer, Permission.CASE_CLOSE, scope_of(case)) or not CASE_STATES.allows(case.state, "closed"):
        return ()
    return EARLY_OUTCOMES if case.state in EARLY else ("enforced",)


def case_timeline(viewer: Actor, *, case: Case, cursor: str = "", size: int = 50) -> Page[Event]:
    """What happened in a case, newest first."""
    require_in(viewer, Permission.CASE_VIEW, case)
    return page_of(Event.objects.filter(case_id=case.pk), order=["-id"], cursor=cursor, size=size)
