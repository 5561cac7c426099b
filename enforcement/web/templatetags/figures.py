"""Numbers as the product writes them: full where they decide something, short in tiles and prose."""

from decimal import Decimal

from django.template import Library
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = Library()

Number = int | float | Decimal

NOTHING = "none"
MINUS = "\N{MINUS SIGN}"
GAP = "\N{NO-BREAK SPACE}"
HEAD_LIMIT = 10_000
_WORDS = (
    "No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve",
)  # fmt: skip


def _signed(text: str) -> str:
    return text.replace("-", MINUS)


@register.filter
def full(value: Number | str | None) -> str:
    """``25014`` as ``25,014``; fractions keep one decimal; text passes through; nothing known is "none"."""
    if value is None or isinstance(value, str):
        return value or NOTHING
    if value == int(value):
        return _signed(f"{int(value):,}")
    return _signed(f"{value:,.1f}")


@register.filter
def short(value: Number | None) -> str:
    """Under a million in full; above with three digits that count: ``28.8 M``, ``1.94 M``, ``1.20 bn``."""
    if value is None:
        return NOTHING
    for size, unit in ((1e9, "bn"), (1e6, "M")):
        if abs(float(value)) >= size:
            scaled = float(value) / size
            decimals = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return _signed(f"{scaled:.{decimals}f}{GAP}{unit}")
    return full(value)


@register.filter
def percent(share: Number | None, decimals: int = 0) -> str:
    """A share 0..1 as ``66 %``. What is not 0 or 1 never shows as 0 or 100: it says "under" or "over"."""
    if share is None:
        return NOTHING
    value = float(share) * 100
    text = f"{value:,.{decimals}f}"
    step = f"{10**-decimals:.{decimals}f}"
    if value > 0 and float(text.replace(",", "")) == 0:
        return f"under {step}{GAP}%"
    if value < 100 and float(text.replace(",", "")) == 100:
        return f"over {100 - 10**-decimals:.{decimals}f}{GAP}%"
    return _signed(f"{text}{GAP}%")


@register.filter
def bits(value: Number | None, decimals: int = 1) -> str:
    """Evidence for a link in bits: ``12.2 bits``."""
    if value is None:
        return NOTHING
    return _signed(f"{float(value):.{decimals}f}{GAP}bits")


@register.filter
def size(value_bytes: int | None) -> str:
    """Bytes in decimal units: ``3.1 GB``, ``812 kB``, ``64 bytes``."""
    if value_bytes is None:
        return NOTHING
    amount = float(value_bytes)
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if amount < 999.5 or unit == "TB":
            decimals = 1 if unit not in ("bytes", "kB") and amount < 99.95 else 0
            return f"{amount:,.{decimals}f}{GAP}{unit}"
        amount /= 1000
    return NOTHING


@register.filter
def counted(number: Number | None, noun: str) -> str:
    """``{{ 3|counted:"account" }}`` is "3 accounts"; irregular words as "policy,policies"."""
    one, _, many = noun.partition(",")
    return f"{full(number or 0)} {one if number == 1 else many or one + 's'}"


@register.filter
def number_word(number: int | None) -> str:
    """Up to twelve as a word with a capital, to start a sentence: "Three things are missing"."""
    count = number or 0
    return _WORDS[count] if 0 <= count < len(_WORDS) else full(count)


@register.filter
def head_count(number: int | None) -> str:
    """The count in a list head: exact to 10,000, then "10,000+"."""
    if number is not None and number > HEAD_LIMIT:
        return f"{HEAD_LIMIT:,}+"
    return full(number or 0)


@register.filter
def change(number: Number | None) -> SafeString | str:
    """A difference with its sign: +32 or −161, toned, sign first; 0 is plain."""
    if not number:
        return "0"
    name, sign = ("delta-add", "+") if number > 0 else ("delta-del", "")
    return format_html('<span class="{}">{}{}</span>', name, sign, full(number))


@register.filter
def digest(value: str | bytes | None) -> SafeString | str:
    """A hash in groups of eight, the first marked: that is what people compare and type."""
    if not value:
        return NOTHING
    text = value.hex() if isinstance(value, bytes) else str(value)
    groups = [text[start : start + 8] for start in range(0, len(text), 8)]
    rest = format_html_join("", " {}", ((group,) for group in groups[1:]))
    return format_html('<code class="digest"><mark>{}</mark>{}</code>', groups[0], rest)


@register.filter
def words_list(values: object) -> str:
    """``["a", "b", "c"]`` as "a, b and c"; nothing as "none"."""
    parts = [str(value) for value in values] if isinstance(values, list | tuple | set) else [str(values or "")]
    parts = [part for part in parts if part]
    if not parts:
        return NOTHING
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


@register.filter
def initials(name: str | None) -> str:
    """Two letters for the avatar: "Ines Calloway" is IC."""
    words = [word for word in str(name or "").replace("@", " ").split() if word[:1].isalpha()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words[:1])).upper() or "–"


@register.simple_tag
def avatar(name: str) -> SafeString:
    """A round mark with initials; the name is there for readers and on hover."""
    return format_html(
        '<span class="avatar" title="{0}"><span aria-hidden="true">{1}</span><span class="vh">{0}</span></span>',
        name,
        initials(name),
    )
