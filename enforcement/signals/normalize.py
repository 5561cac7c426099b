"""One signal, checked and brought to its one form.

The authority on what is refused: the set-based path of an import takes over only rows that this would accept, and hands
it every other.
"""

import hashlib
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from enforcement.signals.fields import (
    CONDUCTS,
    COUNT_FIELDS,
    EARLIEST,
    GREATEST_COUNT,
    GREATEST_SCORE,
    KIND_PATTERN,
    KNOWN_FIELDS,
    MAX_DEPTH,
    MAX_EXCERPT_CHARACTERS,
    MAX_IDENTIFIER_CHARACTERS,
    MAX_IDENTIFIERS,
    REQUIRED,
    SEVERITIES,
    SEVERITY_NAMES,
    TEXT_LENGTHS,
    TLP_NAMES,
    latest_allowed,
)
from enforcement.signals.identifiers import normalize_identifier
from enforcement.signals.parsing import Body, SignalError, shown

_KIND = re.compile(KIND_PATTERN)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DIGITS = re.compile(r"[0-9]{1,18}")


def normalize_signal(given: Mapping[str, Any], *, now: datetime) -> Body:
    """The normalized body of a signal received at `now`: every field of a signal present, None where not given.

    `observed_at` is an aware UTC datetime, `identifiers` a sorted list of distinct {kind, value}, `sample` split into
    `excerpt` and `sample_sha256`, fields that are not ours under `unmapped`. Raises SignalError.
    """
    _check_text(given)
    for name in REQUIRED:
        if given.get(name) in (None, ""):
            raise SignalError(name, "", f"{name} is missing", f"signal.{name}_missing")
    body: Body = {name: _text(name, given.get(name)) for name in TEXT_LENGTHS}
    for name in REQUIRED[:2]:
        if not body[name]:
            raise SignalError(name, "", f"{name} is missing", f"signal.{name}_missing")
    body["observed_at"] = _time(given["observed_at"], now)
    body["severity"] = _severity(given.get("severity"))
    body["score"] = _score(given.get("score"))
    body.update({name: _count(name, given.get(name)) for name in COUNT_FIELDS})
    body["identifiers"], leftover = _identifiers(given.get("identifiers"))
    body["excerpt"], body["sample_sha256"], sample_rest = _sample(given.get("sample"))
    body["tlp"] = _tlp(given.get("tlp"))
    body["raw"] = given.get("raw")
    unmapped = {name: value for name, value in given.items() if name not in KNOWN_FIELDS}
    body["conduct"] = _conduct(given.get("conduct"), unmapped)
    if leftover:
        unmapped["identifiers"] = leftover
    if sample_rest:
        unmapped["sample"] = sample_rest
    body["unmapped"] = unmapped or None
    return body


def _check_text(value: object, depth: int = 0) -> None:
    """No NUL, no half of a surrogate pair, no number past all floats, nothing nested too deeply, anywhere in the signal."""
    if depth > MAX_DEPTH:
        raise SignalError("", "", f"nested deeper than {MAX_DEPTH} levels", "signal.depth")
    if isinstance(value, float) and not math.isfinite(value):
        raise SignalError("", shown(str(value)), "holds a number that is too large", "signal.number")
    if isinstance(value, str):
        if "\x00" in value:
            raise SignalError("", shown(value), "holds a NUL character", "signal.nul")
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise SignalError("", shown(value), "holds half of a surrogate pair, which is not text", "signal.surrogate")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name, depth + 1)
            _check_text(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check_text(inner, depth + 1)


def _text(name: str, value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise SignalError(name, shown(value), f"{name} is not text", f"signal.{name}")
    value = value.strip(" ")
    if len(value) > TEXT_LENGTHS[name]:
        raise SignalError(
            name, shown(value), f"{name} is longer than {TEXT_LENGTHS[name]} characters", f"signal.{name}"
        )
    if _CONTROL.search(value):
        raise SignalError(name, shown(value), f"{name} holds a control character", f"signal.{name}")
    return value or None


def _time(value: object, now: datetime) -> datetime:
    if not isinstance(value, str):
        raise SignalError("observed_at", shown(value), "observed_at is not an RFC 3339 time", "signal.observed_at")
    try:
        moment = datetime.fromisoformat(value.strip(" "))
    except ValueError:
        raise SignalError(
            "observed_at", shown(value), "observed_at is not an RFC 3339 time", "signal.observed_at"
        ) from None
    if moment.tzinfo is None:
        raise SignalError("observed_at", shown(value), "observed_at names no time zone", "signal.observed_at")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise SignalError("observed_at", shown(value), "observed_at is out of range", "signal.observed_at") from None
    if moment < EARLIEST:
        raise SignalError(
            "observed_at", shown(value), "observed_at is before the year 2000", "signal.observed_at_early"
        )
    if moment > latest_allowed(now):
        raise SignalError(
            "observed_at", shown(value), "observed_at is more than a day ahead of now", "signal.observed_at_ahead"
        )
    return moment


def _severity(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, str):
        text = value.strip(" ").lower()
        value = SEVERITY_NAMES.get(text, int(text) if _DIGITS.fullmatch(text) else None)
    if isinstance(value, bool) or not isinstance(value, int) or value not in SEVERITIES:
        raise SignalError(
            "severity", shown(value), "severity is not 0 to 6, 99 or one of their names", "signal.severity"
        )
    return value


def _number(value: object) -> float | None:
    """A finite number, or text that spells one in digits; None for anything else."""
    if isinstance(value, str):
        try:
            value = float(value) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", value.strip(" ")) else None
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def _score(value: object) -> float | None:
    if value is None:
        return None
    number = _number(value)
    if number is None or not 0 <= number <= GREATEST_SCORE:
        raise SignalError("score", shown(value), "score is not a number from 0 to 100", "signal.score")
    return round(number, 3) + 0.0


def _count(name: str, value: object) -> int | None:
    if value is None:
        return None
    number = _number(value)
    if number is None or number != int(number) or not 0 <= number <= GREATEST_COUNT:
        raise SignalError(
            name, shown(value), f"{name} is not a whole number from 0 to {GREATEST_COUNT:,}", f"signal.{name}"
        )
    return int(number)


def _identifiers(value: object) -> tuple[list[dict[str, str]], list[Any]]:
    """Sorted distinct identifiers, and what they carried beside kind and value."""
    if value is None:
        return [], []
    if not isinstance(value, list):
        raise SignalError("identifiers", shown(value), "identifiers is not a list", "signal.identifiers")
    if len(value) > MAX_IDENTIFIERS:
        raise SignalError(
            "identifiers", str(len(value)), f"more than {MAX_IDENTIFIERS} identifiers", "signal.identifiers"
        )
    pairs: set[tuple[str, str]] = set()
    leftover = []
    for number, item in enumerate(value):
        pairs.add(_identifier(f"identifiers[{number}]", item))
        rest = {name: inner for name, inner in item.items() if name not in {"kind", "value"}}
        if rest:
            leftover.append({**item})
    return [{"kind": kind, "value": text} for kind, text in sorted(pairs)], leftover


def _identifier(where: str, item: object) -> tuple[str, str]:
    kind, value = (item.get("kind"), item.get("value")) if isinstance(item, dict) else (None, None)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(kind, str) or not isinstance(value, str):
        raise SignalError(where, shown(item), "an identifier is {kind, value}, both text", "signal.identifiers")
    if not _KIND.fullmatch(kind):
        raise SignalError(where, shown(kind), "an identifier's kind is a short lower-case name", "signal.identifiers")
    if len(value) > MAX_IDENTIFIER_CHARACTERS or _CONTROL.search(value):
        raise SignalError(
            where,
            shown(value),
            f"an identifier's value is at most {MAX_IDENTIFIER_CHARACTERS} characters without control characters",
            "signal.identifiers",
        )
    try:
        return kind, normalize_identifier(kind, value)
    except ValueError as error:
        raise SignalError(f"{where}.value", shown(value), f"this {kind} {error}", "signal.identifiers") from None


def _sample(value: object) -> tuple[str | None, str | None, Body]:
    """(excerpt, SHA-256 of the whole sample, what else it carried)."""
    if value is None:
        return None, None, {}
    if not isinstance(value, dict):
        raise SignalError("sample", shown(value), "sample is not an object with excerpt and sha256", "signal.sample")
    excerpt, digest = value.get("excerpt"), value.get("sha256")
    if excerpt is not None and (not isinstance(excerpt, str) or len(excerpt) > MAX_EXCERPT_CHARACTERS):
        raise SignalError(
            "sample.excerpt",
            shown(excerpt),
            f"the excerpt is not text of at most {MAX_EXCERPT_CHARACTERS} characters",
            "signal.sample",
        )
    if digest is not None:
        digest = digest.lower() if isinstance(digest, str) else ""
        if not _SHA256.fullmatch(digest):
            raise SignalError("sample.sha256", shown(value["sha256"]), "not a SHA-256 in hex", "signal.sample")
    elif excerpt:
        digest = hashlib.sha256(excerpt.encode()).hexdigest()
    rest = {name: inner for name, inner in value.items() if name not in {"excerpt", "sha256"}}
    return excerpt or None, digest, rest


def _tlp(value: object) -> str | None:
    if value is None:
        return None
    text = value.strip(" ").lower().removeprefix("tlp:") if isinstance(value, str) else ""
    text = "clear" if text == "white" else text
    if text not in TLP_NAMES:
        raise SignalError("tlp", shown(value), f"tlp is none of {', '.join(TLP_NAMES)}", "signal.tlp")
    return text


def _conduct(value: object, unmapped: Body) -> str | None:
    """A name of the catalogue; any other is kept under unmapped, since the detector may know more than we do."""
    if value is None:
        return None
    name = re.sub(r"[\s_]+", "-", value.strip(" ").lower()) if isinstance(value, str) else ""
    if name in CONDUCTS:
        return name
    unmapped["conduct"] = value
    return None
