"""Real PostgreSQL for every test that asks for rows: a plugin, loaded by `-p tests.databases` before settings.

* One embedded server a session, in a temporary `DOSSIER_HOME`, shared by the xdist workers and started by the first
  test that needs it. `DATABASE_URL` and `DATABASE_OWNER_URL` together name somebody's own server instead.
* A template is migrated once, as the owner. Each worker gets a clone (`CREATE DATABASE ... TEMPLATE`) and connects to
  it as the application role, so a test can do nothing that the application may not.
* Ordinary tests roll back. A test that commits (`@pytest.mark.commits`, `@pytest.mark.django_db(transaction=True)`,
  `committed_db`, `live_server`) gets a clone of its own: Django would TRUNCATE, which is guarded here.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from enforcement.embedded.databases import admit
from enforcement.embedded.environment import NO_DATABASE_URL
from enforcement.embedded.home import Home
from enforcement.embedded.locks import FileLock
from enforcement.embedded.servers import Servers, Use, remove_home
from enforcement.embedded.urls import APPLICATION, django_database
from tests import schema_cache

# A test server may lose everything with the machine; it need not be slow.
FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "200"}
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
COMMITTING_FIXTURES = {"committed_db", "transactional_db", "live_server", "django_db_reset_sequences"}


def _prepare_environment() -> Path:
    """Give settings a home, a key and a storage folder of this session; returns the home. Workers inherit it."""
    shared = os.environ.get("DOSSIER_TEST_HOME")
    if shared is None:
        shared = tempfile.mkdtemp(prefix="dossier-test-")
        os.environ["DOSSIER_TEST_HOME"] = shared
        os.environ["DOSSIER_TEST_PID"] = str(os.getpid())
        # Somebody's own server, if both are given; an application URL alone could not be migrated.
        if os.environ.get("DATABASE_URL") and os.environ.get("DATABASE_OWNER_URL"):
            os.environ["DOSSIER_TEST_DATABASE_URL"] = os.environ["DATABASE_URL"]
            os.environ["DOSSIER_TEST_OWNER_URL"] = os.environ["DATABASE_OWNER_URL"]
    own = Path(shared) / "workers" / WORKER
    own.mkdir(parents=True, exist_ok=True)
    role = conninfo_to_dict(os.environ.get("DOSSIER_TEST_DATABASE_URL", "")).get("user", APPLICATION)
    os.environ.update(
        DOSSIER_HOME=str(own),
        STORAGE=str(own / "storage"),
        SECRET_KEY=os.environ.get("SECRET_KEY") or secrets.token_urlsafe(32),
        # Names the role that `migrate` grants to; a connection before the clone exists fails and says so.
        DATABASE_URL=NO_DATABASE_URL.replace("nobody", str(role)),
        BROKER_URL="memory://",
    )
    os.environ.pop("DATABASE_OWNER_URL", None)
    return Path(shared)


SESSION_HOME = _prepare_environment()


@dataclass
class TestDatabases:
    """The clones of one worker. `current` names the one that Django is connected to."""

    home: Home
    current: str = ""
    _use: Use | None = None
    _servers: Servers | None = None
    _made: int = 0
    _own: str = ""
    _dropped_later: list[str] = field(default_factory=list)

    __test__ = False

    def urls(self, database: str) -> tuple[str, str]:
        """The application's and the owner's URL of `database`."""
        if self._servers is not None:
            return self._servers.database_urls(database)
        given = (os.environ["DOSSIER_TEST_DATABASE_URL"], os.environ["DOSSIER_TEST_OWNER_URL"])
        application, owner = (make_conninfo(url, dbname=database) for url in given)
        return application, owner

    @property
    def _prefix(self) -> str:
        return f"test_{os.environ['DOSSIER_TEST_PID']}"

    def ensure(self) -> None:
        """Start or find the server, make the template if nobody has, and connect Django to this worker's clone."""
        if self._own:
            return
        if "DOSSIER_TEST_OWNER_URL" not in os.environ:
            self._use = Use(self.home)
            self._servers = self._use.begin(settings=FAST)
        with FileLock(self.home.path / "template.lock"):
            if not (self.home.path / "template-made").exists():
                self._make_template()
                (self.home.path / "template-made").touch()
        self._own = self.clone()
        self.connect(self._own)

    def _make_template(self) -> None:
        from django.core.management import call_command
        from django.db import connection

        name = f"{self._prefix}_template"
        self._run(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        application_url, owner_url = self.urls(name)
        admit(owner_url, application_role=str(conninfo_to_dict(application_url)["user"]))
        superuser_url = self._servers.on_database(name) if self._servers is not None else None
        if superuser_url is not None and schema_cache.load(superuser_url):
            return
        _point(owner_url)
        call_command("migrate", verbosity=0, interactive=False)
        connection.close()
        if superuser_url is not None:
            schema_cache.save(superuser_url)

    def clone(self) -> str:
        """A new database with the tables and rows of the template; its name."""
        self._made += 1
        name = f"{self._prefix}_{WORKER}_{self._made}"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(f"{self._prefix}_template")
            )
        )
        application_url, owner_url = self.urls(name)
        admit(owner_url, application_role=str(conninfo_to_dict(application_url)["user"]))
        return name

    def connect(self, database: str) -> None:
        """Point Django, and every process that inherits this environment, at `database`."""
        application_url, owner_url = self.urls(database)
        self.current = database
        os.environ["DATABASE_URL"] = application_url
        os.environ["DATABASE_OWNER_URL"] = owner_url
        _point(application_url)

    def connect_own(self) -> None:
        """Back to the clone whose tests roll back."""
        self.connect(self._own)

    def drop(self, database: str) -> None:
        """Remove a clone, connections of forgotten threads included."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def _run(self, statement: sql.Composed) -> None:
        # The launcher's superuser may end the sessions of the application role; somebody's owner does what it can.
        url = self._servers.superuser_url if self._servers is not None else self.urls_of_owner()
        with psycopg.connect(url, autocommit=True) as connection:
            if self._servers is not None:
                connection.execute("SET ROLE dossier_owner" if b"CREATE" in statement.as_bytes() else "RESET ROLE")
            connection.execute(statement)

    def urls_of_owner(self) -> str:
        """The owner's URL as it was given."""
        return os.environ["DOSSIER_TEST_OWNER_URL"]

    def end(self) -> None:
        """Drop this worker's clone on somebody's server; leave the embedded one, which goes with its last user."""
        if self._own:
            from django.db import connections

            connections.close_all()
            self.drop(self._own)
        if self._use is not None:
            self._use.end()
        self._own, self._use, self._servers = "", None, None


def _point(url: str) -> None:
    """Let every connection that Django opens from now on, in any thread, go to `url`."""
    from django.db import connections

    connections["default"].close()
    entries: dict[str, Any] = django_database(url)
    # Changed in place: connection objects of every thread share this very dictionary.
    connections.settings["default"].update(entries, CONN_MAX_AGE=0)


DATABASES = TestDatabases(Home(SESSION_HOME))


def commits(item: pytest.Item) -> bool:
    """Whether a test commits, and so needs a clone of its own."""
    marker = item.get_closest_marker("django_db")
    if item.get_closest_marker("commits") is not None:
        return True
    if marker is not None and (marker.kwargs.get("transaction") or (marker.args and marker.args[0])):
        return True
    return bool(COMMITTING_FIXTURES & set(getattr(item, "fixturenames", ())))


@contextmanager
def fresh_clone() -> Iterator[str]:
    """Connect Django to a fresh clone for a block, then back to the worker's own."""
    DATABASES.ensure()
    name = DATABASES.clone()
    DATABASES.connect(name)
    try:
        yield name
    finally:
        from django.db import connections

        connections.close_all()
        DATABASES.connect_own()
        DATABASES.drop(name)


def pytest_unconfigure() -> None:
    """Leave the server; its last user stops it."""
    DATABASES.end()


def _remove_session_home(process_id: int) -> None:
    """At the end of the process that made it, whatever ended it; the workers are gone by then."""
    if os.getpid() != process_id:
        return
    DATABASES.end()
    if (SESSION_HOME / "secrets.json").exists():
        remove_home(Home(SESSION_HOME))
    shutil.rmtree(SESSION_HOME, ignore_errors=True)


if os.environ["DOSSIER_TEST_PID"] == str(os.getpid()):
    atexit.register(_remove_session_home, os.getpid())
