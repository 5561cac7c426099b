"""Every pair of states of actions, targets and deliveries: the legal ones pass, the database refuses the others."""

import pytest
from django.db import DatabaseError, connection, transaction

from enforcement.actions.models import Action, ActionTarget, Delivery
from enforcement.actions.services import start_action
from enforcement.actions.states import ACTION_STATES, DELIVERY_STATES, TARGET_STATES
from tests.factories import person

TABLES = {
    "actions_action": ACTION_STATES,
    "actions_actiontarget": TARGET_STATES,
    "actions_delivery": DELIVERY_STATES,
}
FROM = [(table, old) for table, states in TABLES.items() for old in states.states]


@pytest.fixture
def fresh(approved):
    """A row of each table in its first state."""
    started = start_action(person("enforcer"), decision=approved[1])
    action = Action.objects.create(
        case=started.case, decision=started.decision, connector=started.connector, kind="warn"
    )
    return {
        "actions_action": action.pk,
        "actions_actiontarget": ActionTarget.objects.first().pk,
        "actions_delivery": Delivery.objects.first().pk,
    }


def _way(table: str, wanted: str) -> list[str]:
    """The shortest legal way from the first state to `wanted`."""
    states = TABLES[table]
    ways, seen = [[states.initial[0]]], {states.initial[0]}
    while ways[0][-1] != wanted:
        way = ways.pop(0)
        ways += [[*way, new] for new in states.moves[way[-1]] if new not in seen and not seen.add(new)]
    return ways[0][1:]


@pytest.mark.parametrize(("table", "old"), FROM)
def test_the_database_allows_exactly_the_moves_of_the_table(fresh, table, old):
    with connection.cursor() as cursor:
        move = f"UPDATE {table} SET state = %s WHERE id = {fresh[table]}"
        for state in _way(table, old):
            cursor.execute(move, [state])
        for new in set(TABLES[table].states) - {old}:
            if TABLES[table].allows(old, new):
                with transaction.atomic():
                    cursor.execute(move, [new])
                    assert cursor.rowcount == 1
                    transaction.set_rollback(True)
            else:
                with pytest.raises(DatabaseError, match="cannot become"), transaction.atomic():
                    cursor.execute(move, [new])


@pytest.mark.parametrize("table", TABLES)
def test_no_row_begins_in_the_middle(fresh, table):
    with connection.cursor() as cursor:
        for state in set(TABLES[table].states) - set(TABLES[table].initial):
            with pytest.raises(DatabaseError, match="cannot begin as"), transaction.atomic():
                cursor.execute(
                    f"INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('id', 999999, 'state', %s))).*"
                    f" FROM {table} t WHERE id = {fresh[table]}",
                    [state],
                )
