"""Identifiers and kinds in words."""

from accounts.linking.explain import KIND_WORDS
from accounts.models import Identifier

PLACE_KINDS = ("subnet", "asn", "ip")
# What a value says by itself: an address needs no word before it.
_SPEAKS = {"subnet", "ip", "email_domain"}


def kind_words(kind: str) -> str:
    """The kind as people say it: mail domain, network."""
    return KIND_WORDS.get(kind, kind.replace("_", " ")).lower()


def identifier_words(identifier: Identifier) -> str:
    """ "payment pf-9c2e", "198.51.100.0/24"."""
    return identifier.value if identifier.kind in _SPEAKS else f"{kind_words(identifier.kind)} {identifier.value}"
