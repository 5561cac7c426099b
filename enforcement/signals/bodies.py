"""The normalized body of a signal as bytes: what decides between "the same again" and "a revision"."""

import hashlib
import json
from datetime import datetime
from typing import Any
from uuid import UUID

# In this order. The excerpt stays out: its SHA-256 stands for it, and an account's content terms may have removed it.
COMPARED = (
    "account",
    "observed_at",
    "rule",
    "severity",
    "score",
    "title",
    "principal",
    "exchanges",
    "tokens_in",
    "tokens_out",
    "organization",
    "product",
    "model",
    "conduct",
    "rule_version",
    "identifiers",
    "sample_sha256",
    "tlp",
    "raw",
    "unmapped",
)


def body_sha256(body: dict[str, Any]) -> str:
    """The SHA-256 (hex) of a normalized body without its excerpt."""
    kept = {name: body.get(name) for name in COMPARED}
    return hashlib.sha256(canonical_json(kept)).hexdigest()


def canonical_json(value: object) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8; times as RFC 3339 UTC with microseconds."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_time).encode()


def _time(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value).__name__} has no canonical form")
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def jsonable(body: dict[str, Any]) -> dict[str, Any]:
    """The body with its time as text, as a JSON column holds it."""
    return {**body, "observed_at": _time(body["observed_at"])}


def from_jsonable(body: dict[str, Any]) -> dict[str, Any]:
    """The reverse of `jsonable`."""
    return {**body, "observed_at": datetime.fromisoformat(body["observed_at"])}


def ref_hash(source_ref: str) -> UUID:
    """The first 128 bits of the SHA-256 of a reference."""
    return UUID(bytes=hashlib.sha256(source_ref.encode()).digest()[:16])
