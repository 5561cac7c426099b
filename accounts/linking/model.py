"""What goes into a link run and what comes out of it. Plain data; nothing here computes.

Sightings are a table `account BIGINT, kind VARCHAR, identifier BIGINT, day DATE, count INT`: an account seen with an
identifier on a day. An identifier number stands for one (kind, value) and for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

MemberRole = Literal["core", "joined", "confirmed"]
SuggestionKind = Literal["merge", "join", "untold"]

COUNTS_SCHEMA = pa.schema(
    [("kind", pa.string()), ("identifier", pa.int64()), ("day", pa.date32()), ("holders", pa.int64())]
)
MEMBERS_SCHEMA = pa.schema(
    [
        ("cluster", pa.int32()),  # 1..n within this run; lasting ids are the caller's
        ("account", pa.int64()),
        ("role", pa.string()),  # core | joined | confirmed
        ("bits", pa.float64()),  # evidence against the core as a whole, itself left out
        ("bar_bits", pa.float64()),  # what it had to reach
        ("expected_strangers", pa.float64()),  # accounts of the population that would match as well by chance
        ("days_matched", pa.int32()),  # days on which two groups, or a strong identifier, matched
        ("days_active", pa.int32()),
    ]
)
BASIS_SCHEMA = pa.schema(
    [
        ("cluster", pa.int32()),
        ("account", pa.int64()),
        ("kind", pa.string()),
        ("identifier", pa.int64()),
        ("first_day", pa.date32()),  # first and last common day, and how many
        ("last_day", pa.date32()),
        ("days", pa.int32()),
        ("bits", pa.float64()),
        ("members", pa.int32()),  # other members of the core seen with it on those days
        ("holders", pa.float64()),  # holders a day among everybody (mean over the core's days)
        ("expected", pa.float64()),  # holders a day outside the core: what chance offers
        ("told", pa.bool_()),  # False: "holders among accounts known here"
    ]
)


class LinkingError(ValueError):
    """Input that linking cannot use; the message says what was wrong."""


@dataclass(frozen=True, slots=True)
class Reference:
    """How common things are among everybody: a numbered snapshot (§5 of the design).

    population: accounts of the whole customer base on one day.
    counts: Arrow table of COUNTS_SCHEMA or Parquet paths; `identifier` is the number used by the sightings. A (kind,
        identifier, day) that is absent, of a told kind on a told day, MEANS fewer than minimum_holders.
    first_day, last_day: days told; others count as not told.
    kinds: kinds told. None: those that occur in counts.
    joint: for a pair of kinds in alphabetical order, the lift: how many times more often honest parties hold two given
        values of these kinds on one day than independence gives. Hand over a high quantile of what was measured (the
        warehouse's lift_p99): the mean understates the pairs that come to notice.
    pooled: for a pair of kinds, the lift pooled over all values (observed over expected by independence, both summed):
        what large values show, where a high quantile is mostly the noise of small ones. Conjunctions are judged by it,
        for their own test allows for that noise; memberships by `joint`. Pairs that it lacks use `joint`.
    active: accounts active on a day, among everybody: the divisor of that day's holders. Days that it lacks use the
        population times the share of the accounts known here that were seen that day.
    version: the snapshot's number, kept with every result.
    census: True where the sightings themselves cover the whole customer base (context records for every account): then
        holders are counted in the sightings, `counts` may be None, and they count as told.
    """

    population: int
    counts: pa.Table | tuple[Path, ...] | None = None
    first_day: date | None = None
    last_day: date | None = None
    minimum_holders: int = 2
    kinds: frozenset[str] | None = None
    joint: Mapping[tuple[str, str], float] = field(default_factory=dict)
    pooled: Mapping[tuple[str, str], float] = field(default_factory=dict)
    active: Mapping[date, int] = field(default_factory=dict)
    version: int = 0
    census: bool = False

    def __post_init__(self) -> None:
        if self.population < 1:
            raise LinkingError("the reference's population must be 1 or more")
        if self.minimum_holders < 1:
            raise LinkingError("the reference's minimum_holders must be 1 or more")

    def lift(self, one: str, other: str, default: float) -> float:
        """The told lift of two kinds, in either order, or `default`. Never below 1: chance is not made rarer."""
        pair = (one, other) if one <= other else (other, one)
        return max(1.0, float(self.joint.get(pair, default)))


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What people said. Survives every run; contradictions come back in LinkResult.conflicts, unsettled.

    must_link, cannot_link: pairs of accounts. ignored: identifiers that never count as evidence.
    """

    must_link: frozenset[tuple[int, int]] = frozenset()
    cannot_link: frozenset[tuple[int, int]] = frozenset()
    ignored: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Resources:
    """What one run may use. temp_dir None: DuckDB does not spill."""

    threads: int = 2
    memory_limit_bytes: int = 2 << 30
    temp_dir: Path | None = None


@dataclass(frozen=True, slots=True)
class Core:
    """What formed a core: a star (one identifier) or a conjunction (two), observed against chance.

    observed, expected: holders (of all parts on the same days). surprise_bits: -log2 of the Poisson tail.
    bar_bits: what it had to pass, the number of conjunctions looked at and the population included.
    """

    cluster: int
    kinds: tuple[str, ...]
    identifiers: tuple[int, ...]
    observed: int
    expected: float
    surprise_bits: float
    bar_bits: float
    told: bool = True


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something for a person to decide; a run never acts on it.

    merge: two clusters with something, but not enough, in common. join: an account near a cluster's bar.
    untold: a link whose denominators nobody told, so that it may suggest and nothing more.
    accounts: at most 50 of them, in order; `size` says how many there are.
    """

    kind: SuggestionKind
    clusters: tuple[int, ...]
    accounts: tuple[int, ...]
    size: int
    identifiers: tuple[int, ...]
    kinds: tuple[str, ...]
    bits: float
    reason: str


@dataclass(frozen=True, slots=True)
class Cut:
    """An account or identifier that alone held two sides together, and was cut. sizes: members of each side."""

    what: Literal["account", "identifier"]
    number: int
    kind: str | None
    cluster: int
    sizes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Verdicts that contradict: a chain of must-links joins two accounts that a cannot-link keeps apart."""

    accounts: tuple[int, int]
    reason: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a run: rows that it produced and the seconds that it took (never compared between runs)."""

    name: str
    rows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Basis:
    """One reason why an account is a member; see BASIS_SCHEMA for units."""

    kind: str
    identifier: int
    first_day: date
    last_day: date
    days: int
    bits: float
    members: int
    holders: float
    expected: float
    told: bool


@dataclass(frozen=True, slots=True)
class Member:
    """One membership and everything that holds it, strongest first."""

    cluster: int
    account: int
    role: MemberRole
    bits: float
    bar_bits: float
    expected_strangers: float
    days_matched: int
    days_active: int
    basis: tuple[Basis, ...]


@dataclass(frozen=True, slots=True)
class LinkResult:
    """What a run found. Tables for COPY, dataclasses for what is small.

    members, basis: Arrow tables (MEMBERS_SCHEMA, BASIS_SCHEMA), sorted by cluster and account.
    Clusters are numbered from 1, larger first, ties by their lowest account.
    """

    members: pa.Table
    basis: pa.Table
    cores: tuple[Core, ...]
    suggestions: tuple[Suggestion, ...]
    cuts: tuple[Cut, ...]
    conflicts: tuple[Conflict, ...]
    steps: tuple[Step, ...]
    method_version: str
    reference_version: int | None
    population: int
    conjunctions_examined: int

    @property
    def cluster_count(self) -> int:
        """How many clusters there are."""
        return int(pc.max(self.members["cluster"]).as_py() or 0)

    def membership(self) -> dict[int, int]:
        """Account -> cluster, for every clustered account."""
        accounts, clusters = self.members["account"].to_pylist(), self.members["cluster"].to_pylist()
        return dict(zip(accounts, clusters, strict=True))

    def members_of(self, cluster: int) -> Iterator[Member]:
        """The members of one cluster, by account, each with its basis."""
        rows = self.members.filter(pc.equal(self.members["cluster"], cluster)).to_pylist()
        held: dict[int, list[Basis]] = {}
        for row in self.basis.filter(pc.equal(self.basis["cluster"], cluster)).to_pylist():
            account = row.pop("account")
            row.pop("cluster")
            held.setdefault(account, []).append(Basis(**row))
        for row in rows:
            yield Member(**row, basis=tuple(held.get(row["account"], ())))
