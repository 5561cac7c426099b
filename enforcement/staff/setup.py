"""The one-time token by which the first administrator of an empty installation gets in."""

import hmac
import os
import secrets
from pathlib import Path

from django.conf import settings

from enforcement.staff.models import Person


def token_path() -> Path:
    """Where the token lies: readable by whoever runs the installation, and by nobody else."""
    return Path(settings.DOSSIER_HOME) / "setup-token"


def setup_token() -> str | None:
    """The token of an installation without people, made when there is none yet; none once a person exists."""
    if Person.objects.exists():
        return None
    path = token_path()
    found = read_token()
    if found:
        return found
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        # Somebody made it between the two lines above; theirs counts.
        return read_token() or None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(24))
    return read_token()


def read_token() -> str:
    """The token as it lies there; empty when there is none."""
    try:
        return token_path().read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def token_matches(given: str) -> bool:
    """Whether `given` is the token, compared in constant time."""
    expected = read_token()
    return bool(expected) and hmac.compare_digest(given.strip().encode(), expected.encode())


def spend_token() -> None:
    """Remove the token: it let one person in, and no other."""
    token_path().unlink(missing_ok=True)
