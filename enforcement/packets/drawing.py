"""The cluster picture of the packet: the same shapes as on the page, in the colours of paper."""

from __future__ import annotations

from dataclasses import dataclass

from enforcement.packets.document import Cluster
from enforcement.packets.pictures import ClusterView, Group, Hub, Ignored, Tie, cluster_picture, for_paper
from enforcement.packets.pictures.cluster import accounts_per_dot, folded
from enforcement.packets.visible import visible


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """An SVG with what the text around it says; `words` are the values that a reader takes from it."""

    svg: str
    words: str
    accounts_a_dot: int
    hubs: int


def view_of(cluster: Cluster) -> ClusterView:
    """The picture's own data, with every name made drawable."""
    return ClusterView(
        ref=visible(cluster.ref),
        as_of=cluster.as_of.date(),
        accounts=cluster.accounts,
        groups=[Group(p.key, visible(p.name), p.accounts, p.active, visible(p.detail)) for p in cluster.places],
        hubs=[Hub(h.key, visible(h.name), h.kind, h.accounts, h.bits) for h in cluster.hubs],
        ties=[Tie(t.place, t.hub, t.accounts) for t in cluster.ties],
        ignored=[Ignored(i.key, visible(i.name), i.kind, i.accounts, i.bystanders) for i in cluster.ignored],
        left_out=visible(cluster.left_out),
    )


def drawing_of(cluster: Cluster) -> Drawing:
    """Draw one cluster for print. The same cluster gives the same SVG."""
    view = view_of(cluster)
    drawn = cluster_picture(view, key="picture", links=False)
    groups, hubs, _ = folded(view)
    per_dot = accounts_per_dot(view.accounts)
    places = "; ".join(f"{group.name} {group.accounts:,}" for group in groups)
    shared = "; ".join(f"{hub.name} {hub.accounts:,} accounts at {hub.bits:.1f} bits" for hub in hubs)
    words = f"{view.accounts:,} accounts, one dot for {per_dot:,}, in {len(groups)} {cluster.place_words}: {places}."
    words += f" Shared across them: {shared}." if hubs else " No identifier is shared across them."
    for row in view.ignored[:3]:
        words += f" {row.name} is ignored: {row.bystanders:,} accounts outside the cluster hold it too."
    return Drawing(svg=for_paper(drawn), words=words, accounts_a_dot=per_dot, hubs=len(hubs))
