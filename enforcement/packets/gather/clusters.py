"""The clusters of a case as the page draws them, and every identifier that its members share."""

from datetime import date, datetime

from django.db.models import F, Max, Min

from accounts.models import Cluster as ClusterRow
from accounts.models import ClusterHub, Membership, Sighting
from accounts.selectors.clusters import sentences
from accounts.selectors.picture import Picture, picture_of
from enforcement.cases.models import Case
from enforcement.packets.document import Cluster, IdentifierRow, Place, Setting, SharedHub, Tie

# Values that name or lead to a person are shown as stored only where they are pseudonyms already.
_STRONG = ("payment", "phone", "device")


def clusters_of(case: Case, as_of: datetime) -> tuple[Cluster, ...]:
    """What the picture of each cluster draws; the same figures as the page's."""
    found = []
    for link in case.case_clusters.select_related("cluster").order_by("cluster__ref"):
        picture = picture_of(link.cluster)
        found.append(
            Cluster(
                ref=link.cluster.ref,
                as_of=as_of,
                accounts=picture.members,
                place_words="network ranges",
                places=tuple(
                    Place(
                        key=f"N-{number:02d}",
                        name=place.value or "other ranges",
                        accounts=place.accounts,
                        active=place.active,
                    )
                    for number, place in enumerate(picture.places, start=1)
                ),
                hubs=tuple(
                    SharedHub(key=_hub_key(hub.kind, hub.value), name=hub.value, kind=hub.kind, accounts=hub.accounts,
                              bits=round(hub.bits, 1))
                    for hub in picture.hubs
                ),
                ties=_ties(picture),
                left_out=_left_out(picture),
                examples=_examples(link.cluster),
            )
        )  # fmt: skip
    return tuple(found)


def _hub_key(kind: str, value: str) -> str:
    return f"{kind} {value}"


def _ties(picture: Picture) -> tuple[Tie, ...]:
    places = {place.identifier: f"N-{number:02d}" for number, place in enumerate(picture.places, start=1)}
    hubs = {hub.identifier: _hub_key(hub.kind, hub.value) for hub in picture.hubs}
    return tuple(
        Tie(place=places[tie.place], hub=hubs[tie.hub], accounts=tie.accounts)
        for tie in picture.ties
        if tie.place in places and tie.hub in hubs
    )


def _left_out(picture: Picture) -> str:
    if not picture.hubs_left_out:
        return ""
    return f"{picture.hubs_left_out:,} further identifiers, each shared by fewer members, are left out of the picture."


def _examples(cluster: ClusterRow) -> tuple[Setting, ...]:
    """One worked link in words for each kind of evidence: that of its strongest member, whose account is not named."""
    found: dict[str, Setting] = {}
    members = Membership.objects.filter(cluster=cluster, left_run=None).order_by("-bits", "id")[:400]
    for member in members.prefetch_related("basis__identifier"):
        basis = sorted(member.basis.all(), key=lambda row: (-row.bits, row.pk))
        if not basis:
            continue
        kind = basis[0].identifier.kind if basis[0].identifier.kind in _STRONG else "conjunction"
        if kind not in found:
            words = sentences(member, basis[:1] if kind in _STRONG else basis[:3])
            found[kind] = Setting(name=kind, value=" ".join(words))
    return tuple(found[kind] for kind in sorted(found))


def identifiers_of(case: Case) -> tuple[IdentifierRow, ...]:
    """Every identifier that two or more members share, with the days on which members were seen with it."""
    clusters = case.case_clusters.values("cluster")
    hubs = (
        ClusterHub.objects.filter(cluster__in=clusters, members__gte=2)
        .select_related("identifier", "cluster")
        .order_by("identifier__kind", "-members", "identifier__value", "id")
    )
    drawn = {
        (link.cluster_id, hub.identifier) for link in case.case_clusters.select_related("cluster")
        for hub in picture_of(link.cluster).hubs
    }  # fmt: skip
    days = _days(case)
    return tuple(
        IdentifierRow(
            mark=hub.identifier.value if (hub.cluster_id, hub.identifier_id) in drawn else "",
            kind=hub.identifier.kind,
            value=hub.identifier.value,
            cluster=hub.cluster.ref,
            members=hub.members,
            holders=hub.members + hub.others,
            bits=round(hub.bits, 1),
            first_day=days.get((hub.cluster_id, hub.identifier_id), (None, None))[0],
            last_day=days.get((hub.cluster_id, hub.identifier_id), (None, None))[1],
        )
        for hub in hubs
    )


def _days(case: Case) -> dict[tuple[int, int], tuple[date, date]]:
    rows = (
        Sighting.objects.filter(
            account__memberships__cluster__in=case.case_clusters.values("cluster"), account__memberships__left_run=None
        )
        .values("identifier_id", cluster=F("account__memberships__cluster_id"))
        .annotate(first=Min("first_day"), last=Max("last_day"))
    )
    return {(row["cluster"], row["identifier_id"]): (row["first"], row["last"]) for row in rows}
