"""The alert queue as pages show it: saved views, filters from the address, and rows with their why line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import QueryDict

from accounts.models import Membership, MembershipBasis
from enforcement.alerts.models import Alert
from enforcement.alerts.selectors import OPEN_STATES, AlertFilters
from enforcement.audit.actors import Actor
from enforcement.web.shaping.days import series
from enforcement.web.shaping.words import identifier_words

# View -> title, its filters. The first is where the queue opens.
VIEWS: dict[str, tuple[str, AlertFilters]] = {
    "queue": ("Triage queue", AlertFilters(states=OPEN_STATES, metering=False)),
    "high": ("High and above", AlertFilters(states=OPEN_STATES, metering=False, severity_at_least=4)),
    "mine": ("Mine", AlertFilters(states=OPEN_STATES)),
    "resurfaced": ("Resurfaced", AlertFilters(resurfaced=True)),
    "unclustered": ("Without a cluster", AlertFilters(states=OPEN_STATES, metering=False, clustered=False)),
    "metering": ("Metering", AlertFilters(states=OPEN_STATES, metering=True)),
    "canary": ("Canary", AlertFilters(canary=True)),
    "all": ("All", AlertFilters()),
}
LONGEST_WHY = 52  # characters of reasons, so that the line stays one line at 1280 pixels
SORTS = (
    ("-severity", "Severity"),
    ("-last_seen", "Last seen"),
    ("last_seen", "Longest unseen"),
    ("-exchanges", "Most exchanges"),
    ("exchanges", "Fewest exchanges"),
)


@dataclass(frozen=True)
class AlertRow:
    """One row of the queue: the alert, why it stands in its group, and its last 45 days."""

    alert: Alert
    title: str
    cluster: str
    why: str
    daily: list[int]


def view_of(query: QueryDict) -> str:
    """The saved view that the address names; the triage queue for none or an unknown one."""
    asked = query.get("view", "")
    return asked if asked in VIEWS else "queue"


def filters_of(viewer: Actor, view: str, asked: Mapping[str, Any]) -> AlertFilters:
    """The view's filters, narrowed or replaced by what the filter form holds."""
    base = VIEWS[view][1]
    if view == "mine":
        base = replace(base, assignee=viewer.person_id or 0)
    changes: dict[str, Any] = {
        name: asked[name]
        for name in ("detector", "conduct", "account", "rule", "seen_from", "seen_until", "organization")
        if asked.get(name)
    }
    if asked.get("cluster"):
        changes |= {"cluster": asked["cluster"].strip().upper(), "clustered": None}
    if asked.get("state"):
        changes["states"] = tuple(asked["state"])
    if asked.get("severity") is not None:
        changes["severity_at_least"] = asked["severity"]
    if asked.get("age"):
        least, _, most = asked["age"].partition("-")
        changes["age_days"] = (int(least), int(most) if most else None)
    return replace(base, **changes)


def why_grouped(membership: Membership | None, basis: Sequence[MembershipBasis]) -> str:
    """The strongest reasons in one line: "payment pf-9c2e shared by 4 accounts, 18.4 bits"."""
    if membership is None:
        return "No cluster: nothing shared that links it"
    if not basis:
        return "confirmed by a person" if membership.role == "person" else f"{membership.bits:.1f} bits"
    first = basis[0]
    if first.bits >= 0.8 * membership.bits:
        others = first.cluster_holders + 1
        return f"{identifier_words(first.identifier)} shared by {others:,} accounts, {membership.bits:.1f} bits"
    named: dict[str, str] = {}
    for row in basis:
        named.setdefault(row.identifier.kind, identifier_words(row.identifier))
    kinds = list(named.values())[:3]
    while len(kinds) > 1 and len(", ".join(kinds)) > LONGEST_WHY:
        kinds.pop()
    words = kinds[0] if len(kinds) == 1 else f"{', '.join(kinds[:-1])} and {kinds[-1]}"
    return f"{words}, {membership.bits:.1f} bits"


def held_words(member: Membership) -> str:
    """What let a member in: its bits against its bar, a strong identifier on common days, or a person."""
    if member.role == "person":
        return "confirmed by a person"
    if member.bits >= member.bar_bits:
        return f"over a bar of {member.bar_bits:.1f}"
    return "by a strong identifier on common days"


def row_of(alert: Alert, days: list[date]) -> AlertRow:
    """A row from what `list_alerts` prefetched."""
    memberships = getattr(alert.account, "open_memberships", [])
    membership = memberships[0] if memberships else None
    basis = list(getattr(membership, "strongest", [])) if membership else []
    tally = alert.tally
    counts = [(row.day, row.exchanges or row.signals) for row in getattr(alert, "daily", [])]
    return AlertRow(
        alert=alert,
        title=tally.title or alert.rule,
        cluster=membership.cluster.ref if membership else "",
        why=why_grouped(membership, basis),
        daily=series(counts, days),
    )
