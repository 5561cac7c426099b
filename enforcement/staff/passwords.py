"""Passwords made for people, to be read aloud once and changed; and the check of those that people choose."""

import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from enforcement.audit.errors import Refusal
from enforcement.staff.models import Person

# No letter or digit that is mistaken for another; 31 signs, so 20 of them carry 99 bits.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


def made_password() -> str:
    """Four groups of five random signs."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(5)) for _ in range(4))


def check_password(password: str, person: Person) -> None:
    """Raise `Refusal` (400, field password) for a password that the rules in the settings do not allow."""
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Refusal("staff.password", " ".join(error.messages), field="password", status=400) from error
