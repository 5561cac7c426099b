"""What every section may ask for: inputs, query results, files, and how numbers and times are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from enforcement.packets.attachments import Attachment
from enforcement.packets.document_records import PacketInputs
from enforcement.packets.errors import IncompletePacketError
from enforcement.packets.queries import QueryResult


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """The inputs with all that is computed from them before the words are set."""

    inputs: PacketInputs
    queries: dict[str, QueryResult]
    files: tuple[Attachment, ...]
    manifest: Attachment
    digest: str

    def query(self, key: str) -> QueryResult:
        """The result of one query by key; IncompletePacketError where the register lacks it."""
        try:
            return self.queries[key]
        except KeyError:
            raise IncompletePacketError("missing_query", f"The packet needs the query “{key}”.") from None

    def sources(self, *names: str, exhibits: Sequence[str] = ()) -> tuple[str, ...]:
        """Labels to cite: query keys become their numbers, other names stay; queries stand first."""
        labels = [self.queries[name].number if name in self.queries else name for name in names]
        ordered = dict.fromkeys([*labels, *exhibits])
        return tuple(ordered)

    @property
    def days(self) -> int:
        """Days of the conduct period, both ends counted."""
        return (self.inputs.cover.conduct_until - self.inputs.cover.conduct_from).days + 1

    @property
    def anchors(self) -> list[str]:
        """Every label that a source may name."""
        return [
            *(query.number for query in self.queries.values()),
            *(exhibit.number for exhibit in self.inputs.exhibits),
            *(redaction.number for redaction in self.inputs.redactions),
        ]


def number(value: float) -> str:
    """A whole number with commas between thousands."""
    return f"{int(value):,}"


def share(part: int, whole: int, decimals: int = 2) -> str:
    """A percentage; a dash where there is nothing to share."""
    return f"{100 * part / whole:.{decimals}f}%" if whole else "–"


def day(value: date | None) -> str:
    """`2026-06-05`, or a dash."""
    return value.isoformat() if value else "–"


def minute(at: datetime) -> str:
    """`2026-06-05 14:00`, UTC said elsewhere."""
    return at.strftime("%Y-%m-%d %H:%M")


def second(at: datetime) -> str:
    """`2026-06-05 14:00:04`, UTC said elsewhere."""
    return at.strftime("%Y-%m-%d %H:%M:%S")


def plural(count: int, one: str, many: str | None = None) -> str:
    """The count with its noun: `1 account`, `2 accounts`."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def bits(value: float | str) -> str:
    """Bits with one decimal."""
    return f"{float(value):.1f}"


def spread(low: str, high: str) -> str:
    """A range of two numbers, spaced; one number where both are equal, a dash where there is none."""
    if not low and not high:
        return "–"
    return low if low == high else f"{low} – {high}"
