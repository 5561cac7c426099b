"""The hard part: strangers on the same networks, with the same prompts, and detectors that are sometimes wrong."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from scipy.stats import binom

from enforcement.simulator.accounts import HONEST
from enforcement.simulator.days import anchor_days
from enforcement.simulator.detectors import Observers
from enforcement.simulator.settings import STANDARD
from enforcement.simulator.texts import Texts
from enforcement.simulator.world import build_world

BOTH = """
    select count(*) from (
        select value from sightings join truth using (account) where kind = '{kind}' group by value
        having count(distinct account) filter (where ring = 'campaign') > 0
           and count(distinct account) filter (where benign) > 0)
"""


def one(rows: duckdb.DuckDBPyConnection, query: str) -> Any:
    found = rows.execute(query).fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("kind", "least"),
    [("ip", 100), ("asn", 8), ("template", 12), ("schedule", 2), ("email_domain", 4), ("referral", 3)],
)
def test_honest_accounts_hold_values_of_the_campaign(rows: duckdb.DuckDBPyConnection, kind: str, least: int) -> None:
    assert one(rows, BOTH.format(kind=kind)) >= least


@pytest.mark.parametrize("kind", ["payment", "device", "phone"])
def test_strong_identifiers_are_never_shared_by_strangers(rows: duckdb.DuckDBPyConnection, kind: str) -> None:
    assert one(rows, BOTH.format(kind=kind)) == 0


def test_honest_customers_sit_in_the_ranges_of_the_proxies(rows: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(distinct account) from sightings join truth using (account)
        where benign and kind = 'asn' and value in ('AS64512', 'AS64513', 'AS64514', 'AS64515')
    """
    assert one(rows, query) >= 10


def test_a_carrier_address_is_held_by_many_strangers(rows: duckdb.DuckDBPyConnection) -> None:
    query = """
        select max(n) from (select count(distinct account) n from sightings
        where kind = 'ip' and value like '100.%' group by value)
    """
    assert one(rows, query) >= 20


def test_a_company_pays_for_many_accounts_with_one_card(rows: duckdb.DuckDBPyConnection) -> None:
    query = """
        select max(n) from (select value, count(distinct account) n, count(distinct organization) bodies
        from sightings join truth using (account) where kind = 'payment' and benign group by value)
    """
    assert 20 <= one(rows, query) <= 40


def test_payment_of_the_campaign_is_shared_by_two_to_six_or_by_nobody(rows: duckdb.DuckDBPyConnection) -> None:
    sizes = [
        row[0]
        for row in rows.execute(
            "select count(distinct account) from sightings join truth using (account) "
            "where kind = 'payment' and ring = 'campaign' group by value"
        ).fetchall()
    ]
    assert max(sizes) <= 6
    assert 0.1 <= sum(size == 1 for size in sizes) / 250 <= 0.4


def test_every_account_has_context_records(rows: duckdb.DuckDBPyConnection) -> None:
    without = "select count(*) from truth where account not in (select account from sightings where kind = 'ip')"
    assert one(rows, without) == 0


def test_two_rings_use_the_vpn_exits_of_the_campaign(rows: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(distinct ring) from sightings join truth using (account)
        where kind = 'ip' and ring like 'ring-%' and value in (
            select value from sightings join truth using (account) where kind = 'ip' and ring = 'campaign'
            and value like '198.18.%')
    """
    assert one(rows, query) >= 1


def test_a_few_campaign_accounts_declare_the_laboratory(campaign: Any, rows: duckdb.DuckDBPyConnection) -> None:
    query = f"""
        select count(*) from read_json('{campaign / "warehouse/accounts.ndjson"}') a join truth using (account)
        where a.organization = 'sundermere-research'
    """
    assert 3 <= one(rows, query) <= 40
    assert one(rows, query + " and benign") == 0


def test_false_positives_come_at_the_stated_rate() -> None:
    world = build_world(STANDARD, 0.1, 2)
    observers = Observers(world, Texts.of(world), anchor_days(world))
    honest = int((world.accounts["group"] == HONEST).sum())
    for slug, rate in (
        ("usage-meter", STANDARD.meter_false_positive_rate),
        ("prompt-harvest", STANDARD.harvest_false_positive_rate),
        ("egress-watch", STANDARD.egress_false_positive_rate),
    ):
        low, high = binom.interval(0.999, honest, rate)
        assert low <= int(observers.false_positive[slug].sum()) <= high


@pytest.mark.parametrize(
    ("view", "slug"), [("metered", "usage-meter"), ("harvest", "prompt-harvest"), ("egress", "egress-watch")]
)
def test_flagged_honest_accounts_are_those_of_the_rate(
    rows: duckdb.DuckDBPyConnection, manifest: dict[str, Any], view: str, slug: str
) -> None:
    found = one(rows, f"select count(distinct account) from {view} join truth using (account) where benign")
    rate = next(d["false_positive_rate"] for d in manifest["detectors"] if d["slug"] == slug)
    low, high = binom.interval(0.999, manifest["honest_accounts"], rate)
    assert low <= found <= high
    assert found >= 1


def test_some_flagged_honest_accounts_share_an_address_with_the_campaign(rows: duckdb.DuckDBPyConnection) -> None:
    query = """
        select count(distinct account) from sightings join truth using (account)
        where benign and kind = 'ip'
          and account in (select account from harvest union all select account from egress)
          and value in (select value from sightings join truth using (account)
                        where kind = 'ip' and ring = 'campaign')
    """
    assert one(rows, query) >= 1
