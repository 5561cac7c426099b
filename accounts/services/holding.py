"""What holds a cluster together, as pages and packets show it: cores, hubs, cuts, suggestions, members' sightings."""

from datetime import date
from pathlib import Path

import pyarrow as pa
from django.db import connection

from accounts.linking import LinkResult
from accounts.models import ClusterCore, ClusterCut, LinkRun, Membership, Suggestion
from enforcement.signals.duck import duck, literal

_HUB_LIMIT = 400


def write_cores(result: LinkResult, ids: dict[int, int]) -> None:
    """Replace what clusters grew from, and the identifiers of each core."""
    ClusterCore.objects.all().delete()
    made = ClusterCore.objects.bulk_create(
        [
            ClusterCore(
                cluster_id=ids[core.cluster],
                kinds=list(core.kinds),
                observed=core.observed,
                expected=core.expected,
                surprise_bits=core.surprise_bits,
                bar_bits=core.bar_bits,
                told=core.told,
            )
            for core in result.cores
            if core.cluster in ids
        ],
        batch_size=2_000,
    )
    known = [core for core in result.cores if core.cluster in ids]
    through = ClusterCore.identifiers.through
    through._default_manager.bulk_create(
        [
            through(clustercore_id=row.pk, identifier_id=identifier)
            for row, core in zip(made, known, strict=True)
            for identifier in core.identifiers
        ],
        batch_size=5_000,
    )


def write_hubs() -> None:
    """For each cluster the identifiers that its members share most, and how many other accounts hold them too."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_clusterhub")
        cursor.execute(
            "INSERT INTO accounts_clusterhub (cluster_id, identifier_id, members, others, bits, ignored) "
            "SELECT cluster_id, identifier_id, members, greatest(holders - members, 0), bits, false FROM ("
            "  SELECT m.cluster_id, b.identifier_id, count(*) AS members, avg(b.bits) AS bits, i.holders,"
            "    row_number() OVER (PARTITION BY m.cluster_id, i.kind ORDER BY count(*) DESC, b.identifier_id) AS place"
            "  FROM accounts_membershipbasis b JOIN accounts_membership m ON m.id = b.membership_id"
            "  JOIN accounts_identifier i ON i.id = b.identifier_id GROUP BY 1, 2, i.holders, i.kind) ranked "
            "WHERE place <= %s ORDER BY cluster_id, identifier_id",
            [_HUB_LIMIT],
        )


def write_cuts(run: LinkRun, result: LinkResult, ids: dict[int, int]) -> None:
    """What alone held two sides together and was cut."""
    ClusterCut.objects.bulk_create(
        ClusterCut(
            run=run,
            cluster_id=ids.get(cut.cluster),
            account_id=cut.number if cut.what == "account" else None,
            identifier_id=cut.number if cut.what == "identifier" else None,
            sizes=list(cut.sizes),
            why=f"This {cut.what} alone held parts of {' and '.join(map(str, cut.sizes))} members together.",
        )
        for cut in result.cuts
    )


def write_suggestions(run: LinkRun, result: LinkResult, ids: dict[int, int]) -> None:
    """What a person should look at; earlier runs' suggestions give way."""
    Suggestion.objects.exclude(run=run).delete()
    Suggestion.objects.bulk_create(
        Suggestion(
            run=run,
            kind=found.kind,
            cluster_id=ids.get(found.clusters[0]) if found.clusters else None,
            other_id=ids.get(found.clusters[1]) if len(found.clusters) > 1 else None,
            accounts=found.size,
            sample=list(found.accounts),
            bits=found.bits,
            why=found.reason,
        )
        for found in result.suggestions
    )


def write_sightings(sightings: Path) -> None:
    """Bring the sightings of cluster members from the archive into rows, the days as bits from the first one on."""
    members = pa.array(Membership.objects.filter(left_run=None).values_list("account_id", flat=True), pa.int64())
    with duck() as db, connection.cursor() as cursor:
        db.register("members", pa.table({"account": members}))
        rows = db.execute(
            "SELECT account, identifier, min(day), max(day), list(DISTINCT day ORDER BY day), sum(count)::BIGINT "
            f"FROM read_parquet({literal(sightings)}) SEMI JOIN members USING (account) GROUP BY 1, 2 ORDER BY 1, 2"
        )
        cursor.execute("DELETE FROM accounts_sighting")
        with cursor.copy(
            "COPY accounts_sighting (account_id, identifier_id, first_day, last_day, day_bits, times) FROM STDIN"
        ) as copy:
            while batch := rows.fetchmany(10_000):
                for account, identifier, first, last, days, times in batch:
                    copy.write_row((account, identifier, first, last, _bits(first, last, days), times))


def _bits(first: date, last: date, days: list[date]) -> bytes:
    """Days as bits, big-endian: bit 7 of byte 0 is `first`."""
    length = (last - first).days // 8 + 1
    bits = 0
    for day in days:
        bits |= 1 << (length * 8 - 1 - (day - first).days)
    return bits.to_bytes(length, "big")
