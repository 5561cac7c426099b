"""State machines as data: one table gives the check before the write, the database trigger and the page's choices."""

from collections.abc import Mapping
from dataclasses import dataclass

import pgtrigger

from enforcement.audit.errors import Refusal


@dataclass(frozen=True)
class StateTable:
    """The states of one kind of row, in the order people meet them, and every legal move.

    `moves` maps a state to the states it may become. A state without moves is final. `initial` are the states a row
    may be created in.
    """

    name: str
    initial: tuple[str, ...]
    moves: Mapping[str, tuple[str, ...]]

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, in order."""
        return tuple(self.moves)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Pairs for a Django field."""
        return [(state, state.replace("_", " ").capitalize()) for state in self.moves]

    @property
    def final(self) -> frozenset[str]:
        """States that nothing leaves."""
        return frozenset(state for state, targets in self.moves.items() if not targets)

    def pairs(self) -> list[tuple[str, str]]:
        """Every legal (old, new)."""
        return [(old, new) for old, targets in self.moves.items() for new in targets]

    def allows(self, old: str, new: str) -> bool:
        """Whether a row in state `old` may become `new`."""
        return new in self.moves.get(old, ())

    def check(self, old: str, new: str) -> None:
        """Raise `Refusal` unless the move is legal."""
        if not self.allows(old, new):
            legal = ", ".join(self.moves.get(old, ())) or "nothing"
            raise Refusal(
                f"{self.name}.state",
                f"A {self.name} that is {old.replace('_', ' ')} cannot become {new.replace('_', ' ')}; "
                f"from here it can become {legal.replace('_', ' ')}.",
            )

    def triggers(self, field: str = "state") -> list[pgtrigger.Trigger]:
        """Guards by which the database refuses any other move or first state of `field`."""
        moves = ", ".join(f"('{old}', '{new}')" for old, new in self.pairs())
        first = ", ".join(f"'{state}'" for state in self.initial)
        return [
            pgtrigger.Trigger(
                name=f"{field}_moves",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=f"""
                    IF OLD.{field} IS DISTINCT FROM NEW.{field}
                       AND (OLD.{field}, NEW.{field}) NOT IN ({moves}) THEN
                        RAISE EXCEPTION '{self.name}.{field}: % cannot become %', OLD.{field}, NEW.{field}
                        USING ERRCODE = 'DS001';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name=f"{field}_first",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                    IF NEW.{field} NOT IN ({first}) THEN
                        RAISE EXCEPTION '{self.name}.{field}: a row cannot begin as %', NEW.{field}
                        USING ERRCODE = 'DS001';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]
