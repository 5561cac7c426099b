"""What a signal may hold: lengths, ranges, names. The one table that validation, SQL and the JSON schema read."""

from datetime import UTC, datetime, timedelta

# Text fields and their greatest length in characters. Numbers given where text is expected are taken as text.
TEXT_LENGTHS = {
    "source_ref": 200,
    "account": 120,
    "rule": 80,
    "title": 200,
    "principal": 200,
    "organization": 200,
    "product": 40,
    "model": 80,
    "rule_version": 40,
}
REQUIRED = ("source_ref", "account", "observed_at")
COUNT_FIELDS = ("exchanges", "tokens_in", "tokens_out")
GREATEST_COUNT = 1_000_000_000
GREATEST_SCORE = 100.0
MAX_IDENTIFIERS = 100
KIND_PATTERN = r"[a-z][a-z0-9_]{0,19}"
MAX_IDENTIFIER_CHARACTERS = 300
MAX_EXCERPT_CHARACTERS = 8_000
MAX_DEPTH = 32

# OCSF severity_id by name (https://schema.ocsf.io, attribute severity_id).
SEVERITY_NAMES = {
    "unknown": 0,
    "informational": 1,
    "low": 2,
    "medium": 3,
    "high": 4,
    "critical": 5,
    "fatal": 6,
    "other": 99,
}
SEVERITIES = (*range(7), 99)
TLP_NAMES = ("clear", "green", "amber", "amber+strict", "red")  # FIRST, Traffic Light Protocol 2.0
CONDUCTS = (
    "reasoning-trace-elicitation",
    "grading",
    "agentic-tool-use",
    "bulk-question-answer",
    "resale",
    "automated-sign-up",
    "evasion",
    "account-sharing",
    "safeguard-probing",
    "payment-abuse",
    "other",
)
KNOWN_FIELDS = frozenset(
    {*TEXT_LENGTHS, *COUNT_FIELDS, "observed_at", "severity", "score", "conduct", "identifiers", "sample", "tlp", "raw"}
)

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)


def latest_allowed(now: datetime) -> datetime:
    """The latest time that a signal received at `now` may carry: clocks and time zones differ by a day at most."""
    return now + AHEAD
