"""A command runs what its events woke, and what that wakes in turn, in its own process."""

from collections.abc import Iterator
from typing import Any

import pytest
from celery import Task

from enforcement.audit.actors import SYSTEM
from enforcement.audit.services import record_event
from enforcement.celery import app
from enforcement.ingest.models import DeadWake
from enforcement.pipeline import wake as wake_module
from enforcement.pipeline.wake import carry_on, wake
from enforcement.staff.models import Person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[int]]]:
    """What would have gone to the broker."""
    found: list[tuple[str, list[int]]] = []
    monkeypatch.setattr(wake_module.app, "send_task", lambda name, args, **_: found.append((name, args)))
    return found


@pytest.fixture
def chain() -> Iterator[list[int]]:
    """A task that wakes itself for the next lower row, and fails on row 99."""
    ran: list[int] = []

    def run(row_id: int) -> None:
        if row_id == 99:
            raise ValueError("no such luck")
        ran.append(row_id)
        if row_id > 0:
            wake("tests.chain", row_id - 1)

    task: Task = app.task(name="tests.chain")(run)
    yield ran
    app.tasks.unregister(task.name)


def test_the_queue_is_carried_to_its_end(chain: list[int], sent: list[Any]) -> None:
    heard: list[tuple[str, int | None]] = []
    with carry_on(lambda task, row: heard.append((task, row))) as carried:
        wake("tests.chain", 3)
        assert chain == []
    assert chain == [3, 2, 1, 0]
    assert carried.ran == heard
    assert sent == []


def test_a_wake_up_that_waits_already_waits_once(chain: list[int]) -> None:
    with carry_on():
        wake("tests.chain", 0)
        wake("tests.chain", 0)
    assert chain == [0]


def test_a_failure_is_told_and_stored_and_stops_no_other(chain: list[int]) -> None:
    with carry_on() as carried:
        wake("tests.chain", 99)
        wake("tests.chain", 0)
    assert chain == [0]
    assert carried.failures == [("tests.chain", 99, "no such luck")]
    dead = DeadWake.objects.get()
    assert (dead.task, dead.row_id, dead.failure) == ("tests.chain", 99, "ValueError: no such luck")


def test_without_waiting_the_broker_is_woken(chain: list[int], sent: list[Any]) -> None:
    with carry_on(wait=False):
        wake("tests.chain", 5)
    assert (chain, sent) == ([], [("tests.chain", [5])])


def test_a_command_that_fails_leaves_its_wake_ups_to_the_worker(chain: list[int], sent: list[Any]) -> None:
    with pytest.raises(KeyError), carry_on():
        wake("tests.chain", 5)
        raise KeyError("x")
    assert (chain, sent) == ([], [("tests.chain", [5])])


def test_an_inner_block_leaves_its_tasks_to_the_outer(chain: list[int]) -> None:
    with carry_on():
        with carry_on():
            wake("tests.chain", 0)
        assert chain == []
    assert chain == [0]


def test_events_wake_what_the_routes_say_after_commit(sent: list[Any]) -> None:
    from django.db import transaction

    person = Person.objects.create(email="a@staff.example", name="A")
    with transaction.atomic():
        record_event(actor=SYSTEM, verb="packets.requested", target=person)
        record_event(actor=SYSTEM, verb="decisions.approved", target=person)
        record_event(actor=SYSTEM, verb="accounts.linked", target=person)
        assert sent == []
    assert sent == [("packets.build_packet", [person.pk]), ("cases.evaluate_thresholds", [])]


def test_a_transaction_that_rolls_back_wakes_nobody(sent: list[Any]) -> None:
    from django.db import transaction

    with pytest.raises(KeyError), transaction.atomic():
        record_event(actor=SYSTEM, verb="accounts.linked")
        raise KeyError("x")
    assert sent == []


def test_a_broker_that_is_down_refuses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object, **__: object) -> None:
        raise ConnectionRefusedError("nobody listens")

    monkeypatch.setattr(wake_module.app, "send_task", down)
    record_event(actor=SYSTEM, verb="accounts.linked")
    wake("packets.build_packet", 1)
