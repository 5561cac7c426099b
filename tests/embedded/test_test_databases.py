"""The databases that tests get: the application's rights, rollback, and clones for tests that commit."""

from __future__ import annotations

import os
import subprocess
import sys

import psycopg
import pytest
from django.db import ProgrammingError, connection

from enforcement.embedded.home import CHECKOUT
from tests.databases import DATABASES

ROWS = "SELECT count(*) FROM django_content_type WHERE app_label = 'made_by_a_test'"
INSERT = "INSERT INTO django_content_type (app_label, model) VALUES ('made_by_a_test', 'thing')"


def _count() -> int:
    with connection.cursor() as cursor:
        cursor.execute(ROWS)
        return int(cursor.fetchone()[0])


def _insert() -> None:
    with connection.cursor() as cursor:
        cursor.execute(INSERT)


@pytest.mark.django_db
def test_tests_connect_as_the_application_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)


@pytest.mark.django_db
def test_the_application_role_makes_no_tables() -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE mine (id int)")


@pytest.mark.django_db
@pytest.mark.parametrize("_time", [1, 2])
def test_an_ordinary_test_leaves_nothing_behind(_time: int) -> None:
    assert _count() == 0
    _insert()
    assert _count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", [1, 2])
def test_a_test_that_commits_has_a_clone_of_its_own(_time: int) -> None:
    assert _count() == 0
    _insert()
    with psycopg.connect(os.environ["DATABASE_URL"]) as another:
        assert another.execute(ROWS).fetchone() == (1,)


def test_a_process_of_a_committing_test_sees_its_rows(committed_db: dict[str, str]) -> None:
    _insert()
    program = f"import os, psycopg; print(psycopg.connect(os.environ['DATABASE_URL']).execute({ROWS!r}).fetchone()[0])"
    seen = subprocess.run(
        [sys.executable, "-c", program], env=committed_db, cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert seen.stdout.strip() == "1"


def test_the_clone_of_a_committing_test_is_dropped_afterwards(request: pytest.FixtureRequest) -> None:
    if not DATABASES.current:
        pytest.skip("no test of this worker asked for rows yet")
    with psycopg.connect(DATABASES.urls(DATABASES.current)[1]) as owner:
        names = [row[0] for row in owner.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test_%'")]
    of_this_worker = f"test_{os.environ['DOSSIER_TEST_PID']}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_"
    assert [name for name in names if name.startswith(of_this_worker)] == [DATABASES.current]


@pytest.mark.commits
def test_the_marker_commits_is_enough() -> None:
    _insert()
    with psycopg.connect(os.environ["DATABASE_URL"]) as another:
        assert another.execute(ROWS).fetchone() == (1,)
