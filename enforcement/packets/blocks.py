"""What a packet page is made of, and the rule that no number stands without a source.

Sections are lists of blocks; blocks hold runs of text. A run is plain text or one of the marks below; text
reaches Typst as JSON strings, never as markup. `finish` numbers paragraphs, tables and figures, resolves
references between them, and refuses a document in which a number, table or figure names no source, or
names one that is not in a register of this packet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from enforcement.packets.document import EVIDENCE_CLASSES
from enforcement.packets.errors import IncompletePacketError
from enforcement.packets.visible import visible

CASE_RECORD = "case record"
POLICY_REGISTER = "policy register"
DETECTOR_REGISTER = "detector register"
SEAL = "seal"
FIXED_SOURCES = (CASE_RECORD, POLICY_REGISTER, DETECTOR_REGISTER, SEAL)


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked run: `b` bold, `i` italic, `m` mono, `h` a hash, `r` link to a register entry, `t` a block by key."""

    style: str
    text: str


Run = str | Mark
Runs = Sequence[Run]


def bold(text: str) -> Mark:
    """A semibold run."""
    return Mark("b", text)


def mono(text: str) -> Mark:
    """A run in the mono font: names of files, ids, hashes."""
    return Mark("m", text)


def whole_hash(text: str) -> Mark:
    """A hash: mono, small enough that 64 digits stand on one line of a table."""
    return Mark("h", text)


def cited(labels: Sequence[str]) -> list[Run]:
    """Links to register entries with commas between, for a table cell; a dash for none."""
    runs: list[Run] = []
    for label in labels:
        runs += [", "] if runs else []
        runs.append(label if label in FIXED_SOURCES else Mark("r", label))
    return runs or ["–"]


def see(key: str) -> Mark:
    """`Table 7` or `Figure 2`, whichever number the block with this key gets."""
    return Mark("t", key)


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """A heading of level 2."""

    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Paragraph:
    """A numbered paragraph. `sources` are labels: Q-01, EX-003, R-001 or one of FIXED_SOURCES."""

    runs: Runs
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Small text under a table or figure; shares the sources of what it explains."""

    runs: Runs
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Quote:
    """Words of somebody else, set off by a rule at the left. `quoted` adds quotation marks."""

    text: str
    sources: tuple[str, ...]
    lead: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Items:
    """A list. Items with numbers need sources, given once for the whole list."""

    items: Sequence[Runs]
    ordered: bool = False
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Box:
    """A statement between two rules, over the full width."""

    runs: Runs
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """The text of queries, line by line."""

    text: str


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """One of the numbers of the summary; `words` complete it."""

    value: str
    words: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyNumbers:
    """A grid of four across."""

    numbers: Sequence[KeyNumber]


@dataclass(frozen=True, slots=True)
class Column:
    """`width` is a number of millimetres, or 'rest'."""

    head: str
    width: float | str = "rest"
    right: bool = False
    mono: bool = False
    grey: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """`below` is a second line across all columns but the first; `anchor` is the label that links go to."""

    cells: Sequence[Runs | str]
    below: Runs = ()
    anchor: str = ""
    total: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """`narrow` indents the table to the text column; a table without `title` has no number."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    sources: tuple[str, ...]
    evidence_class: str = ""
    key: str = ""
    title: str = ""
    narrow: bool = False
    show_source: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """`image` is the SVG's file name among the compile inputs; `alt` gives its values in words."""

    key: str
    title: str
    image: str
    alt: str
    sources: tuple[str, ...]
    evidence_class: str
    width_mm: float = 166.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Fixed:
    """A part whose words are the template's own (certification, seal); `name` picks it, `data` fills it."""

    name: str
    data: dict[str, str] = field(default_factory=dict)


Block = Heading | Paragraph | Note | Quote | Items | Box | Code | KeyNumbers | Table | Figure | Fixed


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """`new_page` starts the section on a page of its own."""

    number: int
    title: str
    blocks: Sequence[Block]
    new_page: bool = True


# Numerals that count nothing: references, names of standards, and the words of design page.
_NOT_A_COUNT = re.compile(
    r"\b(?:Section|Sections|Rule|Rules|Clause|clauses?|version|Version)\s[\dA-Z][\w.()-]*"
    r"(?:(?:, | and | to )\d[\w.()]*)*"
    r"|\b(?:SHA-256|RFC 3161|PDF/A-3|UTF-8|TLP 2\.0|28 U\.S\.C\. § 1746)\b"
)


def plain(runs: Runs | str) -> str:
    """The text of runs as a reader sees it, references to tables left out."""
    if isinstance(runs, str):
        return runs
    return "".join(run if isinstance(run, str) else "" if run.style == "t" else run.text for run in runs)


def has_number(runs: Runs | str) -> bool:
    """Whether the text states a number (references and names of standards are none)."""
    return any(character.isdigit() for character in _NOT_A_COUNT.sub("", plain(runs)))


class Finisher:
    """Numbers the blocks of a whole document and checks their sources; used once, by `finish`."""

    def __init__(self, anchors: Iterable[str]) -> None:
        self.anchors = set(anchors) | set(FIXED_SOURCES)
        self.paragraphs = 0
        self.numbers: dict[str, str] = {}

    def count(self, sections: Sequence[Section]) -> None:
        """Give every table and figure its number before references to it are set."""
        tables = figures = 0
        for block in (block for section in sections for block in section.blocks):
            if isinstance(block, Table) and block.title:
                tables += 1
                self.numbers[block.key or block.title] = f"Table {tables}"
            elif isinstance(block, Figure):
                figures += 1
                self.numbers[block.key] = f"Figure {figures}"

    def need_source(self, where: str, sources: Sequence[str], *, stated: bool) -> list[str]:
        """The sources as given; IncompletePacketError when a number has none, or one does not exist."""
        if stated and not sources:
            raise IncompletePacketError("number_without_source", f"A number in the packet has no source: {where}")
        for source in sources:
            if source not in self.anchors:
                raise IncompletePacketError("unknown_source", f"The packet cites {source}, which is in no register.")
        return list(sources)

    def runs(self, runs: Runs | str) -> list[Any]:
        """Runs as JSON: plain strings and [style, text] pairs."""
        out: list[Any] = []
        for run in [runs] if isinstance(runs, str) else runs:
            if isinstance(run, str):
                out.append(visible(run))
            elif run.style == "t":
                out.append(self.numbers[run.text])
            else:
                if run.style == "r":
                    self.need_source(run.text, [run.text], stated=True)
                out.append([run.style, visible(run.text)])
        return out

    def next_paragraph(self) -> int:
        """The next paragraph number; it runs through the packet."""
        self.paragraphs += 1
        return self.paragraphs

    def check_class(self, block: Table | Figure) -> str:
        """The class of evidence; IncompletePacketError where a numbered table or figure has none."""
        if block.title and block.evidence_class not in EVIDENCE_CLASSES:
            raise IncompletePacketError("no_class", f"“{block.title}” does not say what class of evidence it is.")
        return block.evidence_class
