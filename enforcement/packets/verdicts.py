"""What a verification says: named checks, one verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

INTACT = "intact"
INTACT_UNKNOWN = "intact, signer not established"
CHANGED = "changed"
UNSIGNED = "not signed"
OTHER_SIGNER = "intact, but sealed by another signer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One thing that was checked. `passed` is None where an earlier failure left nothing to check."""

    name: str
    passed: bool | None
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyReport:
    """The verdict with everything that led to it. `ok` is True for the two intact verdicts alone."""

    verdict: str
    checks: tuple[Check, ...]
    signer: str = ""
    certificate_sha256: str = ""
    time_stamp: str = ""
    packet: str = ""

    @property
    def ok(self) -> bool:
        """True for the two intact verdicts."""
        return self.verdict in (INTACT, INTACT_UNKNOWN)

    def as_json(self) -> dict[str, Any]:
        """For `--json`: plain values."""
        return {
            "verdict": self.verdict,
            "ok": self.ok,
            "packet": self.packet,
            "signer": self.signer,
            "certificate_sha256": self.certificate_sha256,
            "time_stamp": self.time_stamp,
            "checks": [{"name": c.name, "passed": c.passed, "detail": c.detail} for c in self.checks],
        }
