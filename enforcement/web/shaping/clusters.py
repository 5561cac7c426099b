"""The cluster page: its picture, tiles and members in words."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from accounts.models import Cluster, ClusterRollup, Membership, MembershipBasis
from accounts.selectors import ClusterView
from accounts.selectors.picture import Picture
from enforcement.cases.measures import measures_of
from enforcement.packets import pictures
from enforcement.web.shaping.alerts import why_grouped
from enforcement.web.templatetags.figures import bits as bits_words
from enforcement.web.templatetags.figures import counted, full, short
from enforcement.web.templatetags.times import day_range


def picture_view(cluster: Cluster, picture: Picture, *, as_of: date) -> pictures.ClusterView:
    """What the picture draws: the figures that `picture_of` computed, named and keyed as the packet does."""
    shown = [(one.identifier, one.kind, one.value) for one in picture.places if one.identifier]
    shown += [(one.identifier, one.kind, one.value) for one in picture.hubs]
    called = pictures.marks_of([(kind, value) for _, kind, value in shown])
    marks = {0: "other ranges"} | dict(zip((key for key, _, _ in shown), called, strict=True))
    keys = {identifier: mark.replace(" ", "-") for identifier, mark in marks.items()}
    return pictures.ClusterView(
        ref=cluster.ref,
        as_of=as_of,
        accounts=picture.members,
        groups=[
            pictures.Group(keys[one.identifier], marks[one.identifier], one.accounts, one.active, one.value)
            for one in picture.places
        ],
        hubs=[
            pictures.Hub(keys[one.identifier], marks[one.identifier], one.kind, one.accounts, one.bits, one.value)
            for one in picture.hubs
        ],
        ties=[pictures.Tie(keys[tie.place], keys[tie.hub], tie.accounts) for tie in picture.ties],
        left_out=_left_out(picture.hubs_left_out),
    )


def _left_out(count: int) -> str:
    if not count:
        return ""
    return f"{counted(count, 'smaller identifier')} held across it {'is' if count == 1 else 'are'} not drawn."


def tiles_of(view: ClusterView, *, bar: float) -> list[dict[str, Any]]:
    """The strip of figures; each leads to the part of the page that shows where it comes from."""
    cluster, rollup = view.cluster, view.rollup or ClusterRollup()
    measures = measures_of(rollup)
    ended = rollup.accounts - rollup.active_accounts
    over = cluster.weakest_bits - bar
    return [
        {
            "label": "Accounts", "figure": full(cluster.size), "url": "#members",
            "note": f"{rollup.active_accounts:,} active, {ended:,} no longer",
        },
        {
            "label": "Exchanges", "figure": short(rollup.exchanges), "url": "#growth",
            "note": str(day_range(rollup.first_day, rollup.last_day)),
        },
        {
            "label": "Each account, a day", "figure": f"{measures.exchanges_per_account_day:.1f}", "url": "#growth",
            "note": f"highest {rollup.highest_account_day:,} on one day",
        },
        {
            "label": "Alerts", "figure": full(rollup.alerts), "url": f"/alerts/?view=all&cluster={cluster.ref}",
            "note": f"{rollup.flagged_accounts:,} accounts flagged for conduct",
        },
        {
            "label": "Weakest member", "figure": bits_words(cluster.weakest_bits), "url": "#members",
            "note": f"{over:.1f} over its bar" if over >= 0 else "held by a strong identifier",
            "tone": "warn" if 0 <= over < 1 else "",
        },
    ]  # fmt: skip


def member_rows(members: Sequence[Membership], basis: Mapping[int, Sequence[MembershipBasis]]) -> list[dict[str, Any]]:
    """A row for each member with its reasons in one line."""
    return [{"member": one, "why": why_grouped(one, basis.get(one.pk, ()))} for one in members]
