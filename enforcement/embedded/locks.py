"""Advisory locks on files.

The kernel gives a lock up when the last process that holds it ends, however it ends. That makes a lock, and never a pid
in a file, the answer to "is it still running?" after a `kill -9`.
"""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self


class FileLock:
    """One open file description with a `flock` on it; not shared between threads.

    Use it as a context manager for an exclusive lock that is waited for, or call the methods.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        self.exclusive()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _open(self) -> int:
        if self._descriptor is None:
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._descriptor

    def exclusive(self) -> None:
        """Wait for the lock and hold it alone."""
        fcntl.flock(self._open(), fcntl.LOCK_EX)

    def shared(self) -> None:
        """Wait for the lock and hold it together with other sharers."""
        fcntl.flock(self._open(), fcntl.LOCK_SH)

    def try_exclusive(self, *, patience_seconds: float = 0.0) -> bool:
        """Hold the lock alone if nobody else holds it, within `patience_seconds`; False otherwise."""
        give_up_at = time.monotonic() + patience_seconds
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(self._open(), fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            if time.monotonic() >= give_up_at:
                self.release()
                return False
            time.sleep(0.02)

    def release(self) -> None:
        """Close our descriptor. A child that inherited it keeps the lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    @property
    def descriptor(self) -> int:
        """The descriptor to hand to a child (`pass_fds`), which then holds the lock as well."""
        return self._open()


def is_held(path: Path) -> bool:
    """Whether any process holds the lock on `path` at this moment."""
    if not path.exists():
        return False
    lock = FileLock(path)
    free = lock.try_exclusive()
    lock.release()
    return not free
