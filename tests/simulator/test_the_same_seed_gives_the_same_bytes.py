"""Determinism, and the three formats with one content."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from enforcement.simulator.blocks import FORMATS
from enforcement.simulator.run import simulate

SCALE = 0.001
ROOT = Path(__file__).resolve().parents[2]


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for file_format in FORMATS:
        found[file_format] = tmp_path_factory.mktemp(file_format)
        simulate(scale=SCALE, seed=11, out=found[file_format], file_format=file_format)
    return found


@pytest.mark.parametrize("file_format", FORMATS)
def test_two_processes_write_the_same_bytes(runs: dict[str, Path], tmp_path: Path, file_format: str) -> None:
    # Another time zone, locale and hash seed: nothing of the machine may show.
    environment = {**os.environ, "TZ": "Asia/Kolkata", "PYTHONHASHSEED": "5", "LC_ALL": "C", "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [
            sys.executable,
            "-m",
            "enforcement.simulator",
            "--scale",
            str(SCALE),
            "--seed",
            "11",
            "--out",
            str(tmp_path),
            "--format",
            file_format,
        ],
        check=True,
        cwd=ROOT,
        env=environment,
        capture_output=True,
    )
    assert digests(tmp_path) == digests(runs[file_format])


def test_another_seed_gives_other_accounts(runs: dict[str, Path], tmp_path: Path) -> None:
    simulate(scale=SCALE, seed=12, out=tmp_path)
    assert not set((tmp_path / "truth/truth.csv").read_text().splitlines()[1:]) & set(
        (runs["ndjson"] / "truth/truth.csv").read_text().splitlines()[1:]
    )


def test_bytes_known_from_before_come_again(runs: dict[str, Path]) -> None:
    """Fails when anything changes what a seed means: then say so, and write the new digest down."""
    known = json.loads((Path(__file__).parent / "known_digests.json").read_text())
    found = digests(runs["ndjson"])
    assert {path: found[path] for path in known} == known


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Without what is absent."""
    return {name: value for name, value in row.items() if value is not None}


@pytest.mark.parametrize(
    "name",
    [
        "usage-meter",
        "prompt-harvest",
        "egress-watch",
        "usage-meter-context",
        "prompt-harvest-context",
        "egress-watch-context",
    ],
)
def test_formats_have_one_content(runs: dict[str, Path], name: str) -> None:
    lines = (runs["ndjson"] / f"signals/{name}.ndjson").read_text().splitlines()
    expected = [json.loads(line) for line in lines]
    parquet = pq.read_table(runs["parquet"] / f"signals/{name}.parquet").to_pylist()
    assert [plain(row) for row in parquet] == expected
    read = duckdb.sql(f"from read_csv('{runs['csv'] / f'signals/{name}.csv'}', all_varchar=true)")
    columns = read.columns
    numbers = {"severity", "score", "exchanges", "tokens_in", "tokens_out"}
    for values, row in zip(read.fetchall(), expected, strict=True):
        found = {
            column: json.loads(value) if column in {"identifiers", "sample", *numbers} else value
            for column, value in zip(columns, values, strict=True)
            if value is not None
        }
        assert found == row


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--scale", "0.0001"], "out of range"),
        (["--scale", "nan"], "out of range"),
        (["--scale", "1000"], "out of range"),
    ],
)
def test_a_scale_out_of_range_is_one_sentence(tmp_path: Path, options: list[str], sentence: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "enforcement.simulator", "--out", str(tmp_path), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert sentence in run.stderr
    assert "Traceback" not in run.stderr


def test_a_file_in_place_of_the_folder_is_one_sentence(tmp_path: Path) -> None:
    blocking = tmp_path / "file"
    blocking.write_text("here first")
    run = subprocess.run(
        [sys.executable, "-m", "enforcement.simulator", "--out", str(blocking)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2
    assert "is not a folder" in run.stderr
    assert blocking.read_text() == "here first"
