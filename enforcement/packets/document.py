"""Everything that an evidence packet shows, as plain data.

The service freezes one `PacketInputs` in the packet row; `building.build_packet` turns it into bytes and
looks at nothing else: not the database, not the clock, not the network. Times are aware UTC datetimes, days
are UTC calendar days, sizes are bytes, weights are bits (log2 of a likelihood ratio), shares are 0 to 1.
Exhibits are cited by number (`EX-003`); an empty tuple means "none", and the packet says so in one sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

FINDINGS = ("violating", "not violating", "unclear")
TARGET_STATUSES = ("pending", "sent", "done", "failed", "cancelled", "reversing", "reversed")
CONFIDENCES = ("high", "moderate", "low")
TLP_MARKS = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
EVIDENCE_CLASSES = ("record", "summary of records", "illustrative aid", "opinion")


@dataclass(frozen=True, kw_only=True, slots=True)
class AuditSeal:
    """The head of the audit chain when the inputs were frozen. `published` says where, or is empty."""

    batch: int
    head: str
    sealed_at: datetime
    published: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignatureFacts:
    """What is known of the seal before it is set; printed, so known when the inputs are frozen.

    `certificate_sha256` is over the DER bytes; `time_stamp_authority` is the configured address or empty.
    """

    signer: str
    certificate_sha256: str
    time_stamp_authority: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cover:
    """Identity and handling. `conduct_until` is the last day of conduct, inclusive."""

    case_ref: str
    case_title: str
    case_state: str
    case_opened_at: datetime
    packet_ref: str
    version: int
    supersedes: int | None
    profile: str
    tlp: str
    issuer: str
    issuer_short: str
    recipient: str
    bates_prefix: str
    conduct_from: date
    conduct_until: date
    facts_as_of: datetime
    built_at: datetime
    synthetic: bool = False
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyVersion:
    """A published version; `sha256` is over its text, `pinned` is the one that the case uses."""

    name: str
    version: str
    in_force_from: date
    in_force_until: date | None
    sha256: str
    pinned: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Clause:
    """One clause relied on, word for word. `conduct` says what was found under it, in a few words."""

    ref: str
    title: str
    text: str
    conduct: str = ""
    exhibits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """Versions near the conduct period, oldest first, and the clauses relied on."""

    versions: tuple[PolicyVersion, ...]
    clauses: tuple[Clause, ...]
    exhibits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One detector rule as registered; `sha256` is over the text of the rule."""

    rule: str
    title: str
    version: str
    sha256: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Detector:
    """`false_positive_rate`: share of honest accounts flagged, as stated by its owner; None: not stated.

    `meters` names the product whose exchanges it counts, or is empty. `rules` are those seen in the case.
    """

    slug: str
    name: str
    meters: str
    false_positive_rate: float | None
    signals: int
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class KindWeight:
    """How one kind of identifier weighs: m and u are probabilities; bits log2(m/u) at its most and least."""

    kind: str
    meaning: str
    m: float
    bits_highest: float
    bits_lowest: float
    cap_holders: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting:
    """A name with what is said of it."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkMethod:
    """`denominators`: 'everybody' or 'accounts known here'. `bar_bits`: least and most that members had to reach."""

    version: str
    run_ref: str
    run_at: datetime
    snapshot: str
    snapshot_as_of: date | None
    population: int | None
    denominators: str
    bar_bits: tuple[float, float] | None
    kinds: tuple[KindWeight, ...]
    settings: tuple[Setting, ...] = ()
    exhibits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """One measurement of the method on data whose truth is known; precision and recall 0 to 1 (B-cubed)."""

    setting: str
    precision: float
    recall: float
    accounts: int
    honest_in_cases: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Method:
    """`limits` are (heading, sentence); `not_measured` and `not_done` are whole sentences."""

    detectors: tuple[Detector, ...]
    link: LinkMethod | None
    evaluations: tuple[Evaluation, ...] = ()
    evaluation_exhibits: tuple[str, ...] = ()
    limits: tuple[Setting, ...] = ()
    not_measured: tuple[str, ...] = ()
    not_done: tuple[str, ...] = ()
    archive_exhibits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineEvent:
    """Something the issuer did or that a rule did, at one moment."""

    at: datetime
    text: str
    exhibits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DailyRow:
    """Exchanges by the subjects of one group on one day, from the metering detectors. `group` may be ''."""

    day: date
    group: str
    accounts_active: int
    exchanges: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeline:
    """`threshold` draws a line at that many exchanges a day, said in words; None draws none."""

    days: tuple[DailyRow, ...]
    events: tuple[TimelineEvent, ...]
    threshold: int | None = None
    threshold_words: str = ""
    account_limit: int | None = None
    highest_account_day: int | None = None
    exhibits: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class IdentifierRow:
    """An identifier shared by two or more members. `mark` is its short name in the picture, or ''.

    `value` is what may be shown (a pseudonym where the value itself may not be); `holders` counts accounts
    that hold it among everybody, or None where only `members` is known; `bits` is its weight for a link.
    """

    mark: str
    kind: str
    value: str
    cluster: str
    members: int
    holders: int | None
    bits: float
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Members in one place-like identifier (a network range), drawn as dots; `active` are not ended."""

    key: str
    name: str
    accounts: int
    active: int
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedHub:
    """An identifier held across places; area follows `accounts`, `bits` is its match weight."""

    key: str
    name: str
    kind: str
    accounts: int
    bits: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Tie:
    """How many accounts of one place hold one shared hub, both by key."""

    place: str
    hub: str
    accounts: int


@dataclass(frozen=True, kw_only=True, slots=True)
class IgnoredHub:
    """An identifier that weighs nothing, with the accounts outside the cluster that hold it too."""

    key: str
    name: str
    kind: str
    accounts: int
    bystanders: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """One cluster of the case as of `as_of`: what its picture draws, on the page and here alike.

    `place_words` names the places in the plural ("network ranges"); `examples` are worked links in words by
    kind of evidence (name: a `held_by` value; value: a sentence).
    """

    ref: str
    as_of: datetime
    accounts: int
    place_words: str
    places: tuple[Place, ...]
    hubs: tuple[SharedHub, ...]
    ties: tuple[Tie, ...]
    ignored: tuple[IgnoredHub, ...] = ()
    left_out: str = ""
    examples: tuple[Setting, ...] = ()
    exhibits: tuple[str, ...] = ()
