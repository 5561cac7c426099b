"""A real receiver on loopback, and an approved decision to carry out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from enforcement.actions.models import Connector
from enforcement.actions.services import set_connector
from enforcement.actions.services.connecting import new_secret
from enforcement.audit.actors import SYSTEM
from enforcement.commands.platform import Platform, make_server
from enforcement.decisions.models import Decision
from enforcement.decisions.services import approve_decision
from tests.factories import Desk, submitted


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    """The demo platform, served from a thread; `platform.address` is where."""
    found = Platform(new_secret(), tmp_path / "told.ndjson")
    server = make_server(found)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    found.address = f"http://127.0.0.1:{server.server_port}/actions"  # type: ignore[attr-defined]
    yield found
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def connector(db: None, platform: Platform) -> Connector:
    """A connector to it, ten targets a batch."""
    return set_connector(
        SYSTEM,
        name="Platform",
        url=platform.address,
        secret=platform.secret,
        batch_size=10,
        timeout_seconds=5,
        is_demo=True,  # type: ignore[attr-defined]
    )


@pytest.fixture
def approved(connector: Connector) -> tuple[Desk, Decision]:
    """A decision over 24 targets that a second person approved."""
    at, decision = submitted(30)
    approve_decision(at.reviewer, decision=decision, digest=decision.digest, reason="The sample supports it.")
    decision.refresh_from_db()
    return at, decision
