"""One demo-sized campaign, written once and read by all tests of this folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from enforcement.simulator.run import simulate


@pytest.fixture(scope="session")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("campaign")
    simulate(scale=0.01, seed=7, out=out)
    return out


@pytest.fixture(scope="session")
def manifest(campaign: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((campaign / "manifest.json").read_text())
    return found


@pytest.fixture(scope="session")
def rows(campaign: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Views: metered, harvest, egress, truth, and sightings (account, day, kind, value) from the context records."""
    connection = duckdb.connect()
    signals = campaign / "signals"
    for view, name in (("metered", "usage-meter"), ("harvest", "prompt-harvest"), ("egress", "egress-watch")):
        connection.execute(f"create view {view} as from read_json('{signals / name}.ndjson')")
    connection.execute(
        f"create view truth as select account, coalesce(ring, '') ring, coalesce(organization, '') organization, "
        f"benign from read_csv('{campaign / 'truth/truth.csv'}', all_varchar=false)"
    )
    connection.execute(
        f"create table sightings as select account, observed_at::date as day, one.kind, one.value from "
        f"(select account, observed_at, unnest(identifiers) as one from "
        f"read_json('{signals}/*-context.ndjson', union_by_name=true))"
    )
    yield connection
    connection.close()
