"""The processes beside PostgreSQL: started, watched, started again after a crash, and stopped together."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from enforcement.embedded.place import Say

LOG_BYTES = 20 * 1024 * 1024
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
STOP_SECONDS = 20.0
_PR_SET_PDEATHSIG = 1


def _end_with_parent() -> None:
    """Between fork and exec: ask Linux to end this child when its parent is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Child:
    """One process to keep running. `pass_fds` are locks that it holds as long as it lives."""

    name: str
    command: Sequence[str]
    folder: Path
    log: Path
    environment: dict[str, str]
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    restarts: int = 0
    _started_at: float = 0.0
    _pause_seconds: float = FIRST_PAUSE_SECONDS
    _start_again_at: float | None = field(default=None)

    def start(self) -> None:
        """Start it, in a session of its own: Ctrl-C reaches us alone, and we stop everything in order."""
        with suppress(FileNotFoundError):
            if self.log.stat().st_size > LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                pass_fds=self.pass_fds,
                start_new_session=True,
                preexec_fn=_end_with_parent,  # noqa: PLW1509 (we run no threads)
            )
        self._started_at = time.monotonic()
        self._start_again_at = None

    def is_running(self) -> bool:
        """Whether the process lives now."""
        return self.process is not None and self.process.poll() is None

    def look_after(self, *, say: Say) -> None:
        """Start it again if it ended by itself; a longer pause each time, a short one after a steady minute."""
        if self.process is None or self.process.poll() is None:
            return
        now = time.monotonic()
        if self._start_again_at is None:
            # Its own children must not hold a port or a lock against the next one.
            _signal_group(self.process.pid, signal.SIGKILL)
            if now - self._started_at > STEADY_SECONDS:
                self._pause_seconds = FIRST_PAUSE_SECONDS
            self._start_again_at = now + self._pause_seconds
            say(
                f"{self.name} ended with status {self.process.returncode}; starting it again in "
                f"{self._pause_seconds:.0f} s (see {self.log})."
            )
            self._pause_seconds = min(self._pause_seconds * 2, LONGEST_PAUSE_SECONDS)
        elif now >= self._start_again_at:
            self.restarts += 1
            self.start()


def stop_all(children: Sequence[Child]) -> None:
    """Ask all to end at once, wait, and kill what is left with everything it started."""
    living = [child for child in children if child.process is not None]
    for child in living:
        if child.is_running() and child.process is not None:
            child.process.terminate()
    give_up_at = time.monotonic() + STOP_SECONDS
    for child in living:
        if child.process is None:
            continue
        with suppress(subprocess.TimeoutExpired):
            child.process.wait(max(0.1, give_up_at - time.monotonic()))
        _signal_group(child.process.pid, signal.SIGKILL)
        child.process.wait()
        child.process = None


def _signal_group(group: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
