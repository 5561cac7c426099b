"""A decision as its page shows it: what is frozen, what it falls on, who must agree."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from enforcement.decisions.models import Decision, Target
from enforcement.decisions.selectors import DecisionView, ImpactGroups
from enforcement.staff.roles import Role
from enforcement.web.shaping.cases import short_why, tab_url
from enforcement.web.templatetags.figures import counted, words_list
from enforcement.web.templatetags.states import look_of

KIND_DONE = {
    "warn": "warned", "rate_limit": "rate-limited", "restrict": "restricted", "suspend": "suspended",
    "terminate": "terminated", "refuse_signup": "refused sign-up",
}  # fmt: skip
_COVERED = (
    ("targets", "target"), ("findings", "finding"), ("evidence", "evidence hash,evidence hashes"), ("clauses", "clause"),
    ("attributions", "attribution"),
)  # fmt: skip


def covers_words(view: DecisionView) -> str:
    """171 targets, 250 findings, 3 evidence hashes, 2 clauses, 1 attribution, 1 action, 1 notice text."""
    return ", ".join([*(counted(view.covers[key], noun) for key, noun in _COVERED), "1 action", "1 notice text"])


def left_out_of(view: DecisionView) -> list[dict[str, Any]]:
    """Findings that no action falls on, each leading to its subjects."""
    url = tab_url(view.decision.case.ref, "subjects")
    words = {"unclear": "unclear", "not_violating": "not violating"}
    return [
        {"count": count, "words": words[name], "url": f"{url}?finding={name}"} for name, count in view.left_out.items()
    ]


def impact_rows(view: DecisionView) -> list[dict[str, Any]]:
    """The table of what it would do: totals."""
    decision, impact = view.decision, view.impact
    url = reverse("web:decision_targets", args=[decision.case.ref, decision.round])
    rows: list[dict[str, Any]] = [
        {"what": "Accounts", "count": impact.accounts, "url": f"{url}?dropped=no", "strong": True},
        {"what": "Exchanges drawn by them", "count": impact.exchanges},
        {"what": "Active accounts", "count": impact.active},
        {"what": "Seen in the last 24 h", "count": impact.active_last_day, "warn": impact.active_last_day > 0},
        {"what": "Organizations that they declare", "count": impact.organizations_declared},
        {"what": "On zero-retention or regulated content terms", "count": impact.other_content_terms,
         "warn": impact.other_content_terms > 0},
    ]  # fmt: skip
    if view.dropped:
        rows.append({"what": "Dropped since", "count": view.dropped, "url": f"{url}?dropped=yes", "warn": True})
    return rows


def grouped_rows(groups: ImpactGroups) -> list[list[dict[str, Any]]]:
    """The same targets by status and plan, and beside that by declared organization: two columns of tables."""
    more = max(groups.organizations_total - len(groups.organizations), 0)
    status = {"title": "By status", "what": "Account now",
              "rows": [(look_of("account", row.name).word, row) for row in groups.statuses]}  # fmt: skip
    plan = {"title": "By plan", "what": "Plan", "rows": [(row.name or "None known", row) for row in groups.plans]}
    names = [(row.name or "None declared", row) for row in groups.organizations]
    organization = {"title": "By declared organization", "what": "Organization", "rows": names, "more": more}
    return [[status, plan], [organization]]


def basis_words(target: Target) -> str:
    """What the finding of a target rests on: clauses, and alerts by rule or an extract."""
    clauses, extracts = set(), set()
    rules: dict[str, set[str]] = {}
    for row in target.subject.basis.all():
        clauses.add(row.clause.number)
        if row.alert is not None:
            rules.setdefault(row.alert.detector.slug, set()).add(row.alert.rule)
        if row.extract_id is not None:
            extracts.add(row.extract_id)
    if not clauses:
        return "no basis is left"
    held = [f"{slug} {', '.join(sorted(names))}" for slug, names in sorted(rules.items())]
    held += [counted(len(extracts), "extract") + " of its own rows"] if extracts else []
    return f"breaks {words_list(sorted(clauses))}: {'; '.join(held)}"


def sample_of(view: DecisionView, *, size: int) -> list[dict[str, Any]]:
    """The first `size` of the drawn sample, with their basis in words."""
    return [
        {"target": target, "basis": basis_words(target), "why": short_why(target.subject.why_in)}
        for target in view.sample[:size]
    ]


def who_must_agree(view: DecisionView) -> list[dict[str, Any]]:
    """Who gave an approval, and how many of which role are still asked for."""
    decision = view.decision
    rows = [{"name": row.person.name, "note": row.at, "met": True, "reason": row.reason} for row in view.approvals]
    left = max(decision.approvals_needed - len(view.approvals), 0) if decision.state == "submitted" else 0
    roles = words_list(sorted({Role(rule.role).label.lower() for rule in view.rules})) if view.rules else "reviewer"
    return [*rows, *({"name": f"A {roles} without a part in the case", "met": False} for _ in range(left))]


def rules_words(view: DecisionView) -> list[str]:
    """Each rule in force for it, in words."""
    return [
        f"{rule.name}: from {counted(rule.targets_at_least, 'target')}, {counted(rule.approvers, 'person,people')} of role "
        f"{Role(rule.role).label.lower()}"
        for rule in view.rules
    ]


def waiting_first(rows: Sequence[Decision], waiting: dict[int, str]) -> list[dict[str, Any]]:
    """A page of decisions, those that the viewer may decide first; each says for whom it waits."""
    shaped = [{"row": row, "waits": waiting.get(row.pk), "mine": waiting.get(row.pk) == ""} for row in rows]
    return sorted(shaped, key=lambda one: not one["mine"])
