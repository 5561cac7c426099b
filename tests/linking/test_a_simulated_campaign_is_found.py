"""The simulated campaign is found whole, and no honest account is drawn in, on seeds that nothing was tuned on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from accounts.linking import link
from accounts.linking.evaluate import evaluate
from tests.linking.simulated import load_simulated


@pytest.mark.parametrize("seed", [11, 12])
def test_the_campaign_and_the_rings_are_found_without_bystanders(seed: int, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "enforcement.simulator",
        "--scale",
        "0.01",
        "--seed",
        str(seed),
        "--out",
        str(tmp_path / "c"),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603 - our own module
    simulated = load_simulated(tmp_path / "c")
    figures = evaluate(link(simulated.sightings, simulated.reference).membership(), simulated.truth)
    assert figures.bcubed_precision is not None and figures.bcubed_precision >= 0.99
    assert figures.home_recall is not None and figures.home_recall >= 0.90
    assert figures.campaign_recall is not None and figures.campaign_recall >= 0.90
    assert (figures.honest_in_mixed, figures.rings_merged) == (0, 0)
