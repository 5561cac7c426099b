"""Totals, volumes, churn and shares of one campaign."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from enforcement.simulator.accounts import CAMPAIGN
from enforcement.simulator.days import Calendar
from enforcement.simulator.settings import STANDARD
from enforcement.simulator.world import build_world


def one(rows: duckdb.DuckDBPyConnection, query: str) -> Any:
    found = rows.execute(query).fetchone()
    assert found is not None
    return found[0]


def test_the_campaign_draws_exactly_its_exchanges(rows: duckdb.DuckDBPyConnection) -> None:
    assert one(rows, "select sum(exchanges) from metered join truth using (account) where ring = 'campaign'") == 288_000
    assert (
        one(rows, "select count(distinct account) from metered join truth using (account) where ring = 'campaign'")
        == 250
    )


@pytest.mark.parametrize("scale", [0.0004, 0.001, 0.01, 0.0137, 0.1, 1.0])
def test_days_add_up_to_the_exact_total_at_every_scale(scale: float) -> None:
    world = build_world(STANDARD, scale, 3)
    calendar = Calendar(world, date(2026, 9, 25))
    total, highest = 0, 0
    for number in range(world.settings.days):
        exchanges = calendar._campaign_exchanges(number)  # the layout itself, without the honest accounts
        total += int(exchanges.sum())
        highest = max(highest, int(exchanges.max()))
    assert total == round(28_800_000 * scale)
    assert highest < STANDARD.account_day_limit
    assert world.campaign_accounts == round(25_000 * scale)


def test_no_account_crosses_the_limit_for_one_account_on_any_day(rows: duckdb.DuckDBPyConnection) -> None:
    highest = one(rows, "select max(n) from (select sum(exchanges) n from metered group by account, observed_at::date)")
    assert highest < STANDARD.account_day_limit


def test_an_account_draws_about_26_exchanges_a_day(rows: duckdb.DuckDBPyConnection) -> None:
    mean = one(rows, "select count(*) / 250 / 45 from metered join truth using (account) where ring = 'campaign'")
    assert 25 <= mean <= 27


@pytest.mark.parametrize("scale", [0.001, 0.01, 0.1])
def test_honest_accounts_are_at_least_six_for_each_of_the_campaign(scale: float) -> None:
    world = build_world(STANDARD, scale, 1)
    assert world.honest_accounts >= 6 * world.campaign_accounts
    assert world.honest_accounts >= 1_500


def test_ended_accounts_come_back_with_new_payment_and_old_habits() -> None:
    world = build_world(STANDARD, 0.1, 5)
    accounts = world.accounts
    member = accounts["group"] == CAMPAIGN
    ended = member & (accounts["ended_day"] <= 45)
    back = member & (accounts["created_day"] >= 0)
    assert int(ended.sum()) == int(back.sum()) == 2500 * STANDARD.churn // 1000
    assert not set(accounts["payment"][ended]) & set(accounts["payment"][back])
    for column in ("network_first", "network_offset", "template_first", "schedule"):
        assert sorted(accounts[column][ended]) == sorted(accounts[column][back])


def test_some_campaign_accounts_are_quiet(rows: duckdb.DuckDBPyConnection) -> None:
    quiet = one(
        rows,
        "select count(*) from (select account, count(*) n from metered join truth using (account) "
        "where ring = 'campaign' group by account) where n < 200",
    )
    assert quiet >= 5


def test_hours_of_a_schedule_are_kept(rows: duckdb.DuckDBPyConnection) -> None:
    query = """
        select avg(case when hour(observed_at::timestamp) between 1 and 8 then 1.0 else 0 end)
        from metered where account in (
            select account from sightings join truth using (account)
            where kind = 'schedule' and value = 'S-07' and ring = 'campaign')
    """
    assert one(rows, query) > 0.99


def test_rings_are_several_and_small(rows: duckdb.DuckDBPyConnection) -> None:
    sizes = [
        row[0] for row in rows.execute("select count(*) from truth where ring like 'ring-%' group by ring").fetchall()
    ]
    assert len(sizes) >= 5
    assert all(5 <= size <= 60 for size in sizes)


def test_the_manifest_states_what_is_there(campaign: Path, manifest: dict[str, Any]) -> None:
    assert manifest["format"] == "dossier-campaign/1"
    assert (manifest["start_day"], manifest["days"], manifest["last_day"]) == ("2026-09-25", 45, "2026-11-08")
    assert (manifest["campaign_accounts"], manifest["campaign_exchanges"]) == (250, 288_000)
    assert [detector["slug"] for detector in manifest["detectors"]] == ["usage-meter", "prompt-harvest", "egress-watch"]
    assert [detector["meters"] for detector in manifest["detectors"]] == ["api", None, None]
    for entry in manifest["files"]:
        path = campaign / entry["path"]
        assert path.stat().st_size == entry["bytes"]
        header = 1 if path.suffix == ".csv" else 0
        assert path.read_bytes().count(b"\n") == entry["rows"] + header
    listed = {entry["path"] for entry in manifest["files"]} | {"manifest.json"}
    assert listed == {str(path.relative_to(campaign)) for path in campaign.rglob("*") if path.is_file()}
    assert json.loads((campaign / "manifest.json").read_text()) == manifest
