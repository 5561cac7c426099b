"""Linking: sightings and reference rates in, explained clusters out. Pure functions; imports nothing of ours.

The method in one paragraph: denominators are told by a reference, never guessed from the suspicious sample. Strong
identifiers link their few holders as a star; hubs, each held by thousands, count only where two of different groups are
held together, on the same days, by many more accounts than honest coincidence explains. Stars and conjunctions make
cores; an account joins by evidence against a core as a whole, itself left out; cores merge only by several accounts and
several groups of kinds; everything else is a suggestion for a person.
"""

from accounts.linking.engine import link
from accounts.linking.model import (
    BASIS_SCHEMA,
    COUNTS_SCHEMA,
    MEMBERS_SCHEMA,
    Basis,
    Conflict,
    Core,
    Cut,
    LinkingError,
    LinkResult,
    Member,
    Reference,
    Resources,
    Step,
    Suggestion,
    Verdicts,
)
from accounts.linking.settings import KindSettings, Settings, SettingsError

__all__ = [
    "BASIS_SCHEMA",
    "COUNTS_SCHEMA",
    "MEMBERS_SCHEMA",
    "Basis",
    "Conflict",
    "Core",
    "Cut",
    "KindSettings",
    "LinkResult",
    "LinkingError",
    "Member",
    "Reference",
    "Resources",
    "Settings",
    "SettingsError",
    "Step",
    "Suggestion",
    "Verdicts",
    "link",
]
