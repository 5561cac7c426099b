"""The vocabulary of badges: every state of everything has one shape, one word and one tone, and this is the list.

Logic of the shapes: dashed not begun, filling circle under way, tick done, cross failed, slash set aside, square shut,
triangle needs a person, arrow back undone. Tone ``off`` sets the word in faint ink: nothing more will happen.
"""

from typing import NamedTuple

from django.template import Library
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = Library()


class Look(NamedTuple):
    """How one state is shown. ``tone`` is "" or a class of the style sheet; ``glyph`` names a symbol of the sprite."""

    tone: str
    glyph: str
    word: str


_JOB = {
    "queued": Look("", "ring", "Queued"),
    "running": Look("info", "play", "Running"),
    "done": Look("ok", "tick", "Done"),
    "failed": Look("danger", "cross", "Failed"),
    "cancelled": Look("off", "slash", "Cancelled"),
}
_SEVERITY = {
    "unknown": Look("off", "ask", "Unknown"),
    "informational": Look("", "sev0", "Informational"),
    "low": Look("", "sev1", "Low"),
    "medium": Look("", "sev2", "Medium"),
    "high": Look("warn", "sev3", "High"),
    "critical": Look("danger", "sev4", "Critical"),
    "fatal": Look("danger", "sev6", "Fatal"),
    "other": Look("off", "ring", "Other"),
}
# OCSF severity numbers, as signals store them.
_SEVERITY_NUMBERS = {
    "0": "unknown", "1": "informational", "2": "low", "3": "medium", "4": "high", "5": "critical", "6": "fatal",
    "99": "other",
}  # fmt: skip

VOCABULARY: dict[str, dict[str, Look]] = {
    "alert": {
        "new": Look("", "dash", "New"),
        "triaging": Look("info", "q2", "Triaging"),
        "escalated": Look("accent", "up", "Escalated"),
        "dismissed": Look("off", "slash", "Dismissed"),
        "duplicate": Look("off", "two", "Duplicate"),
        "resurfaced": Look("warn", "fresh", "Resurfaced"),
    },
    "case": {
        "new": Look("", "dash", "New"),
        "triage": Look("info", "q1", "Triage"),
        "investigating": Look("info", "q2", "Investigating"),
        "awaiting_info": Look("warn", "pause", "Awaiting information"),
        "in_review": Look("accent", "eye", "In review"),
        "approved": Look("accent", "tickring", "Approved"),
        "enforcing": Look("accent", "play", "Enforcing"),
        "partially_enforced": Look("warn", "tri", "Partially enforced"),
        "enforced": Look("ok", "tick", "Enforced"),
        "closed": Look("off", "sq", "Closed"),
        "merged": Look("off", "merge", "Merged"),
    },
    "decision": {
        "draft": Look("", "pen", "Draft"),
        "submitted": Look("accent", "eye", "Submitted"),
        "approved": Look("ok", "tick", "Approved"),
        "returned": Look("warn", "undo", "Returned"),
        "refused": Look("danger", "cross", "Refused"),
        "withdrawn": Look("off", "slash", "Withdrawn"),
        "void": Look("warn", "tri", "Void"),
        "expired": Look("off", "pause", "Expired"),
    },
    "target": {
        "pending": Look("", "ring", "Pending"),
        "sent": Look("info", "send", "Sent"),
        "done": Look("ok", "tick", "Done"),
        "failed": Look("danger", "cross", "Failed"),
        "cancelled": Look("off", "slash", "Cancelled"),
        "reversing": Look("info", "undo", "Reversing"),
        "reversed": Look("off", "undo", "Reversed"),
    },
    "appeal": {
        "filed": Look("", "dash", "Filed"),
        "assigned": Look("info", "q2", "Assigned"),
        "denied": Look("off", "slash", "Denied"),
        "granted_in_part": Look("warn", "q3", "Granted in part"),
        "granted": Look("ok", "undo", "Granted"),
    },
    "finding": {
        "": Look("", "dash", "No finding"),
        "none": Look("", "dash", "No finding"),
        "violating": Look("danger", "dia", "Violating"),
        "not_violating": Look("ok", "diaring", "Not violating"),
        "unclear": Look("warn", "ask", "Unclear"),
    },
    "confidence": {
        "low": Look("accent", "conf1", "Low"),
        "moderate": Look("accent", "conf2", "Moderate"),
        "high": Look("accent", "conf3", "High"),
    },
    "severity": _SEVERITY | {number: _SEVERITY[name] for number, name in _SEVERITY_NUMBERS.items()},
    "job": _JOB,
    "import": _JOB,
    "packet": _JOB,
    "link_run": _JOB,
    "detector": {
        "reporting": Look("ok", "full", "Reporting"),
        "silent": Look("warn", "tri", "Silent"),
        "canary": Look("", "dash", "Canary"),
        "revoked": Look("off", "slash", "Revoked"),
    },
    "account": {
        "active": Look("", "full", "Active"),
        "restricted": Look("warn", "pause", "Restricted"),
        "suspended": Look("warn", "pause", "Suspended"),
        "terminated": Look("off", "sq", "Terminated"),
        "ended": Look("off", "sq", "Ended"),
    },
    "cluster": {
        "active": Look("", "full", "Active"),
        "over_threshold": Look("warn", "tri", "Over a threshold"),
        "in_case": Look("accent", "up", "In a case"),
        "suggested": Look("", "dash", "Suggested"),
        "merged": Look("off", "merge", "Merged"),
        "split": Look("off", "two", "Split"),
    },
    "evidence": {
        "received": Look("", "ring", "Received"),
        "hashing": Look("info", "play", "Being hashed"),
        "hashed": Look("ok", "tick", "Hashed"),
        "withdrawn": Look("off", "slash", "Withdrawn"),
    },
    "task": {
        "open": Look("", "ring", "Open"),
        "done": Look("ok", "tick", "Done"),
        "waived": Look("off", "slash", "Waived"),
    },
    "policy": {
        "draft": Look("", "pen", "Draft"),
        "in_force": Look("ok", "full", "In force"),
        "future": Look("info", "q1", "Not yet in force"),
        "superseded": Look("off", "sq", "Superseded"),
    },
    "token": {
        "active": Look("ok", "full", "Active"),
        "expired": Look("off", "pause", "Expired"),
        "revoked": Look("off", "slash", "Revoked"),
    },
    "person": {
        "active": Look("", "full", "Active"),
        "inactive": Look("off", "slash", "Signed out for good"),
    },
    "mark": {
        "waiting": Look("", "ring", "Waiting"),
        "met": Look("ok", "tickring", "Met"),
        "no_case": Look("warn", "tri", "No case yet"),
        "late": Look("danger", "tri", "Late"),
        "due": Look("warn", "tri", "Due"),
    },
}


def look_of(kind: str, state: object) -> Look:
    """The look of ``state`` of ``kind``. One that nobody listed shows as itself with a question mark."""
    key = "" if state is None else str(state).lower()
    known = VOCABULARY[kind].get(key)
    return known or Look("off", "ask", key.replace("_", " ").capitalize() or "Unknown")


@register.simple_tag
def badge(kind: str, state: object, *, words: str = "", plate: bool = False, small: bool = False) -> SafeString:
    """``{% badge "case" case.state %}``. ``words`` replaces the word; ``plate`` is for page heads."""
    look = look_of(kind, state)
    classes = " ".join(part for part in ("badge", look.tone, "plate" * plate, "small" * small) if part)
    return format_html(
        '<span class="{}"><svg class="g" aria-hidden="true"><use href="#g-{}"/></svg>{}</span>',
        classes,
        look.glyph,
        words or look.word,
    )


@register.simple_tag
def glyph(name: str) -> SafeString:
    """A bare 12 px state glyph, for feeds and steppers: ``{% glyph "tick" %}``."""
    return format_html('<svg class="g" aria-hidden="true"><use href="#g-{}"/></svg>', name)


@register.filter
def state_word(state: object, kind: str) -> str:
    """The word alone, for prose, titles and options: ``{{ case.state|state_word:"case" }}``."""
    return look_of(kind, state).word
