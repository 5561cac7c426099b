"""The clusters of a case as the page draws them, and every identifier that its members share."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db.models import F, Max, Min, Q

from accounts.models import Cluster as ClusterRow
from accounts.models import ClusterHub, Identifier, Membership, Sighting
from accounts.selectors.clusters import sentences
from accounts.selectors.picture import Picture, picture_of
from enforcement.cases.models import Case
from enforcement.packets.document import Cluster, IdentifierRow, Place, Setting, SharedHub, Tie
from enforcement.packets.document_records import Redaction
from enforcement.packets.pictures.cluster import MOST_HUBS
from enforcement.packets.pictures.marks import marks_of

_STRONG = ("payment", "phone", "device")
# Kinds whose values stand for a person as they are stored; the rest are pseudonyms or shared by many.
_REDACTED = ("phone",)
REDACTION = "R-001"


@dataclass(frozen=True)
class Drawn:
    """A cluster of the case with its picture's figures and the mark of each identifier in it, by identifier id."""

    cluster: ClusterRow
    picture: Picture
    marks: dict[int, str]


def drawn_clusters(case: Case) -> tuple[Drawn, ...]:
    """Every cluster of the case with marks that run through the packet: no two identifiers have the same."""
    found: list[Drawn] = []
    taken: list[str] = []
    for link in case.case_clusters.select_related("cluster").order_by("cluster__ref"):
        picture = picture_of(link.cluster)
        hubs = picture.hubs[:MOST_HUBS]
        picture = replace(picture, hubs=hubs, hubs_left_out=picture.hubs_left_out + len(picture.hubs) - len(hubs))
        shown = [(place.identifier, place.kind, place.value) for place in picture.places if place.identifier]
        shown += [(hub.identifier, hub.kind, hub.value) for hub in hubs]
        marks = marks_of([(kind, value) for _, kind, value in shown], taken=taken)
        taken += marks
        found.append(Drawn(link.cluster, picture, dict(zip((key for key, _, _ in shown), marks, strict=True))))
    return tuple(found)


def clusters_of(drawn: tuple[Drawn, ...], as_of: datetime) -> tuple[Cluster, ...]:
    """What the picture of each cluster draws; the same figures as the page's."""
    return tuple(
        Cluster(
            ref=one.cluster.ref,
            as_of=as_of,
            accounts=one.picture.members,
            place_words="network ranges",
            places=_places(one),
            hubs=tuple(
                SharedHub(key=one.marks[hub.identifier], name=one.marks[hub.identifier], kind=hub.kind,
                          accounts=hub.accounts, bits=round(hub.bits, 1))
                for hub in one.picture.hubs
            ),
            ties=_ties(one),
            left_out=_left_out(one.picture),
            examples=_examples(one.cluster),
        )
        for one in drawn
    )  # fmt: skip


def _places(one: Drawn) -> tuple[Place, ...]:
    return tuple(
        Place(
            key=one.marks.get(place.identifier, "other"),
            name=one.marks.get(place.identifier, "other ranges"),
            accounts=place.accounts,
            active=place.active,
            detail=place.value,
        )
        for place in one.picture.places
    )


def _ties(one: Drawn) -> tuple[Tie, ...]:
    places = {place.identifier for place in one.picture.places}
    hubs = {hub.identifier for hub in one.picture.hubs}
    return tuple(
        Tie(place=one.marks.get(tie.place, "other"), hub=one.marks[tie.hub], accounts=tie.accounts)
        for tie in one.picture.ties
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
            words = " ".join(sentences(member, basis[:1] if kind in _STRONG else basis[:3]))
            for row in basis:
                if row.identifier.kind in _REDACTED:
                    words = words.replace(row.identifier.value, f"[{REDACTION}]")
            found[kind] = Setting(name=kind, value=words)
    return tuple(found[kind] for kind in sorted(found))


def identifiers_of(case: Case, drawn: tuple[Drawn, ...]) -> tuple[IdentifierRow, ...]:
    """Every identifier that two or more members share, with the days on which members were seen with it."""
    hubs = (
        ClusterHub.objects.filter(cluster__in=case.case_clusters.values("cluster"), members__gte=2)
        .select_related("identifier", "cluster")
        .order_by("identifier__kind", "-members", "identifier__value", "id")
    )
    marks = {(one.cluster.pk, key): mark for one in drawn for key, mark in one.marks.items()}
    days = _days(case)
    hidden = {hub.identifier_id for hub in hubs if hub.identifier.kind in _REDACTED}
    names = {key: f"{REDACTION}-{number:02d}" for number, key in enumerate(sorted(hidden), start=1)}
    return tuple(
        IdentifierRow(
            mark=marks.get((hub.cluster_id, hub.identifier_id), ""),
            kind=hub.identifier.kind,
            value=names.get(hub.identifier_id, hub.identifier.value),
            cluster=hub.cluster.ref,
            members=hub.members,
            holders=hub.members + hub.others,
            bits=round(hub.bits, 1),
            first_day=days.get((hub.cluster_id, hub.identifier_id), (None, None))[0],
            last_day=days.get((hub.cluster_id, hub.identifier_id), (None, None))[1],
        )
        for hub in hubs
    )


def redacted_values(case: Case) -> tuple[str, ...]:
    """Values that the packet leaves out wherever they would stand: telephone numbers that members share or held alone."""
    clusters = case.case_clusters.values("cluster")
    subjects = case.subjects.values("account")
    found = Identifier.objects.filter(kind__in=_REDACTED).filter(
        Q(pk__in=ClusterHub.objects.filter(cluster__in=clusters).values("identifier"))
        | Q(pk__in=Sighting.objects.filter(account__in=subjects).values("identifier"))
    )
    return tuple(found.order_by("value").values_list("value", flat=True).distinct())


def redactions_of(identifiers: tuple[IdentifierRow, ...]) -> tuple[Redaction, ...]:
    """One entry for the telephone numbers left out, none where no two members share one."""
    count = sum(row.kind in _REDACTED for row in identifiers)
    if not count:
        return ()
    return (
        Redaction(
            number=REDACTION,
            kind="identifier value",
            what="telephone numbers shared by members",
            how_much="1 number" if count == 1 else f"{count:,} numbers",
            how=f"replaced by {REDACTION}-01 and on, in no order of the numbers",
            ground="personal data; a link can be followed without it",
            where="Section 5, identifiers.csv",
        ),
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
