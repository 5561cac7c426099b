"""What the page shell needs: navigation, the look a person chose, keys, icons, toasts, the case stepper."""

from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from django.contrib.messages.storage.base import Message
from django.template import Context, Library
from django.utils.html import format_html
from django.utils.safestring import SafeString

from enforcement.web.look import DENSITIES, THEMES, Look, look_of_request
from enforcement.web.templatetags.addresses import address
from enforcement.web.templatetags.states import VOCABULARY, look_of

register = Library()


class _Page(NamedTuple):
    name: str
    title: str
    icon: str
    stem: str  # url names that begin so belong to this item
    count_words: str


@dataclass(frozen=True)
class NavItem:
    """One line of the nav. ``count`` is None where nothing is to be shown."""

    name: str
    title: str
    url: str
    icon: str
    here: bool
    count: int | str | None
    count_words: str


@dataclass(frozen=True)
class NavGroup:
    """A titled part of the nav."""

    slug: str
    title: str
    items: list[NavItem]


_NAV: tuple[tuple[str, tuple[_Page, ...]], ...] = (
    (
        "Work",
        (
            _Page("overview", "Overview", "overview", "overview", ""),
            _Page("alerts", "Alerts", "alert", "alert", "to triage"),
            _Page("cases", "Cases", "case", "case", "open"),
            _Page("decisions", "Decisions", "decision", "decision", "waiting"),
        ),
    ),
    (
        "Directory",
        (
            _Page("clusters", "Clusters", "cluster", "cluster", "over a threshold"),
            _Page("accounts", "Accounts", "account", "account", "in all"),
            _Page("organizations", "Organizations", "org", "organization", "in all"),
        ),
    ),
    (
        "Record",
        (
            _Page("packets", "Packets", "packet", "packet", "running"),
            _Page("policies", "Policies", "policy", "polic", ""),
            _Page("audit", "Audit", "audit", "audit", ""),
        ),
    ),
    (
        "Sources",
        (
            _Page("imports", "Imports", "import", "import", "running"),
            _Page("detectors", "Detectors", "detector", "detector", "silent"),
        ),
    ),
    (
        "Settings",
        (
            _Page("people", "People", "people", "pe", ""),
            _Page("connectors", "Connectors", "link", "connector", ""),
        ),
    ),
)

KEY_GROUPS: tuple[tuple[str, tuple[tuple[tuple[str, ...], str], ...]], ...] = (
    (
        "In a list",
        (
            (("j",), "Next row"),
            (("k",), "Row before"),
            (("x",), "Select the row"),
            (("Enter",), "Open the row"),
            (("e",), "Escalate what is selected"),
            (("d",), "Dismiss what is selected"),
            (("f",), "Set findings"),
        ),
    ),
    (
        "Anywhere",
        (
            (("/",), "Search"),
            (("n",), "Write a note"),
            (("c",), "New case"),
            (("?",), "This list"),
            (("Esc",), "Close what is open"),
        ),
    ),
    (
        "Go to",
        (
            (("g", "o"), "Overview"),
            (("g", "a"), "Alerts"),
            (("g", "c"), "Cases"),
            (("g", "d"), "Decisions"),
            (("g", "l"), "Clusters"),
            (("g", "u"), "Accounts"),
            (("g", "r"), "Organizations"),
            (("g", "p"), "Packets"),
            (("g", "i"), "Imports"),
            (("g", "t"), "Detectors"),
        ),
    ),
)

CASE_STEPS = ("new", "triage", "investigating", "in_review", "approved", "enforcing", "enforced", "closed")
# States beside the straight way, and the step that they stand on.
_STANDS_ON = {"awaiting_info": "investigating", "partially_enforced": "enforced", "merged": "closed"}


@dataclass(frozen=True)
class Step:
    """One step of a stepper. ``standing`` is done, now, ahead or skipped."""

    word: str
    standing: str
    glyph: str
    tone: str = ""
    note: str = ""


def _is_here(context: Context, page: _Page) -> bool:
    if said := context.get("nav_here"):
        return bool(said == page.name)
    match = getattr(context.get("request"), "resolver_match", None)
    url_name = (getattr(match, "url_name", "") or "") if getattr(match, "app_name", "") == "web" else ""
    return url_name.startswith(page.stem)


@register.simple_tag(takes_context=True)
def nav_groups(context: Context) -> list[NavGroup]:
    """The nav as this person sees it: only pages that exist and, where ``nav_allowed`` is given, that they may open."""
    counts = context.get("nav_counts") or {}
    allowed = context.get("nav_allowed")
    groups = []
    for title, pages in _NAV:
        items = [
            NavItem(
                page.name, page.title, url, page.icon, _is_here(context, page), counts.get(page.name), page.count_words
            )
            for page in pages
            if (allowed is None or page.name in allowed) and (url := address(f"web:{page.name}"))
        ]
        if items:
            groups.append(NavGroup(title.lower(), title, items))
    return groups


def _look(context: Context) -> Look:
    return look_of_request(context.get("request"))


@register.simple_tag(takes_context=True)
def look_attributes(context: Context) -> SafeString:
    """The attributes of <html> that carry a stored choice of theme, density and single keys."""
    look = _look(context)
    theme = format_html(' data-theme="{}"', look.theme) if look.theme else ""
    density = format_html(' data-density="{}"', look.density) if look.density else ""
    return format_html("{}{}{}", theme, density, "" if look.single_keys else SafeString(' data-keys="off"'))


@register.simple_tag(takes_context=True)
def look_settings(context: Context) -> dict[str, object]:
    """What the account menu offers and what of it is chosen."""
    look = _look(context)
    return {
        "themes": THEMES,
        "densities": DENSITIES,
        "theme": look.theme,
        "density": look.density,
        "single_keys": look.single_keys,
    }


@register.simple_tag
def key_groups() -> tuple[tuple[str, tuple[tuple[tuple[str, ...], str], ...]], ...]:
    """Every key, by where it acts."""
    return KEY_GROUPS


@register.simple_tag
def icon(name: str) -> SafeString:
    """A 16 px stroked icon of the sprite: ``{% icon "plus" %}``. It is decoration: say the thing in words beside it."""
    return format_html('<svg class="i" aria-hidden="true"><use href="#i-{}"/></svg>', name)


@register.simple_tag(takes_context=True)
def back_address(context: Context) -> str:
    """Where the person came from, if that was a page of ours other than this one; else the overview."""
    request = context.get("request")
    came_from = urlsplit(request.headers.get("referer", "")) if request else urlsplit("")
    if request and came_from.netloc == request.get_host() and came_from.path != request.path:
        return came_from.path + (f"?{came_from.query}" if came_from.query else "")
    return address("web:overview") or "/"


@register.simple_tag
def toast_parts(message: Message) -> dict[str, str]:
    """The link that a message may carry in ``extra_tags``: "url:/cases/7/|See the case"."""
    _, marker, link = (message.extra_tags or "").partition("url:")
    url, _, words = link.partition("|")
    # Only addresses of our own: a message must never become a way out.
    if not marker or not url.startswith("/") or url.startswith("//"):
        return {"url": "", "words": ""}
    return {"url": url, "words": words or "See it"}


@register.simple_tag
def case_steps(state: str, notes: dict[str, str] | None = None) -> list[Step]:
    """The steps of a case in ``state``. ``notes`` gives words under a step ("20 May", "round 2, 1 d"), by state.

    A case closed early shows the steps that it never took as skipped: those without a note, when any notes are given.
    """
    said = notes or {}
    at = CASE_STEPS.index(_STANDS_ON.get(state, state))
    steps = []
    for position, name in enumerate(CASE_STEPS):
        note = said.get(name, "")
        if position == at:
            look = look_of("case", state)
            mark = "full" if state == name and name != "closed" else look.glyph
            steps.append(Step(look.word, "now", mark, look.tone if look.tone == "warn" else "", said.get(state, note)))
        elif position > at:
            steps.append(Step(VOCABULARY["case"][name].word, "ahead", "ring"))
        elif at == len(CASE_STEPS) - 1 and said and not note:
            steps.append(Step(VOCABULARY["case"][name].word, "skipped", "slash"))
        else:
            steps.append(Step(VOCABULARY["case"][name].word, "done", "tick", note=note))
    return steps
