"""Every row of every file against the contract that the import relies on."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

KINDS = {"payment", "phone", "email_domain", "device", "ip", "asn", "template", "schedule", "referral"}
TEXTS = {
    "source_ref",
    "account",
    "observed_at",
    "rule",
    "title",
    "organization",
    "product",
    "model",
    "conduct",
    "rule_version",
    "tlp",
}
NUMBERS = {"severity", "score", "exchanges", "tokens_in", "tokens_out"}
MOMENT = re.compile(r"2026-(09|10|11)-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ")
RANGES = [ipaddress.ip_network(text) for text in ("10.0.0.0/8", "100.64.0.0/10", "198.18.0.0/15", "2001:db8::/32")]
NAMES = ["usage-meter", "prompt-harvest", "egress-watch"]


def lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open() as file:
        for line in file:
            yield json.loads(line)


def check_identifier(one: dict[str, Any], seen: dict[str, bool]) -> None:
    assert set(one) == {"kind", "value"}
    assert one["kind"] in KINDS
    if one["kind"] == "ip" and one["value"] not in seen:
        address = ipaddress.ip_address(one["value"])
        assert str(address) == one["value"]
        assert any(address in network for network in RANGES)
        seen[one["value"]] = True
    elif one["kind"] == "email_domain":
        assert one["value"].endswith(".example")
    elif one["kind"] == "phone":
        assert re.fullmatch(r"\+1[2-9]\d\d55501\d\d", one["value"])


def check_signal(row: dict[str, Any], accounts: set[str], rules: set[str], context: bool) -> None:
    assert {"source_ref", "account", "observed_at", "identifiers"} <= set(row)
    assert set(row) <= TEXTS | NUMBERS | {"identifiers", "sample"}
    assert all(isinstance(row[name], str) and row[name] for name in TEXTS & set(row))
    assert all(isinstance(row[name], int) and row[name] >= 0 for name in NUMBERS & set(row))
    assert row["account"] in accounts
    assert MOMENT.fullmatch(row["observed_at"])
    assert ("rule" not in row) if context else (row["rule"] in rules)
    assert 0 <= row.get("severity", 0) <= 6
    assert 0 <= row.get("score", 0) <= 100
    assert row["identifiers"]


@pytest.fixture(scope="module")
def accounts(campaign: Path) -> set[str]:
    return {row["account"] for row in lines(campaign / "warehouse/accounts.ndjson")}


@pytest.mark.parametrize("context", [False, True])
@pytest.mark.parametrize("slug", NAMES)
def test_signals_and_context_records_are_valid(
    campaign: Path, manifest: dict[str, Any], accounts: set[str], slug: str, context: bool
) -> None:
    rules = {rule["rule"] for found in manifest["detectors"] if found["slug"] == slug for rule in found["rules"]}
    references: set[str] = set()
    seen: dict[str, bool] = {}
    for row in lines(campaign / f"signals/{slug}{'-context' if context else ''}.ndjson"):
        check_signal(row, accounts, rules, context)
        for one in row["identifiers"]:
            check_identifier(one, seen)
        if "sample" in row:
            assert row["sample"]["sha256"] == hashlib.sha256(row["sample"]["excerpt"].encode()).hexdigest()
        assert row["source_ref"] not in references
        references.add(row["source_ref"])


def test_references_of_a_detector_are_unique_over_both_its_files(campaign: Path) -> None:
    for slug in NAMES:
        found = [
            row["source_ref"]
            for name in (slug, slug + "-context")
            for row in lines(campaign / f"signals/{name}.ndjson")
        ]
        assert len(found) == len(set(found))


def test_the_meter_writes_one_exchange_a_signal(campaign: Path) -> None:
    assert all(
        row["exchanges"] == 1 and row["product"] == "api" for row in lines(campaign / "signals/usage-meter.ndjson")
    )


def test_accounts_name_organizations_that_exist_and_parents_come_first(campaign: Path) -> None:
    known: set[str] = set()
    for row in lines(campaign / "warehouse/organizations.ndjson"):
        assert set(row) == {"organization", "name", "parent", "aliases", "domains", "country"}
        assert row["organization"] not in known
        assert row["parent"] is None or row["parent"] in known
        assert all(domain.endswith(".example") for domain in row["domains"])
        known.add(row["organization"])
    for row in lines(campaign / "warehouse/accounts.ndjson"):
        assert set(row) == {"account", "organization", "plan", "created_at", "ended_at", "status", "content_terms"}
        assert row["organization"] is None or row["organization"] in known
        assert (row["status"] == "ended") == (row["ended_at"] is not None)
        assert row["ended_at"] is None or row["ended_at"] > row["created_at"]


def test_excerpts_stay_away_where_terms_forbid_them(campaign: Path) -> None:
    closed = {
        row["account"] for row in lines(campaign / "warehouse/accounts.ndjson") if row["content_terms"] != "standard"
    }
    assert closed
    assert not any(
        "sample" in row and row["account"] in closed for row in lines(campaign / "signals/prompt-harvest.ndjson")
    )


def test_no_account_is_seen_before_it_was_made_or_after_it_ended(
    campaign: Path, rows: duckdb.DuckDBPyConnection
) -> None:
    query = f"""
        select count(*) from sightings s join read_json('{campaign / "warehouse/accounts.ndjson"}') a using (account)
        where s.day < a.created_at::date or s.day >= coalesce(a.ended_at::date, date '2999-01-01')
    """
    assert rows.execute(query).fetchone() == (0,)


def test_the_truth_names_every_account_once_and_stays_in_its_file(campaign: Path, accounts: set[str]) -> None:
    text = (campaign / "truth/truth.csv").read_text().splitlines()
    assert text[0] == "account,ring,organization,benign"
    assert [line.split(",")[0] for line in text[1:]] == sorted(accounts)
    for path in [*campaign.glob("signals/*"), *campaign.glob("warehouse/*")]:
        content = path.read_bytes()
        assert not re.search(rb'"(ring|benign|truth|household)"', content)
        assert b"ring-0" not in content
        assert b"household-" not in content


def test_reference_counts_are_those_of_everybody(campaign: Path, rows: duckdb.DuckDBPyConnection) -> None:
    key = bytes.fromhex((campaign / "warehouse/reference.key").read_text().strip())
    reference = list(lines(campaign / "warehouse/reference.ndjson"))
    head = reference[0]
    assert (head["type"], head["version"], head["keying"]) == ("reference", 1, "hmac-sha256")
    assert head["population"] == rows.execute("select count(*) from truth").fetchall()[0][0]
    assert len(head["active"]) == 45
    told = {(row["kind"], row["key"], row["day"]): row["holders"] for row in reference if row["type"] == "count"}
    assert min(told.values()) >= head["minimum_holders"]
    query = """
        select kind, value, day::varchar, count(distinct account) from sightings
        where kind in ('ip', 'payment', 'device', 'phone', 'referral', 'email_domain', 'template', 'schedule')
        group by all having count(distinct account) >= 2
    """
    counted = {
        (kind, hmac.new(key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()[:32], day): holders
        for kind, value, day, holders in rows.execute(query).fetchall()
    }
    assert counted == {found: holders for found, holders in told.items() if found[0] not in {"asn", "subnet"}}
    assert {found[0] for found in told} == KINDS | {"subnet"}


def test_subnets_are_counted_as_the_import_derives_them(campaign: Path, rows: duckdb.DuckDBPyConnection) -> None:
    key = bytes.fromhex((campaign / "warehouse/reference.key").read_text().strip())
    holders: dict[tuple[str, str], set[str]] = {}
    for account, day, value in rows.execute(
        "select account, day::varchar, value from sightings where kind = 'ip'"
    ).fetchall():
        width = 48 if ":" in value else 24
        subnet = str(ipaddress.ip_network(f"{value}/{width}", strict=False))
        holders.setdefault((subnet, day), set()).add(account)
    told = {
        (row["key"], row["day"]): row["holders"]
        for row in lines(campaign / "warehouse/reference.ndjson")
        if row["type"] == "count" and row["kind"] == "subnet"
    }
    expected = {
        (hmac.new(key, f"subnet:{subnet}".encode(), hashlib.sha256).hexdigest()[:32], day): len(found)
        for (subnet, day), found in holders.items()
        if len(found) >= 2
    }
    assert told == expected


def test_joint_rates_are_there_for_every_pair_of_hub_kinds(campaign: Path) -> None:
    joint = [row for row in lines(campaign / "warehouse/reference.ndjson") if row["type"] == "joint"]
    assert len(joint) == 15
    for row in joint:
        assert 0 <= row["rate"] <= min(row["rate_first"], row["rate_second"]) * 1.5
        assert row["lift_pooled"] > 0
        assert row["lift_p95"] <= row["lift_p99"] <= row["lift_max"]
        assert row["value_pairs"] > 0
