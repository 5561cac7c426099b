"""What stands in the way of submitting or closing, in words and with its remedy; and counting the part of this stage.

Rows of `Blocker` are written by the stage that knows (`source`), in the transaction of the write that changed it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection

from enforcement.cases.models import Blocker, Case


@dataclass(frozen=True, slots=True)
class Words:
    """How a blocker reads: `one` for a count of 1, `many` with {count}.

    The remedy, and the part of the case it is in.
    """

    one: str
    many: str
    remedy: str
    place: str


@dataclass(frozen=True, slots=True)
class BlockerView:
    """One blocker as pages show it. `place` is a tab of the case page (subjects, policy, tasks, evidence, actions)."""

    code: str
    transition: str
    source: str
    count: int
    sentence: str
    remedy: str
    place: str


WORDS: dict[str, Words] = {
    "subjects.none": Words(
        "The case has no subject.", "The case has no subject.", "Add accounts or a cluster…", "subjects"
    ),
    "findings.missing": Words(
        "1 subject has no finding.", "{count:,} subjects have no finding.", "Set findings…", "subjects"
    ),
    "findings.no_basis": Words(
        "1 violating subject has no conduct of its own under the pinned policy version.",
        "{count:,} violating subjects have no conduct of their own under the pinned policy version.",
        "Set findings…",
        "subjects",
    ),
    "findings.none_violating": Words(
        "No subject is found violating, so there is nothing to propose.",
        "No subject is found violating, so there is nothing to propose.",
        "Set findings…",
        "subjects",
    ),
    "policy.not_pinned": Words(
        "No policy version is pinned.", "No policy version is pinned.", "Pin a version…", "policy"
    ),
    "policy.not_in_force": Words(
        "1 violating subject has conduct on days when the pinned policy version was not in force.",
        "{count:,} violating subjects have conduct on days when the pinned policy version was not in force.",
        "Pin another version…",
        "policy",
    ),
    "tasks.open": Words("1 task is open.", "{count:,} tasks are open.", "Finish or waive…", "tasks"),
    "evidence.none": Words(
        "The case has no evidence item.", "The case has no evidence item.", "Add evidence…", "evidence"
    ),
    "evidence.unhashed": Words(
        "1 evidence item is not hashed, or its bytes no longer match.",
        "{count:,} evidence items are not hashed, or their bytes no longer match.",
        "Re-check evidence…",
        "evidence",
    ),
    "actions.pending": Words(
        "1 target of an action is not finished.",
        "{count:,} targets of actions are not finished.",
        "See actions",
        "actions",
    ),
    "notices.open": Words(
        "1 notice is neither sent nor waived.",
        "{count:,} notices are neither sent nor waived.",
        "Send or waive notices…",
        "actions",
    ),
}
_UNKNOWN = Words("{code} stands in the way.", "{code} stands in the way ({count:,}).", "See the case", "overview")

# One pass over the subjects and their basis. Conduct dates are those of the alerts a finding rests on.
_COUNTS = """
WITH basis AS (
    SELECT b.subject_id,
           bool_or(c.version_id = k.policy_version_id
                   AND (b.alert_id IS NULL OR a.state NOT IN ('dismissed', 'duplicate'))) AS under_pinned,
           min(t.first_seen_at) FILTER (WHERE c.version_id = k.policy_version_id) AS first_at,
           max(t.last_seen_at) FILTER (WHERE c.version_id = k.policy_version_id) AS last_at
      FROM cases_findingbasis b
      JOIN cases_case k ON k.id = b.case_id
      JOIN policies_clause c ON c.id = b.clause_id
      LEFT JOIN alerts_alert a ON a.id = b.alert_id
      LEFT JOIN alerts_alerttally t ON t.alert_id = b.alert_id
     WHERE b.case_id = %(case)s
     GROUP BY b.subject_id
)
SELECT count(*),
       count(*) FILTER (WHERE s.finding = ''),
       count(*) FILTER (WHERE s.finding = 'violating'),
       count(*) FILTER (WHERE s.finding = 'violating' AND basis.under_pinned IS NOT TRUE),
       count(*) FILTER (WHERE s.finding = 'violating' AND v.id IS NOT NULL
                          AND ((basis.first_at AT TIME ZONE 'UTC')::date < v.in_force_from
                               OR (basis.last_at AT TIME ZONE 'UTC')::date > v.in_force_until)),
       (SELECT count(*) FROM cases_task WHERE case_id = %(case)s AND state = 'open')
  FROM cases_subject s
  JOIN cases_case k ON k.id = s.case_id
  LEFT JOIN policies_policyversion v ON v.id = k.policy_version_id
  LEFT JOIN basis ON basis.subject_id = s.id
 WHERE s.case_id = %(case)s
"""


def refresh_blockers(case: Case) -> None:
    """Count again what this stage knows to block submitting `case`, and write the rows.

    Call it in the same transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"case": case.pk})
        subjects, missing, violating, no_basis, not_in_force, tasks = cursor.fetchone() or (0,) * 6
        cursor.execute("SELECT policy_version_id FROM cases_case WHERE id = %s", [case.pk])
        pinned = (cursor.fetchone() or (None,))[0]
    write_blockers(
        case,
        transition="submit",
        source="cases",
        counts={
            "subjects.none": int(subjects == 0),
            "findings.missing": missing,
            "findings.none_violating": int(subjects > 0 and missing == 0 and violating == 0),
            "findings.no_basis": no_basis if pinned else 0,
            "policy.not_pinned": int(pinned is None),
            "policy.not_in_force": not_in_force,
            "tasks.open": tasks,
        },
    )


def write_blockers(case: Case, *, transition: str, source: str, counts: Mapping[str, int]) -> None:
    """Make the rows of one source and transition say exactly `counts`; a count of 0 removes its row."""
    standing = {code: count for code, count in counts.items() if count > 0}
    rows = Blocker.objects.filter(case=case, transition=transition, source=source)
    rows.exclude(code__in=standing).delete()
    Blocker.objects.bulk_create(
        [Blocker(case=case, transition=transition, source=source, code=c, count=n) for c, n in standing.items()],
        update_conflicts=True,
        unique_fields=["case", "transition", "source", "code"],
        update_fields=["count"],
    )


def set_blocker(case: Case, *, transition: str, source: str, code: str, count: int) -> None:
    """Say that `count` things of `source` stand in the way of `transition` (submit or close); 0 removes the row."""
    rows = Blocker.objects.filter(case=case, transition=transition, source=source, code=code)
    if count <= 0:
        rows.delete()
        return
    Blocker.objects.update_or_create(
        case=case, transition=transition, source=source, code=code, defaults={"count": count}
    )


def in_words(blocker: Blocker) -> BlockerView:
    """A blocker row as a sentence with its remedy."""
    words = WORDS.get(blocker.code, _UNKNOWN)
    text = words.one if blocker.count == 1 else words.many
    return BlockerView(
        code=blocker.code,
        transition=blocker.transition,
        source=blocker.source,
        count=blocker.count,
        sentence=text.format(count=blocker.count, code=blocker.code),
        remedy=words.remedy,
        place=words.place,
    )


def blockers_of(case: Case, *, transition: str = "") -> list[BlockerView]:
    """What stands in the way, in the order of the table above."""
    rows = Blocker.objects.filter(case=case)
    rows = rows.filter(transition=transition) if transition else rows
    place = {code: number for number, code in enumerate(WORDS)}
    return [in_words(row) for row in sorted(rows, key=lambda row: (place.get(row.code, 99), row.code))]
