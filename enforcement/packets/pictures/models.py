"""What pictures are drawn from: plain data, in the units that the names say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class DayMark:
    """Something that happened on a day and stands above its bar: a letter in the chart, words in the description."""

    day: date
    letter: str
    words: str


@dataclass(frozen=True)
class Threshold:
    """A value a day that a rule watches, and the rule's name."""

    value: float
    name: str = "the rule"


@dataclass(frozen=True)
class DayLine:
    """A second series under the bars, one value a day, with its own scale."""

    values: Sequence[float]
    unit: str = "active accounts"


@dataclass(frozen=True)
class Group:
    """Accounts of a cluster in one place, usually a network range. ``active`` of ``accounts`` are not ended."""

    key: str
    name: str
    accounts: int
    active: int
    detail: str = ""


@dataclass(frozen=True)
class Hub:
    """An identifier held by many accounts. ``kind`` is an identifier kind of the product; ``bits`` its match weight.

    ``name`` is what the picture writes, a mark; ``value`` the identifier itself where that is something else.
    """

    key: str
    name: str
    kind: str
    accounts: int
    bits: float
    value: str = ""


@dataclass(frozen=True)
class Tie:
    """``accounts`` of a group hold a hub."""

    group: str
    hub: str
    accounts: int


@dataclass(frozen=True)
class Ignored:
    """An identifier that does not count, and the accounts outside the cluster that it would have caught."""

    key: str
    name: str
    kind: str
    accounts: int
    bystanders: int


@dataclass(frozen=True)
class ClusterView:
    """One cluster on one day, as the picture shows it. ``left_out`` says in words what is not drawn."""

    ref: str
    as_of: date
    accounts: int
    groups: Sequence[Group]
    hubs: Sequence[Hub]
    ties: Sequence[Tie]
    ignored: Sequence[Ignored] = field(default_factory=tuple)
    left_out: str = ""
