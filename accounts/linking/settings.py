"""Weights, caps and thresholds of linking, as versioned data.

Nothing here is read from the environment: a link run stores the settings that it used, and a run on the same sightings,
the same reference and the same settings gives the same clusters.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

Role = Literal["strong", "hub"]


class SettingsError(ValueError):
    """Settings that cannot be used; the message says which value and why."""


@dataclass(frozen=True, slots=True)
class KindSettings:
    """How one kind of identifier counts.

    m: how often linked accounts share such a thing, 0 < m < 1 (Fellegi and Sunter, 1969).
    role: "strong" links its holders as a star, "hub" counts only in conjunction with another group.
    group: kinds of one group imply each other and count once, by the strongest.
    holder_cap: holders on one day, among everybody, that honest use of a strong value explains; above it the value is
        treated as a hub. None for hubs.
    founds: whether it may found a core. Not a machine (a library's is shared by strangers) and not a whole autonomous
        system (a carrier's is, too): these add to what others founded.
    """

    m: float
    role: Role
    group: str
    holder_cap: int | None = None
    founds: bool = True

    def __post_init__(self) -> None:
        if not 0.0 < self.m < 1.0:
            raise SettingsError(f"m must lie between 0 and 1, not {self.m}")
        if self.role == "strong" and (self.holder_cap is None or self.holder_cap < 2):
            raise SettingsError("a strong kind needs a holder_cap of 2 or more")


def _default_kinds() -> dict[str, KindSettings]:
    return {
        "payment": KindSettings(0.90, "strong", "payment", 24),
        "phone": KindSettings(0.90, "strong", "phone", 16),
        "device": KindSettings(0.80, "strong", "device", 16, founds=False),
        "email_domain": KindSettings(0.60, "hub", "email_domain"),
        "referral": KindSettings(0.60, "hub", "referral"),
        "template": KindSettings(0.70, "hub", "template"),
        "schedule": KindSettings(0.70, "hub", "schedule"),
        "ip": KindSettings(0.40, "hub", "network"),
        "subnet": KindSettings(0.60, "hub", "network"),
        "asn": KindSettings(0.80, "hub", "network", founds=False),
    }


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that a link run may be tuned by. Units: bits are log2; shares lie in 0..1; sizes are accounts.

    kinds: per kind of identifier; sightings of other kinds are left out and counted in the figures.
    minimum_core: accounts that a core needs (stars of fewer holders stay links, below).
    minimum_cluster: accounts that a cluster needs to be given at all.
    conjunction_margin_bits: surprise wanted beyond log2(conjunctions looked at) + log2(population).
    conjunction_excess: holders observed over holders expected by honest coincidence, at least.
    join_margin_bits: evidence wanted beyond the prior log2(population / core).
    growth_margin_bits: the same while a core is still growing. What it admits must pass join_margin_bits in the end.
    missing_limit_bits: most that one group of kinds speaks against an account that lacks what the core shares by it.
    day_share: share of an account's active days on which it must match the core in two groups, unless it shares a
        strong identifier.
    merge_accounts, merge_groups: accounts and groups of kinds in common before two cores merge by themselves.
    merge_share: share of the smaller core that must be in common.
    values_per_account: values of one kind of one account that conjunctions look at, those on most days first.
    default_lift: how much more often honest holders of one thing hold another than independence gives, for pairs of
        kinds that the reference does not tell.
    kin: pairs of groups that one institution brings together (its own domain on its own network): they may add bits,
        but are one piece of evidence, not two. No conjunction is made of them.
    rounds: how often a core may grow at most; it stops where nothing changes.
    cut_side: members on each side of an articulation account or identifier before it is cut.
    suggestion_limit: suggestions kept, strongest first.
    """

    kinds: Mapping[str, KindSettings] = field(default_factory=_default_kinds)
    minimum_core: int = 4
    minimum_cluster: int = 3
    conjunction_margin_bits: float = 10.0
    conjunction_excess: float = 4.0
    join_margin_bits: float = 9.0
    growth_margin_bits: float = 4.0
    missing_limit_bits: float = 5.0
    day_share: float = 0.25
    merge_accounts: int = 3
    merge_groups: int = 2
    merge_share: float = 0.25
    values_per_account: int = 12
    default_lift: float = 4.0
    kin: tuple[tuple[str, str], ...] = (("email_domain", "network"),)
    rounds: int = 8
    cut_side: int = 8
    suggestion_limit: int = 500
    method_version: str = "cores-2"

    def __post_init__(self) -> None:
        if not self.kinds:
            raise SettingsError("settings name no kind of identifier")
        for name in ("day_share", "merge_share"):
            if not 0.0 <= float(getattr(self, name)) <= 1.0:
                raise SettingsError(f"{name} must lie between 0 and 1")
        for name in ("minimum_core", "minimum_cluster", "merge_accounts", "values_per_account", "rounds"):
            if int(getattr(self, name)) < 1:
                raise SettingsError(f"{name} must be 1 or more")
        if self.default_lift <= 0.0 or self.conjunction_excess < 1.0:
            raise SettingsError("default_lift must be above 0 and conjunction_excess 1 or more")

    def group(self, kind: str) -> str:
        """The group that a kind counts in. Raises KeyError for a kind that the settings do not name."""
        return self.kinds[kind].group

    def changed(self, **values: Any) -> Settings:
        """A copy with some values changed; the caller gives a new method_version where it stores it."""
        return replace(self, **values)

    def to_json(self) -> str:
        """One canonical JSON text (sorted keys, no spaces): equal settings give equal text."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Settings:
        """The settings that to_json wrote. Raises SettingsError for unknown names or values out of range."""
        try:
            data: dict[str, Any] = json.loads(text)
            kinds = {str(kind): KindSettings(**values) for kind, values in data.pop("kinds").items()}
            kin = tuple((str(one), str(other)) for one, other in data.pop("kin", ()))
            return cls(kinds=kinds, kin=kin, **data)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise SettingsError(f"these are not linking settings: {error}") from error
