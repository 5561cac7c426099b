"""Using the servers of a home: found running, or started, and stopped by whoever uses them last.

Every user shares one lock for as long as it lives. Whoever leaves and can take that lock alone was the last, and stops
the server. A small watcher process waits for the same lock and does the same for users that were killed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from enforcement.embedded import cluster, folder
from enforcement.embedded.errors import EmbeddedServerError
from enforcement.embedded.home import CHECKOUT, Home, Secrets, make_secrets, read_secrets
from enforcement.embedded.locks import FileLock
from enforcement.embedded.place import Place, Say, find_place, outside_folder
from enforcement.embedded.urls import (
    APPLICATION,
    BROKER,
    BROKER_DATABASE,
    DATABASE,
    OWNER,
    SUPERUSER,
    postgres_url,
)

WATCH_SECONDS = 5.0


@dataclass(frozen=True)
class Servers:
    """Where the running servers of a home are. URLs hold passwords: never log them."""

    home: Home
    database_url: str
    owner_url: str
    broker_url: str
    superuser_url: str
    secret_key: str

    def database_urls(self, database: str) -> tuple[str, str]:
        """The application's and the owner's URL of another database on the same server."""
        application = self.database_url.rpartition("/")[0]
        return f"{application}/{database}", f"{self.owner_url.rpartition('/')[0]}/{database}"

    def on_database(self, database: str) -> str:
        """The launcher's own superuser on another database of the same server."""
        return f"{self.superuser_url.rpartition('/')[0]}/{database}"


def _silent(_text: str) -> None:
    return None


def _servers(home: Home, state: cluster.Running, secrets: Secrets) -> Servers:
    socket_folder = state.socket_folder
    return Servers(
        home=home,
        database_url=postgres_url(socket_folder, APPLICATION, secrets.application_password, DATABASE),
        owner_url=postgres_url(socket_folder, OWNER, secrets.owner_password, DATABASE),
        broker_url=postgres_url(socket_folder, BROKER, secrets.broker_password, BROKER_DATABASE, scheme="pgmq"),
        superuser_url=postgres_url(socket_folder, SUPERUSER, secrets.superuser_password, "postgres"),
        secret_key=secrets.django_secret_key,
    )


def secrets_of(home: Home, place: Place) -> Secrets:
    """The secrets of `home`, made if this is its first start."""
    known = read_secrets(home)
    if known is not None:
        return known
    if (place.data / "PG_VERSION").exists():
        raise EmbeddedServerError(
            f"{home.secrets_file} is missing although there is data in {place.data}: restore that file from a backup, "
            "or `make reset` to start anew."
        )
    return make_secrets(home)


class Use:
    """This process's use of the servers of one home, from `begin` to `end`. Not for several threads."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._users = FileLock(home.users_lock)

    def begin(self, *, say: Say = _silent, settings: dict[str, str] | None = None) -> Servers:
        """Find the servers or start them.

        Raises:
            EmbeddedServerError: they cannot be started; the sentence says why and what to do.
        """
        self._home.make()
        with FileLock(self._home.change_lock):
            self._users.shared()
            try:
                return self._find_or_start(say, settings)
            except BaseException:
                self._users.release()
                raise

    def _find_or_start(self, say: Say, settings: dict[str, str] | None) -> Servers:
        state = cluster.running(self._home)
        if state is not None:
            # Found running: nothing to prepare, and pgmq's import time saved.
            known = read_secrets(self._home)
            if known is None:
                raise EmbeddedServerError(f"{self._home.secrets_file} is missing: restore it from a backup.")
            return _servers(self._home, state, known)
        from enforcement.embedded import databases

        place = find_place(self._home, say=say)
        folder.check(place)
        secrets = secrets_of(self._home, place)
        if not place.data.exists():
            say("Making the database (once) ...")
            folder.make_data(place, superuser_password=secrets.superuser_password)
        state = cluster.start(self._home, place, superuser_password=secrets.superuser_password, settings=settings)
        try:
            databases.prepare(state, secrets)
        except (psycopg.Error, OSError):
            cluster.stop(self._home)
            raise
        _start_watcher(self._home)
        return _servers(self._home, state, secrets)

    def end(self) -> bool:
        """Leave; stop the servers if nobody else uses them. True if they were stopped."""
        with FileLock(self._home.change_lock):
            self._users.release()
            return stop_if_unused(self._home)


@contextmanager
def use_servers(home: Home, *, say: Say = _silent, settings: dict[str, str] | None = None) -> Iterator[Servers]:
    """`Use` as a block."""
    use = Use(home)
    servers = use.begin(say=say, settings=settings)
    try:
        yield servers
    finally:
        use.end()


def stop_if_unused(home: Home) -> bool:
    """Stop the server unless somebody uses it or it was told to stay; the caller holds the change lock."""
    if home.keep_file.exists() or not _unused(home):
        return False
    return cluster.stop(home)


def _unused(home: Home) -> bool:
    lock = FileLock(home.users_lock)
    # Patience: the watcher may hold the lock for the moment in which it finds out the same.
    unused = lock.try_exclusive(patience_seconds=0.1)
    lock.release()
    return unused


def _start_watcher(home: Home) -> None:
    with (home.logs / "watcher.log").open("ab") as log:
        subprocess.Popen(
            [sys.executable, "-m", "enforcement.embedded", "watch"],
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "DOSSIER_HOME": str(home.path)},
            start_new_session=True,
        )


def watch(home: Home) -> None:
    """Until the server is gone: whenever its last user is, stop it. Runs in a process of its own."""
    while home.path.exists() and cluster.read_state(home) is not None:
        users = FileLock(home.users_lock)
        users.exclusive()
        # Given up before the change lock is asked for: a newcomer holds that one while it waits for this one.
        users.release()
        with suppress(FileNotFoundError), FileLock(home.change_lock):
            if cluster.running(home) is None:
                return
            if stop_if_unused(home):
                return
        time.sleep(WATCH_SECONDS)


def stop_servers(home: Home) -> bool:
    """Stop the servers of `home` now; False if none ran.

    Raises:
        EmbeddedServerError: somebody uses them.
    """
    if not home.path.exists():
        return False
    with FileLock(home.change_lock):
        if not _unused(home):
            raise EmbeddedServerError(
                f"The servers of {home.path} are in use: end `make run` and the commands that use them first."
            )
        home.keep_file.unlink(missing_ok=True)
        return cluster.stop(home)


def remove_home(home: Home) -> list[Path]:
    """Stop the servers and remove everything that `home` holds; returns the folders that were removed.

    Raises:
        EmbeddedServerError: the servers are in use, or the folder does not look like one of ours.
    """
    if not home.path.exists():
        return []
    if not any(path.exists() for path in (home.secrets_file, home.change_lock, home.logs)):
        raise EmbeddedServerError(f"{home.path} was not made by Dossier: nothing was removed.")
    stop_servers(home)
    outside = outside_folder(home)
    # As a normal user such a folder, if there is one, is not ours.
    removed = [path for path in (outside, home.path) if path.exists() and (path != outside or os.geteuid() == 0)]
    for path in removed:
        shutil.rmtree(path)
    return removed
