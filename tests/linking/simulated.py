"""A simulated campaign as linking input, by DuckDB alone: so that linking is judged without the rest of the product."""

from __future__ import annotations

import csv
import hashlib
import hmac
import ipaddress
import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa

from accounts.linking import Reference
from accounts.linking.evaluate import Truth


@dataclass(frozen=True)
class Simulated:
    """One campaign. accounts, identifiers: names by number."""

    sightings: pa.Table
    reference: Reference
    truth: dict[int, Truth]
    accounts: list[str]
    identifiers: list[tuple[str, str]]


def load_simulated(folder: Path) -> Simulated:
    """Reads signals, context, reference and truth that the simulator wrote to `folder`."""
    manifest = json.loads((folder / "manifest.json").read_text())
    paths = [str(folder / file["path"]) for file in manifest["files"] if file["role"] in ("signals", "context")]
    con = duckdb.connect(":memory:", config={"threads": 2, "autoinstall_known_extensions": False})
    con.execute(
        """
        CREATE TABLE seen AS
        SELECT account, i.kind AS kind, i.value AS value, day, count(*)::INTEGER AS count FROM (
            SELECT account, observed_at::DATE AS day, unnest(identifiers) AS i
            FROM read_json(?, format = 'newline_delimited', columns = {account: 'VARCHAR', observed_at: 'TIMESTAMP',
                 identifiers: 'STRUCT(kind VARCHAR, value VARCHAR)[]'})) GROUP BY ALL
        """,
        [paths],
    )
    ips = [row[0] for row in con.execute("SELECT DISTINCT value FROM seen WHERE kind = 'ip' ORDER BY 1").fetchall()]
    con.register("subnets", pa.table({"value": ips, "subnet": [_subnet(ip) for ip in ips]}))
    con.execute(
        """
        INSERT INTO seen SELECT account, 'subnet', subnet, day, sum(count)::INTEGER
        FROM seen JOIN subnets USING (value) WHERE kind = 'ip' GROUP BY ALL
        """
    )
    accounts = [row[0] for row in con.execute("SELECT DISTINCT account FROM seen ORDER BY 1").fetchall()]
    identifiers = con.execute("SELECT DISTINCT kind, value FROM seen ORDER BY 1, 2").fetchall()
    con.register("acc", pa.table({"account": accounts, "a": pa.array(range(len(accounts)), pa.int64())}))
    con.register(
        "ids",
        pa.table(
            {
                "kind": [kind for kind, _ in identifiers],
                "value": [value for _, value in identifiers],
                "v": pa.array(range(len(identifiers)), pa.int64()),
            }
        ),
    )
    sightings = con.execute(
        "SELECT a AS account, kind, v AS identifier, day, count FROM seen JOIN acc USING (account) JOIN ids USING (kind, value)"
    ).to_arrow_table()
    reference = _reference(folder, identifiers)
    return Simulated(sightings, reference, _truth(folder, accounts), accounts, identifiers)


def _subnet(ip: str) -> str:
    address = ipaddress.ip_address(ip)
    return str(ipaddress.ip_network(f"{ip}/{24 if address.version == 4 else 48}", strict=False))


def _reference(folder: Path, identifiers: list[tuple[str, str]]) -> Reference:
    key = bytes.fromhex((folder / "warehouse" / "reference.key").read_text().strip())
    numbers = {
        hmac.digest(key, f"{kind}:{value}".encode(), hashlib.sha256).hex()[:32]: number
        for number, (kind, value) in enumerate(identifiers)
    }
    columns: dict[str, list[object]] = {"kind": [], "identifier": [], "day": [], "holders": []}
    joint: dict[tuple[str, str], float] = {}
    pooled: dict[tuple[str, str], float] = {}
    active: dict[date, int] = {}
    head: dict[str, object] = {}
    for line in (folder / "warehouse" / "reference.ndjson").open():
        row = json.loads(line)
        if row["type"] == "reference":
            head = row
            start = date.fromisoformat(row["days"][0])
            active = {start + timedelta(days=place): holders for place, holders in enumerate(row["active"])}
        elif row["type"] == "joint":
            one, other = sorted(row["kinds"])
            joint[one, other] = row["lift_p99"]
            pooled[one, other] = row["lift_pooled"]
        elif row["key"] in numbers:
            columns["kind"].append(row["kind"])
            columns["identifier"].append(numbers[row["key"]])
            columns["day"].append(date.fromisoformat(row["day"]))
            columns["holders"].append(row["holders"])
    first, last = (date.fromisoformat(str(day)) for day in head["days"])  # type: ignore[attr-defined]
    return Reference(
        population=int(str(head["population"])),
        counts=pa.table(columns),
        first_day=first,
        last_day=last,
        minimum_holders=int(str(head["minimum_holders"])),
        joint=joint,
        pooled=pooled,
        active=active,
        version=int(str(head["version"])),
    )


def _truth(folder: Path, accounts: list[str]) -> dict[int, Truth]:
    number = {name: at for at, name in enumerate(accounts)}
    with (folder / "truth" / "truth.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        number.get(row["account"], -1 - at): Truth(
            row["ring"] or None, row["organization"] or None, row["benign"] == "true"
        )
        for at, row in enumerate(rows)
    }
