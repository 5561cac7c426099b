"""One JSON object out of a line, and what is said when it is none."""

import json
from typing import Any

from enforcement.signals.fields import MAX_DEPTH

Body = dict[str, Any]

_SHOWN_CHARACTERS = 120


class SignalError(Exception):
    """Why one signal is refused: the field, its value (shortened), the reason in words, and a stable code."""

    def __init__(self, column: str, value: str, reason: str, code: str = "signal.invalid") -> None:
        super().__init__(f"{column or 'signal'}: {reason}")
        self.column = column
        self.value = value
        self.reason = reason
        self.code = code


def parse_json(text: str | bytes) -> Body:
    """The JSON object in `text`.

    Raises SignalError for anything else: not JSON, not an object, a key twice, a number that JSON does not have, nesting
    deeper than MAX_DEPTH, or text that is not Unicode.
    """
    try:
        found = json.loads(text, object_pairs_hook=_pairs, parse_constant=_constant)
    except SignalError:
        raise
    except RecursionError:
        raise SignalError("", shown(text), f"nested deeper than {MAX_DEPTH} levels", "signal.depth") from None
    except ValueError as error:
        raise SignalError("", shown(text), f"not JSON: {str(error)[:80]}", "signal.json") from None
    if not isinstance(found, dict):
        raise SignalError("", shown(text), "not a JSON object", "signal.json")
    return found


def _pairs(pairs: list[tuple[str, Any]]) -> Body:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise SignalError(twice, "", "the key stands twice in one object", "signal.duplicate_key")
    return found


def _constant(name: str) -> None:
    raise SignalError("", name, f"{name} is not a number in JSON", "signal.json")


def shown(value: object) -> str:
    """A value as a refusal shows it: text, shortened, without anything a terminal would act on."""
    if isinstance(value, bytes):
        text = value[: 4 * _SHOWN_CHARACTERS].decode("utf-8", "replace")
    elif isinstance(value, str):
        text = value
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    text = text[: _SHOWN_CHARACTERS + 1]
    text = "".join(c if c.isprintable() else f"⟨U+{ord(c):04X}⟩" for c in text)
    return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…"
