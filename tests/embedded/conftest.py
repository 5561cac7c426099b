"""Checkouts and homes for tests of the launcher; what a test started is stopped, whatever it did."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from enforcement.embedded.home import Home
from enforcement.embedded.servers import remove_home
from tests.embedded.checkouts import environment, make_checkout

Manage = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users can reach. Not `tmp_path`: pytest closes the folder above it at every start."""
    with tempfile.TemporaryDirectory(prefix="dossier-checkouts-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def checkout(open_folder: Path) -> Iterator[Path]:
    """A checkout whose path holds spaces and letters beyond ASCII, reachable by other users."""
    folder = make_checkout(open_folder / "a checkout, ÿes")
    yield folder
    _end_everything(folder)


@pytest.fixture
def another_checkout(open_folder: Path) -> Iterator[Path]:
    folder = make_checkout(open_folder / "another checkout")
    yield folder
    _end_everything(folder)


def _end_everything(folder: Path) -> None:
    home = Home(folder / ".dossier")
    home.keep_file.unlink(missing_ok=True)
    if home.path.exists() and home.logs.exists():
        remove_home(home)


def run_manage(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`manage.py` of a checkout, to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=folder,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def start_manage(folder: Path, *arguments: str, **more: str) -> subprocess.Popen[str]:
    """`manage.py` of a checkout, left running."""
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=folder,
        env=environment(folder, **more),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_alive(pid: int) -> bool:
    """Whether a process lives; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
