"""Sites to browse: the demo is loaded once a session; every site is a clone of its database and of its folder."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from enforcement.embedded.databases import admit
from enforcement.embedded.locks import FileLock
from tests.databases import DATABASES, SESSION_HOME, WORKER

LOAD_WITHIN_SECONDS = 300
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Demo:
    """A database and a folder that hold the demo campaign; both are only ever copied."""

    database: str
    home: Path


@dataclass(frozen=True)
class Site:
    """A running site and its demo logins, by first name."""

    url: str
    passwords: dict[str, str]
    home: Path


def load_demo() -> Demo:
    """The demo of this session, loaded by the first worker that asks."""
    demo = Demo(f"{DATABASES._prefix}_demo", SESSION_HOME / "demo")
    with FileLock(SESSION_HOME / "demo.lock"):
        done = demo.home / "loaded"
        if not done.exists():
            demo.home.mkdir(exist_ok=True)
            _create(demo.database, template=f"{DATABASES._prefix}_template")
            subprocess.run(
                [sys.executable, "-m", "tests.browser.serving", "load"],
                env=_environment(demo.database, demo.home), check=True, timeout=LOAD_WITHIN_SECONDS,
                capture_output=True,
            )  # fmt: skip
            done.touch()
    return demo


@contextmanager
def site_of(demo: Demo) -> Iterator[Site]:
    """A site of its own over a copy of the demo; what happens there stays there."""
    name = f"{WORKER}_{next(_numbers)}"
    database, home = f"{DATABASES._prefix}_site_{name}", SESSION_HOME / "sites" / name
    _create(database, template=demo.database)
    shutil.copytree(demo.home, home)
    try:
        with _serving(database, home) as url:
            logins = json.loads((home / "demo-logins.json").read_text())
            yield Site(url, {row["name"].split()[0].lower(): row["password"] for row in logins}, home)
    finally:
        DATABASES.drop(database)
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _serving(database: str, home: Path) -> Iterator[str]:
    log = (home / "site.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.browser.serving", "serve"], env=_environment(database, home),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, f"The site did not start:\n{(home / 'site.log').read_text()}"
        yield json.loads(line)["url"]
    finally:
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()
        log.close()


def _create(database: str, *, template: str) -> None:
    DATABASES._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(database), sql.Identifier(template)))
    application_url, owner_url = DATABASES.urls(database)
    admit(owner_url, application_role=str(conninfo_to_dict(application_url)["user"]))


def _environment(database: str, home: Path) -> dict[str, str]:
    application_url, owner_url = DATABASES.urls(database)
    return {
        **os.environ, "DATABASE_URL": application_url, "DATABASE_OWNER_URL": owner_url, "BROKER_URL": "memory://",
        "DOSSIER_HOME": str(home), "STORAGE": str(home / "storage"),
    }  # fmt: skip
