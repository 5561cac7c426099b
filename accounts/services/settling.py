"""From a run's result to lasting clusters: ids survive growth; merges and splits leave aliases; nothing is overwritten."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import connection

from accounts.linking import LinkResult
from accounts.models import Cluster, ClusterAlias, LinkRun, Membership
from accounts.services.gathering import accounts_in
from accounts.services.holding import write_cores, write_cuts, write_hubs, write_sightings, write_suggestions
from enforcement.audit.refs import plain_ref

_MEMBER_COLUMNS = (
    "cluster_id",
    "account_id",
    "role",
    "bits",
    "bar_bits",
    "expected_strangers",
    "days_matched",
    "days_active",
)
_ROLES = {"core": "core", "joined": "joined", "confirmed": "person"}


def settle(*, run: LinkRun, result: LinkResult, sightings: Path) -> dict[str, Any]:
    """Write clusters, memberships, their basis and what the pictures draw; gives the figures of what changed.

    Call inside a transaction. A cluster of this run continues the earlier cluster that it shares most accounts with;
    the earlier one's id, name and case go on with it.
    """
    before = _open_memberships()
    found = _memberships(result)
    ids, kept = _continue_clusters(run, result.cluster_count, before, found)
    moved = _write_memberships(run, result, ids)
    ended = _end_clusters(run, before, found, ids, kept)
    write_basis(result)
    write_cores(result, ids)
    write_hubs()
    write_cuts(run, result, ids)
    write_suggestions(run, result, ids)
    _refresh_clusters(run, ids)
    write_sightings(sightings)
    return {
        "clusters": len(ids),
        "members": len(found),
        "accounts_seen": accounts_in(sightings),
        "ended": ended,
        **moved,
    }


def _open_memberships() -> dict[int, int]:
    return dict(Membership.objects.filter(left_run=None).values_list("account_id", "cluster_id"))


def _memberships(result: LinkResult) -> dict[int, int]:
    return result.membership()


def _continue_clusters(
    run: LinkRun, count: int, before: dict[int, int], found: dict[int, int]
) -> tuple[dict[int, int], dict[int, int]]:
    """(run's cluster number -> lasting id, lasting id -> run's cluster number), by the largest overlap first."""
    overlaps: dict[tuple[int, int], int] = {}
    for account, old in before.items():
        new = found.get(account)
        if new is not None:
            overlaps[old, new] = overlaps.get((old, new), 0) + 1
    ids: dict[int, int] = {}
    kept: dict[int, int] = {}
    for (old, new), _ in sorted(overlaps.items(), key=lambda item: (-item[1], item[0])):
        if old not in kept and new not in ids:
            kept[old], ids[new] = new, old
    fresh = [number for number in range(1, count + 1) if number not in ids]
    last = Cluster.objects.order_by("-id").values_list("id", flat=True).first() or 0
    made = Cluster.objects.bulk_create(
        [Cluster(ref=plain_ref("CL", last + place + 1), first_run=run, last_run=run) for place in range(len(fresh))]
    )
    for number, cluster in zip(fresh, made, strict=True):
        ids[number] = cluster.pk
        parents = {old for (old, new) in overlaps if new == number}
        for old in sorted(parents):
            ClusterAlias.objects.create(cluster=cluster, was_id=old, kind="split", run=run)
    return ids, kept


def _write_memberships(run: LinkRun, result: LinkResult, ids: dict[int, int]) -> dict[str, int]:
    members = result.members
    lasting = np.array([0, *(ids[number] for number in range(1, result.cluster_count + 1))], dtype=np.int64)
    clusters = lasting[members["cluster"].to_numpy()] if len(members) else np.empty(0, dtype=np.int64)
    roles = [_ROLES[role] for role in members["role"].to_pylist()]
    table = members.set_column(0, "cluster_id", pa.array(clusters)).to_pydict()
    table["role"] = roles
    columns = [table["cluster_id"], *(table[name.removesuffix("_id")] for name in _MEMBER_COLUMNS[1:])]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE found_members (cluster_id bigint, account_id bigint PRIMARY KEY, role text, bits float8, "
            "bar_bits float8, expected_strangers float8, days_matched int, days_active int) ON COMMIT DROP"
        )
        with cursor.copy(f"COPY found_members ({', '.join(_MEMBER_COLUMNS)}) FROM STDIN") as copy:
            for row in zip(*columns, strict=True):
                copy.write_row(row)
        cursor.execute(
            "UPDATE accounts_membership m SET left_run_id = %s, left_at = now() WHERE m.left_run_id IS NULL AND NOT EXISTS "
            "(SELECT 1 FROM found_members f WHERE f.account_id = m.account_id AND f.cluster_id = m.cluster_id)",
            [run.pk],
        )
        left = cursor.rowcount
        cursor.execute(
            "UPDATE accounts_membership m SET role = f.role, bits = f.bits, bar_bits = f.bar_bits, "
            "expected_strangers = f.expected_strangers, days_matched = f.days_matched, days_active = f.days_active "
            "FROM found_members f WHERE m.left_run_id IS NULL AND m.account_id = f.account_id AND (m.role, m.bits, "
            "m.bar_bits, m.days_matched, m.days_active) IS DISTINCT FROM (f.role, f.bits, f.bar_bits, f.days_matched, f.days_active)"
        )
        cursor.execute(
            "INSERT INTO accounts_membership (cluster_id, account_id, role, bits, bar_bits, expected_strangers, "
            "days_matched, days_active, told, joined_run_id, joined_at) SELECT f.*, true, %s, now() FROM found_members f "
            "WHERE NOT EXISTS (SELECT 1 FROM accounts_membership m WHERE m.account_id = f.account_id AND "
            "m.left_run_id IS NULL) ORDER BY f.account_id",
            [run.pk],
        )
        joined = cursor.rowcount
        cursor.execute("DROP TABLE found_members")
        return {"joined": joined, "left": left}


def _end_clusters(
    run: LinkRun, before: dict[int, int], found: dict[int, int], ids: dict[int, int], kept: dict[int, int]
) -> int:
    """Earlier clusters that nobody continues: merged where their accounts went to one, else dissolved."""
    gone = sorted(set(before.values()) - set(kept))
    for old in gone:
        homes = sorted({ids[found[account]] for account, was in before.items() if was == old and account in found})
        for home in homes:
            ClusterAlias.objects.create(cluster_id=home, was_id=old, kind="merge", run=run)
        Cluster.objects.filter(pk=old).update(state="merged" if homes else "dissolved", size=0, last_run=run)
    return len(gone)


def write_basis(result: LinkResult) -> None:
    """Replace the reasons of every open membership by this run's."""
    basis = result.basis
    names = ("account", "identifier", "first_day", "last_day", "days", "bits", "holders", "members", "expected", "told")
    columns = [basis[name].to_pylist() for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE found_basis (account_id bigint, identifier_id bigint, first_day date, last_day date, days int,"
            " bits float8, holders float8, cluster_holders int, expected float8, told bool) ON COMMIT DROP"
        )
        with cursor.copy("COPY found_basis FROM STDIN") as copy:
            for row in zip(*columns, strict=True):
                copy.write_row(row)
        cursor.execute("DELETE FROM accounts_membershipbasis")
        cursor.execute(
            "INSERT INTO accounts_membershipbasis (membership_id, identifier_id, first_day, last_day, days, bits, holders, "
            "cluster_holders, expected, told) SELECT m.id, b.identifier_id, b.first_day, b.last_day, b.days, b.bits, "
            "b.holders, b.cluster_holders, b.expected, b.told FROM found_basis b JOIN accounts_membership m "
            "ON m.account_id = b.account_id AND m.left_run_id IS NULL ORDER BY m.id, b.bits DESC, b.identifier_id"
        )
        cursor.execute("DROP TABLE found_basis")
        # A membership is told when a told reason holds it; people's own confirmations need none.
        cursor.execute(
            "UPDATE accounts_membership m SET told = t.told FROM (SELECT membership_id, bool_or(told) AS told FROM "
            "accounts_membershipbasis GROUP BY 1) t WHERE t.membership_id = m.id AND m.told IS DISTINCT FROM t.told"
        )


def _refresh_clusters(run: LinkRun, ids: dict[int, int]) -> None:
    """Size, weakest member, whether told, and the organization that most members declared."""
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_cluster c SET size = s.size, weakest_bits = s.weakest, told = s.told, last_run_id = %s "
            "FROM (SELECT cluster_id, count(*) AS size, min(bits) AS weakest, bool_and(told) AS told "
            "FROM accounts_membership WHERE left_run_id IS NULL GROUP BY 1) s WHERE s.cluster_id = c.id",
            [run.pk],
        )
        cursor.execute(
            "UPDATE accounts_cluster c SET points_to_id = p.organization, points_to_accounts = p.declared FROM ("
            "SELECT DISTINCT ON (m.cluster_id) m.cluster_id, a.declared_organization_id AS organization, "
            "count(*) AS declared FROM accounts_membership m JOIN accounts_account a ON a.id = m.account_id "
            "WHERE m.left_run_id IS NULL AND a.declared_organization_id IS NOT NULL GROUP BY 1, 2 "
            "ORDER BY m.cluster_id, count(*) DESC, a.declared_organization_id) p WHERE p.cluster_id = c.id "
            "AND (c.points_to_id, c.points_to_accounts) IS DISTINCT FROM (p.organization, p.declared)"
        )
