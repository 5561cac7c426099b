"""Which tables the code as it stands makes, as one digest: equal digests, nothing to migrate."""

from __future__ import annotations

import hashlib

from enforcement.embedded.home import CHECKOUT, Home, write_private

PATTERNS = (
    "constraints.txt",
    "requirements.txt",
    "enforcement/settings.py",
    "enforcement/audit/*.py",
    "enforcement/*/apps.py",
    "enforcement/*/states.py",
    "enforcement/*/models.py",
    "enforcement/*/models/*.py",
    "enforcement/*/migrations/*.py",
    "accounts/apps.py",
    "accounts/models/*.py",
    "accounts/migrations/*.py",
)
"""Everything that decides what `migrate` makes, its grants and triggers included."""


def schema_digest() -> str:
    """SHA-256 (hex) over the names and bytes of those files."""
    digest = hashlib.sha256()
    for pattern in PATTERNS:
        for path in sorted(CHECKOUT.glob(pattern)):
            digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_made(home: Home) -> bool:
    """Whether this code's tables were made in the embedded database of `home`; asks no database."""
    try:
        return (home.path / "tables.sha256").read_text("ascii") == schema_digest()
    except (FileNotFoundError, UnicodeDecodeError):
        return False


def note_made(home: Home) -> None:
    """Remember that they were."""
    write_private(home.path / "tables.sha256", schema_digest())
