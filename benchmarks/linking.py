"""Linking at size: eight sightings an account over five kinds, from stored sightings (Parquet) to explained clusters.

    python benchmarks/linking.py [--accounts 1000000] [--threads 2] [--memory-mib 6144]

Honest accounts sit in offices and homes of a few, on ranges and hours shared by thousands; one account in forty belongs
to a ring of 250 that shares a template, a range, hours, and cards in fours. One JSON object on standard output: seconds
and rows by step, the peak of resident memory, and what was found. The machine's other work is in these figures.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from accounts.linking import LinkResult, Reference, Resources, link

Ints = npt.NDArray[np.int64]
_KINDS = ("payment", "device", "subnet", "template", "schedule")
_RING, _ONE_IN = 250, 40
_DAYS = 45


def _sightings(accounts: int, seed: int) -> pa.Table:
    """Eight rows an account: a card, a device, three range-days, two template-days, one code of hours."""
    draw = np.random.default_rng(seed)
    account = np.arange(accounts)
    ring = account // _RING
    member = ring < max(accounts // _ONE_IN // _RING, 1)
    home = accounts + account // 3
    hubs = max(accounts // 400, 50)
    own = draw.integers(0, _DAYS, accounts)
    columns: list[tuple[int, Ints, Ints]] = [
        (0, np.where(member, account // 4, accounts + account // 2), own),
        (1, np.where(member, account, home), own),
        (4, np.where(member, ring, hubs + account % 12), own),
    ]
    for turn in range(3):
        day = own if turn == 0 else (own + 7 * turn) % _DAYS
        columns.append((2, np.where(member, ring, hubs + draw.integers(0, hubs, accounts)), day))
    for turn in range(2):
        day = own if turn == 0 else (own + 7) % _DAYS
        columns.append((3, np.where(member, ring, hubs + draw.integers(0, hubs, accounts)), day))
    kind = np.concatenate([np.full(accounts, number) for number, _, _ in columns])
    value = np.concatenate([value for _, value, _ in columns])
    start = np.datetime64("2026-09-25", "D")
    return pa.table({
        "account": pa.array(np.tile(account, len(columns))),
        "kind": pa.DictionaryArray.from_arrays(pa.array(kind, pa.int8()), list(_KINDS)).cast(pa.string()),
        "identifier": pa.array(kind * 1_000_000_000 + value),
        "day": pa.array(start + np.concatenate([day for _, _, day in columns])),
        "count": pa.array(np.ones(len(kind), dtype=np.int32)),
    })  # fmt: skip


def _figures(result: LinkResult, accounts: int, seconds: float) -> dict[str, Any]:
    truth = min(max(accounts // _ONE_IN // _RING, 1) * _RING, accounts)
    members = result.members["account"].to_numpy()
    return {
        "accounts": accounts, "seconds": round(seconds, 2), "clusters": result.cluster_count,
        "members": len(members), "ring_accounts": truth, "ring_accounts_found": int((members < truth).sum()),
        "conjunctions_examined": result.conjunctions_examined,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "steps": [{"step": step.name, "rows": step.rows, "seconds": step.seconds} for step in result.steps],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description="Time one link run.")
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--memory-mib", type=int, default=6144)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sightings.parquet"
        pq.write_table(_sightings(chosen.accounts, chosen.seed), path)
        resources = Resources(chosen.threads, chosen.memory_mib << 20, Path(folder))
        reference = Reference(population=chosen.accounts, census=True)
        began = time.perf_counter()
        result = link([path], reference, resources=resources)
        seconds = time.perf_counter() - began
    sys.stdout.write(json.dumps(_figures(result, chosen.accounts, seconds)) + "\n")


if __name__ == "__main__":
    main()
