"""The simulated campaign of the journeys, written once for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from enforcement.simulator.run import simulate


@pytest.fixture(scope="session")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of the demo's campaign: scale 0.01, seed 1."""
    folder = tmp_path_factory.mktemp("campaign")
    simulate(scale=0.01, seed=1, out=folder)
    return folder
