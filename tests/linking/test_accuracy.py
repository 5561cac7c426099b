"""Accuracy on simulated campaigns, by the truth that nothing else reads. Goals: no honest account with a ring's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from accounts.linking import link
from accounts.linking.evaluate import evaluate
from tests.linking.simulated import load_simulated


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.scale) for seed in (2, 3, 4, 5))])
def test_the_campaign_is_one_pure_cluster(seed: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "enforcement.simulator", "--scale", "0.01", "--seed", str(seed)]
    subprocess.run([*command, "--out", str(tmp_path)], check=True, capture_output=True)
    world = load_simulated(tmp_path)
    found = evaluate(link(world.sightings, world.reference).membership(), world.truth)
    assert not found.failed
    assert found.honest_in_mixed == 0
    assert found.rings_merged == 0
    assert (found.bcubed_precision or 0) >= 0.99
    assert (found.home_recall or 0) >= 0.90
    assert (found.campaign_recall or 0) >= 0.90
