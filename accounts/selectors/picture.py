"""What the cluster picture draws, on the page and in the packet alike: places, hubs across them, and ties between both."""

from dataclasses import dataclass

from django.db import connection

from accounts.models import Cluster

# Place-like kinds in order of preference: members are packed into the strongest one that most of them have.
PLACE_KINDS = ("subnet", "asn", "ip")
HUB_KINDS = ("template", "schedule", "email_domain", "referral", "phone", "payment", "device")
PLACE_LIMIT = 12
HUB_LIMIT = 9


@dataclass(frozen=True)
class PicturePlace:
    """Members in one place-like identifier; `identifier` 0 gathers the rest. Each member stands in one place."""

    identifier: int
    kind: str
    value: str
    accounts: int
    active: int


@dataclass(frozen=True)
class PictureHub:
    """An identifier that members of several places share; `others` hold it outside the cluster."""

    identifier: int
    kind: str
    value: str
    accounts: int
    others: int
    bits: float


@dataclass(frozen=True)
class PictureTie:
    """Members of one place that hold one hub."""

    place: int
    hub: int
    accounts: int


@dataclass(frozen=True)
class Picture:
    """All of it; the largest places and hubs, the others folded or left out and said so by the counts."""

    places: tuple[PicturePlace, ...]
    hubs: tuple[PictureHub, ...]
    ties: tuple[PictureTie, ...]
    members: int
    hubs_left_out: int


_HOMES = """
CREATE TEMP TABLE picture_homes ON COMMIT DROP AS
WITH seen AS (
    SELECT m.account_id, s.identifier_id, i.kind, array_position(%s::text[], i.kind::text) AS rank, s.times
    FROM accounts_membership m JOIN accounts_sighting s ON s.account_id = m.account_id
    JOIN accounts_identifier i ON i.id = s.identifier_id
    WHERE m.cluster_id = %s AND m.left_run_id IS NULL AND i.kind = ANY(%s)),
sizes AS (SELECT identifier_id, count(*) AS members FROM seen GROUP BY 1),
best AS (SELECT DISTINCT ON (account_id) account_id, seen.identifier_id FROM seen JOIN sizes USING (identifier_id)
         ORDER BY account_id, rank, members DESC, identifier_id),
large AS (SELECT identifier_id FROM best GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT %s)
SELECT m.account_id, coalesce(large.identifier_id, 0) AS place
FROM accounts_membership m LEFT JOIN best ON best.account_id = m.account_id
LEFT JOIN large ON large.identifier_id = best.identifier_id
WHERE m.cluster_id = %s AND m.left_run_id IS NULL
"""
_PLACES = """
SELECT h.place, coalesce(i.kind, ''), coalesce(i.value, ''), count(*), count(*) FILTER (WHERE a.status = 'active')
FROM picture_homes h JOIN accounts_account a ON a.id = h.account_id LEFT JOIN accounts_identifier i ON i.id = h.place
GROUP BY 1, 2, 3 ORDER BY (h.place = 0), count(*) DESC, h.place
"""
_HUBS = """
SELECT h.identifier_id, i.kind, i.value, h.members, h.others, h.bits
FROM accounts_clusterhub h JOIN accounts_identifier i ON i.id = h.identifier_id
WHERE h.cluster_id = %s AND i.kind = ANY(%s) AND h.members >= %s
ORDER BY h.members DESC, h.identifier_id
"""
_TIES = """
SELECT h.place, s.identifier_id, count(*) FROM picture_homes h JOIN accounts_sighting s ON s.account_id = h.account_id
WHERE s.identifier_id = ANY(%s) GROUP BY 1, 2 ORDER BY 1, 2
"""


def picture_of(cluster: Cluster) -> Picture:
    """The picture's figures, computed from rows by a fixed number of statements; authorize before calling.

    Must run inside a transaction, which `ATOMIC_REQUESTS` or the caller gives: it uses one temporary table.
    """
    least = max(2, cluster.size // 50)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.picture_homes")
        cursor.execute(_HOMES, [list(PLACE_KINDS), cluster.pk, list(PLACE_KINDS), PLACE_LIMIT, cluster.pk])
        cursor.execute(_PLACES)
        places = tuple(PicturePlace(*row) for row in cursor.fetchall())
        cursor.execute(_HUBS, [cluster.pk, list(HUB_KINDS), least])
        hubs = [PictureHub(*row) for row in cursor.fetchall()]
        shown = tuple(hubs[:HUB_LIMIT])
        cursor.execute(_TIES, [[hub.identifier for hub in shown]])
        ties = tuple(PictureTie(*row) for row in cursor.fetchall())
    return Picture(places, shown, ties, sum(place.accounts for place in places), len(hubs) - len(shown))
