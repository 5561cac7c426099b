"""What later stages froze of a case, and being asked before it changes.

A decision freezes findings, attributions, the policy version and evidence. The stage that froze something registers a
keeper here; services that change such a thing ask first, in their own transaction and under the case's lock. A keeper
raises `Refusal` (`decision.would_void`) unless the change was confirmed, and then takes its own consequences.
"""

from collections.abc import Callable
from dataclasses import dataclass

from enforcement.audit.actors import Actor
from enforcement.cases.models import Case


@dataclass(frozen=True, slots=True)
class Change:
    """What is about to change. `subject_ids` where it concerns some subjects only; `item_id` for an evidence item."""

    what: str
    reason: str
    subject_ids: tuple[int, ...] = ()
    item_id: int | None = None
    code: str = "changed_after_freezing"


Keeper = Callable[[Actor, Case, Change, bool], None]
_keepers: list[Keeper] = []


def register_keeper(keeper: Keeper) -> None:
    """Have `keeper(actor, locked case, change.

    Confirmed)` asked before every change of something that may be frozen.
    """
    if keeper not in _keepers:
        _keepers.append(keeper)


def before_change(actor: Actor, *, case: Case, change: Change, confirm_void: bool) -> None:
    """Ask every keeper; call it with the case locked. Reload `case` afterwards: a keeper may have moved it."""
    for keeper in _keepers:
        keeper(actor, case, change, confirm_void)
