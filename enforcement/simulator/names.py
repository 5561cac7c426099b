"""Invented names, prompt texts and rules. No real organization is meant; all domains end in `.example` (RFC 2606)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache

LABORATORY = "Sundermere Research"
LABORATORY_PARENT = "Sundermere Holdings"
PROXIES = ("Tarnbridge Relay", "Cobblewick Access", "Pennant Loop", "Dunmoor Credits")
COUNTRIES = ("XA", "XB", "XC", "XD", "XE", "XF")  # user-assigned codes of ISO 3166-1: no real country
WEBMAIL = (
    "postlark.example",
    "inboxly.example",
    "mailhearth.example",
    "quickpost.example",
    "letterbox.example",
)
WEBMAIL_WEIGHTS = (50, 24, 14, 8, 4)
VIRAL_REFERRALS = ("welcome25", "builders", "campus-start", "podcast10")
POPULAR_TEMPLATES = 12
CAMPAIGN_TEMPLATES = 14
TEAMS = 4


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST = _words(
    "Alder Amber Ashen Barley Bramble Briar Cinder Clover Copper Crane Dapple Elder Ember Fallow Fern Flint Gable "
    "Garnet Hazel Heather Heron Hollow Ivory Juniper Kestrel Lantern Larch Linden Maple Marble Meadow Mill Moss Nettle "
    "Oaken Orchard Otter Pebble Pewter Pine Quarry Quill Raven Reed Ridge Rowan Saffron Sedge Slate Sparrow Spruce "
    "Thatch Thistle Timber Umber Vale Walnut Willow Wren Yarrow"
)
_SECOND = _words(
    "bank bay beck bourne bury by combe cote cross dale den ford gate grove ham hill holt hurst keld ley low marsh "
    "mead mere moor ness over park pool port ridge row sand scar shaw side stead stow thorpe ton vale wade water well "
    "wick wold wood worth yard"
)
_LAST = _words(
    "Analytics Systems Software Logistics Studio Health Finance Media Robotics Tutors Works Legal Retail Labs"
)
_SHELL = _words("Trading Digital Solutions Global Ventures Tech Networks Consult")


def company(number: int) -> str:
    """Name of honest company `number`; different for the first 43,000 or so, numbered after that."""
    first, rest = number * 37 % len(_FIRST), number // len(_FIRST)
    second, turn = rest * 23 % len(_SECOND), rest // len(_SECOND)
    last, again = (turn + number) % len(_LAST), turn // len(_LAST)
    return f"{_FIRST[first]}{_SECOND[second]} {_LAST[last]}" + (f" {again + 1}" if again else "")


def shell(number: int) -> str:
    """Name of a shell organization of the campaign or of a ring."""
    first, second = number * 11 % len(_FIRST), number * 29 % len(_SECOND)
    tail = number // len(_FIRST)
    return f"{_FIRST[first]}{_SECOND[second]} {_SHELL[number % len(_SHELL)]}" + (f" {tail + 1}" if tail else "")


def slug(name: str) -> str:
    """Lower-case name with hyphens; the key of an organization and the first label of its domain."""
    return name.lower().replace(" ", "-")


@dataclass(frozen=True)
class Rule:
    """One rule of a detector; `severity` by OCSF (1 informational .. 4 high)."""

    rule: str
    title: str
    severity: int
    version: str
    text: str


@dataclass(frozen=True)
class Detector:
    """A detector as the manifest states it; `rate_setting` names its false-positive rate in the settings."""

    slug: str
    name: str
    meters: str | None
    rate_setting: str
    rules: tuple[Rule, ...]


DETECTORS = (
    Detector(
        "usage-meter",
        "Usage meter",
        "api",
        "meter_false_positive_rate",
        (
            Rule(
                "UM-01",
                "Exchange by an account in the watch",
                1,
                "3",
                "Meters every exchange of an account in the watch. An account is in the watch when its sign-up, payment "
                "or use resembles coordinated use; being metered says nothing against it.",
            ),
        ),
    ),
    Detector(
        "prompt-harvest",
        "Prompt harvest",
        None,
        "harvest_false_positive_rate",
        (
            Rule(
                "PH-01",
                "One template, many fills",
                3,
                "7",
                "At least a fifth of the day's exchanges fill one prompt template whose variable part changes each "
                "time and is never followed up.",
            ),
            Rule(
                "PH-02",
                "Asks for reasoning in steps",
                4,
                "4",
                "At least ten exchanges in a day ask for the full reasoning in a fixed layout fit for training data.",
            ),
            Rule(
                "PH-03",
                "Model used as a grader in bulk",
                3,
                "2",
                "At least ten exchanges in a day have answers scored by a rubric in a fixed layout.",
            ),
        ),
    ),
    Detector(
        "egress-watch",
        "Egress watch",
        None,
        "egress_false_positive_rate",
        (
            Rule(
                "EW-01",
                "Rotating addresses in one range",
                2,
                "5",
                "The account changes its address within one network range faster than a carrier would.",
            ),
            Rule(
                "EW-02",
                "Synchronized hours",
                3,
                "3",
                "Starts, pauses and stops within minutes of at least forty other accounts on five days of seven.",
            ),
            Rule(
                "EW-03",
                "Known resale egress",
                2,
                "6",
                "The address belongs to the egress of a service that resells access without an agreement.",
            ),
        ),
    ),
)

CONDUCTS = ("reasoning-trace-elicitation", "grading", "agentic-tool-use", "bulk-question-answer")

# Text of a template by conduct; {} is filled from _FILLS. Nothing here asks for anything harmful.
_PROMPTS = (
    (
        "Solve the exercise and show every step as a numbered list, then give the answer alone. Exercise: {}",
        "Explain your reasoning in full before the answer, in the layout THOUGHT / ANSWER. Topic: {}",
    ),
    (
        "Grade the two answers from 1 to 10 by the rubric and return a line of figures only. Task: {}",
        "Compare answer A with answer B and state which is better, with one reason. Task: {}",
    ),
    (
        "Plan the tool calls needed, one in a line, with arguments, and do not carry them out. Goal: {}",
        "Write the shell session that a careful engineer would type for this goal. Goal: {}",
    ),
    (
        "Answer in exactly three sentences, without preamble. Question: {}",
        "Give one question and its answer about the subject, fit for an exam. Subject: {}",
    ),
)
_FILLS = (
    "tides in a narrow bay",
    "sorting a list of dates",
    "fractions with unlike denominators",
    "a lost library card",
    "the water cycle",
    "a train timetable with two changes",
    "matrix inversion by hand",
    "pruning apple trees",
    "a tax form with one error",
    "the area of an irregular field",
    "renaming files in a folder",
    "a recipe for nine",
    "parsing a log line",
    "the orbit of a small moon",
    "a chess endgame with rooks",
    "translating a short letter",
    "a bicycle repair",
    "the boiling point at altitude",
    "a budget for a school trip",
    "reading a bus map",
    "the grammar of reported speech",
    "a proof about even numbers",
    "packing boxes in a van",
    "a knitting pattern",
    "merging two address books",
    "the half-life of an isotope",
    "a weather report",
    "indexing a table",
    "the plot of a short story",
    "rounding to two decimals",
    "a crossword clue",
    "the history of paper",
)
FILLS = len(_FILLS)


def conduct_of(template: int) -> int:
    """Which conduct (index into CONDUCTS) a template serves."""
    return template % len(CONDUCTS)


@cache
def excerpts() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """All sample excerpts and their SHA-256; excerpt of (template, fill) stands at `excerpt_index`."""
    texts = tuple(prompt.format(fill) for pair in _PROMPTS for prompt in pair for fill in _FILLS)
    return texts, tuple(hashlib.sha256(text.encode()).hexdigest() for text in texts)
