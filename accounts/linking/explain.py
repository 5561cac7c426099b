"""Why an account is in a cluster, in words: the same sentence on a page and in a packet."""

from __future__ import annotations

from datetime import date

#: Longest value shown whole; device prints and templates are longer and only their two ends tell them apart.
_VALUE_LENGTH = 24
KIND_WORDS = {
    "payment": "Payment",
    "phone": "Phone",
    "email_domain": "E-mail domain",
    "device": "Device",
    "ip": "Address",
    "subnet": "Range",
    "asn": "Network",
    "template": "Template",
    "schedule": "Schedule",
    "referral": "Referral code",
}


def explain_basis(  # noqa: PLR0913 - the columns of one stored reason
    *,
    kind: str,
    value: str,
    members: int,
    holders: float,
    expected: float,
    days: int,
    first_day: date,
    last_day: date,
    bits: float,
    told: bool,
) -> str:
    """One sentence for one identifier that holds an account in a cluster.

    members: other members of the core seen with it on common days. holders: accounts a day that hold it, among everybody
    where `told`, else among accounts known here. expected: holders a day outside the core, what chance offers. days:
    common days, from first_day to last_day. bits: evidence, log2(m/u).
    """
    return (
        f"{KIND_WORDS.get(kind, kind.replace('_', ' ').capitalize())} {_shortened(value)} was seen with "
        f"{_count(members, 'other member')} of the core {_when(days, first_day, last_day)}; "
        f"{_holders(holders, told=told)}, and {_number(expected)} would match by chance: {bits:.1f} bits."
    )


def _holders(holders: float, *, told: bool) -> str:
    whose = "of the whole customer base" if told else "(holders among accounts known here)"
    verb = "holds" if _number(holders) == "1" else "hold"
    noun = "account" if verb == "holds" else "accounts"
    return f"{_number(holders)} {noun} {whose} {verb} it on a day"


def _when(days: int, first_day: date, last_day: date) -> str:
    if days <= 1:
        return f"on {first_day.isoformat()}"
    return f"on {days:,} days between {first_day.isoformat()} and {last_day.isoformat()}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _number(value: float) -> str:
    """Whole from ten on, else two figures that tell, without exponents down to one in a million."""
    if value >= 10.0 or value == int(value):
        return f"{round(value):,}"
    if value < 1e-6:
        return "less than 0.000001"
    digits = 1
    while digits < 7 and round(value, digits) < 10 ** (1 - digits):
        digits += 1
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")


def _shortened(value: str) -> str:
    if len(value) <= _VALUE_LENGTH:
        return value
    return f"{value[: _VALUE_LENGTH - 9]}…{value[-8:]}"
