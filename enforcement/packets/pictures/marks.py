"""Short names by which a picture, its legend and the tables call one identifier: T-1352, S-07, N-01."""

from collections.abc import Iterable, Sequence

LETTERS = {
    "template": "T",
    "schedule": "S",
    "email_domain": "E",
    "referral": "F",
    "payment": "P",
    "phone": "H",
    "device": "D",
    "subnet": "N",
    "ip": "N",
    "asn": "N",
}
_LONGEST = 7


def marks_of(identifiers: Sequence[tuple[str, str]], *, taken: Iterable[str] = ()) -> tuple[str, ...]:
    """A mark for each (kind, value), in order; no mark repeats, nor one of `taken`.

    A value that is short enough and begins with its kind's letter (T-1352) is its own mark; any other gets the letter
    and a running number (N-01).
    """
    before = set(taken)
    used = before | {value for kind, value in identifiers if _is_mark(kind, value)}
    given: set[str] = set()
    marks, numbers = [], dict.fromkeys(LETTERS.values(), 0)
    for kind, value in identifiers:
        mark = value if _is_mark(kind, value) and value not in given and value not in before else ""
        letter = LETTERS.get(kind, "I")
        while not mark:
            numbers[letter] = numbers.get(letter, 0) + 1
            candidate = f"{letter}-{numbers[letter]:02d}"
            mark = "" if candidate in used else candidate
        used.add(mark)
        given.add(mark)
        marks.append(mark)
    return tuple(marks)


def _is_mark(kind: str, value: str) -> bool:
    return len(value) <= _LONGEST and value.startswith(LETTERS.get(kind, "I") + "-") and value.isascii()
