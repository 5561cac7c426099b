"""Text as the packet's fonts can honestly show it.

Characters that are invisible, change reading direction, or have no glyph in the fonts of the Typst wheel are
shown by their code, `⟨U+202E⟩`. Typst stops at some of them and passes others unseen, so none reaches it.
The exact bytes stay in the attached files.
"""

from __future__ import annotations

import bisect
import re
import unicodedata
from functools import lru_cache

# Code points that both Libertinus Serif (every style used) and, as its fallback, DejaVu Sans Mono can draw,
# as read from the fonts inside typst 0.15.2; controls, private use and right-to-left letters left out.
_DRAWABLE = (
    "20-7E A0-AC AE-1C3 1CD-1DD 1DF-1E3 1E6-1EF 1F4-1F6 1F8-1F9 1FC-21F 221 224-241 243-245 249 24C-24D "
    "250-2E9 2EC-2EE 2F3 300-33F 342-343 358 361 374-377 37A-37F 384-38A 38C 38E-3A1 3A3-3CE 3D0-3E1 "
    "3F0-45F 462-463 472-473 490-49B 4A2-4A5 4AA-4B3 4BA-4BB 4C0-4C4 4C7-4C8 4CB-4CC 4CF-4F9 510-511 "
    "51A-51D 531-556 559-55F 561-587 589-58A 5B0-5BD 5BF 5C1-5C2 E3F E81-E82 E84 E87-E88 E8A E8D E94-E97 "
    "E99-E9F EA1-EA3 EA5 EA7 EAA-EAB EAD-EB9 EBB-EBC EC8-ECD 10D0-10FC 1D02 1D08-1D09 1D14 1D16-1D17 "
    "1D1D-1D1F 1D2C-1D2E 1D30-1D3C 1D3E-1D5B 1D62-1D65 1D77-1D78 1D7B 1D85 1D9B-1DB7 1DB9-1DBF 1E00-1E9B "
    "1E9E-1EF9 1F00-1F15 1F18-1F1D 1F20-1F45 1F48-1F4D 1F50-1F57 1F59 1F5B 1F5D 1F5F-1F7D 1F80-1FB4 "
    "1FB6-1FC4 1FC6-1FD3 1FD6-1FDB 1FDD-1FEF 1FF2-1FF4 1FF6-1FFE 2010-2027 202F-2037 2039-203F 2042 "
    "2044-204B 204F 2070-2071 2074-208E 2090-209C 20A0-20B5 20B8-20BA 20BD 20BF 2100-2103 2105-2106 2109 "
    "210C-210F 2111 2113 2115-2117 2119-211A 211C-211D 2120 2122 2124 2126-2127 212A-212B 212E 2135-2137 "
    "2139 2148 2150-2151 2153-2184 2189 2190-2220 2223-222D 2234-223D 2241-226B 226D-228B 228D-22A5 "
    "22B2-22B5 22B8 22C2-22C6 22CD-22D1 22DA-22E9 22EF 2300-2306 2308-2315 2318-2319 231C-2321 2325-232B "
    "2335-237A 237D 2380-2383 2388-238B 2395 239B-23AE 23CE-23CF 23D3 2423 2500-2600 2605 2619 261B 261E "
    "2627 262F 2638-2653 2660-2667 2669-266F 2695 2698 26A2-26A4 2767 27C2 27C5-27C6 27DC 27E0 27E6-27EB "
    "27F5-27F7 2987-2988 2997-2998 29EB 29FA-29FB 2A00 2A2F 2A6A-2A6B 2B05-2B0D 2B12-2B1A 2C60-2C70 "
    "2C74-2C77 2C79-2C7A 2C7C-2C7F 2E18 2E1F 2E22-2E25 2E2E A708-A716 A71B-A727 A789-A78E A790-A791 A7AA "
    "A7F8-A7F9 FB01-FB02 FB29 FFFD 1D106-1D107 1D55A"
)
_BOUNDS: list[tuple[int, int]] = [
    (int(first, 16), int(last or first, 16))
    for first, _, last in (item.partition("-") for item in "".join(_DRAWABLE).split())
]
_STARTS = [first for first, _ in _BOUNDS]
_MARKS_IN_A_ROW = 2
# Drawn as nothing although the font has a glyph: joiners, fillers, variation selectors, a blank pattern.
_BLANK = frozenset({0x034F, 0x115F, 0x1160, 0x2800, 0x3164, 0xFFA0, *range(0xFE00, 0xFE10)})
_PLAIN = re.compile(r"[ -~]*")


@lru_cache(maxsize=4096)
def is_drawable(character: str) -> bool:
    """Whether a reader would see this one character as what it is."""
    code = ord(character)
    if code in _BLANK or (code != 0x20 and unicodedata.category(character) == "Zs"):
        return False
    position = bisect.bisect_right(_STARTS, code) - 1
    return position >= 0 and code <= _BOUNDS[position][1]


def code_of(character: str) -> str:
    """The printed form of a character that cannot be shown, for example ⟨U+202E⟩."""
    return f"\u27e8U+{ord(character):04X}\u27e9"


def visible(text: str, *, keep_lines: bool = False) -> str:
    """Return `text` with every undrawable character replaced by its code.

    `keep_lines` leaves line feeds in place (quoted clauses, query texts); elsewhere they are shown too. More
    than two combining marks on one letter are shown by code, since they would run over other lines.
    """
    if _PLAIN.fullmatch(text):
        return text
    parts: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        keep = (keep_lines and character == "\n") or (is_drawable(character) and marks <= _MARKS_IN_A_ROW)
        parts.append(character if keep else code_of(character))
    return "".join(parts)
