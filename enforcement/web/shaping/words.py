"""Identifiers and kinds in words."""

from accounts.linking.explain import KIND_WORDS
from accounts.models import Identifier

PLACE_KINDS = ("subnet", "asn", "ip")
# What a value says by itself: an address needs no word before it.
LONGEST_VALUE = 15
_SPEAKS = {"subnet", "ip", "email_domain"}


def kind_words(kind: str) -> str:
    """The kind as people say it: mail domain, network."""
    return KIND_WORDS.get(kind, kind.replace("_", " ")).lower().lower()


def short_value(value: str) -> str:
    """A long value cut after what people tell it by; the whole value stands on the account's page."""
    return value if len(value) <= LONGEST_VALUE else f"{value[: LONGEST_VALUE - 7].rstrip('-')}…"


def identifier_words(identifier: Identifier) -> str:
    """As in: payment pf-9c2e3a1…, or 198.51.100.0/24."""
    if identifier.kind in _SPEAKS:
        return identifier.value
    return f"{kind_words(identifier.kind)} {short_value(identifier.value)}"
