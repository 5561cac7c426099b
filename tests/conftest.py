"""Fixtures that every test may use. Databases come from `tests.databases`, a plugin that pytest loads first."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator

import pytest

from tests.databases import DATABASES, commits, fresh_clone


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> None:
    """In place of pytest-django's own: the worker's clone instead of a database made by a superuser."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        DATABASES.ensure()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let `commits` alone open the database: pytest-django knows its own marker only."""
    for item in items:
        if item.get_closest_marker("commits") is not None:
            item.add_marker(pytest.mark.django_db(transaction=True), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Give a test that commits a clone of its own, from before its first fixture until after its last."""
    if not commits(item):
        return (yield)
    from pytest_django.plugin import blocking_manager_key

    blocker = item.config.stash[blocking_manager_key]
    with blocker.unblock():
        clone = fresh_clone()
        clone.__enter__()
    try:
        return (yield)
    finally:
        with blocker.unblock():
            clone.__exit__(None, None, None)


@pytest.fixture(scope="session", autouse=True)
def _no_flush() -> Iterator[None]:
    """A clone is dropped after its test; Django need not (and, TRUNCATE being guarded, cannot) empty its tables."""
    from django.test import TransactionTestCase

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _self: None)
        yield


@pytest.fixture
def committed_db(transactional_db: None) -> dict[str, str]:
    """A database of this test's own, in which commits are real.

    Returns the environment for a process that shall see the same rows (`manage.py` finds every URL in it).
    """
    return dict(os.environ)
