"""Addresses: filters, sort and paging live in the query, so that every view of a list can be linked to."""

from typing import Any

from django.http import HttpRequest, QueryDict
from django.template import Context, Library
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = Library()

# A cursor belongs to one order of one list: any other change of the query drops it.
CURSORS = ("before", "after", "page")


def changed_query(query: QueryDict, **changes: object) -> str:
    """``query`` with ``changes`` as "?a=1&b=2" ("?" when empty). None removes a key, a list sets several values."""
    fresh = query.copy()
    for key in CURSORS:
        fresh.pop(key, None)
    for key, value in changes.items():
        fresh.pop(key, None)
        if isinstance(value, list | tuple):
            fresh.setlist(key, [str(one) for one in value])
        elif value is not None and value != "":
            fresh[key] = str(value)
    return f"?{fresh.urlencode()}"


def query_less(query: QueryDict, key: str, value: object) -> str:
    """``query`` without one value of a key that may hold several."""
    return changed_query(query, **{key: [one for one in query.getlist(key) if one != str(value)]})


def _request(context: Context) -> HttpRequest:
    request: HttpRequest = context["request"]
    return request


@register.simple_tag(takes_context=True)
def query_url(context: Context, **changes: object) -> str:
    """``<a href="{% query_url state="new" %}">``: this page with one thing changed; None removes."""
    return changed_query(_request(context).GET, **changes)


@register.simple_tag(takes_context=True)
def query_without(context: Context, key: str, value: object = None) -> str:
    """The address a filter chip leads to: this page without that filter, or without one of its values."""
    query = _request(context).GET
    return changed_query(query, **{key: None}) if value is None else query_less(query, key, value)


@register.simple_tag(takes_context=True)
def hidden_query(context: Context, *without: str) -> SafeString:
    """Hidden inputs that carry the present query through a GET form, save the named keys and the cursors."""
    query = _request(context).GET
    pairs = [(key, one) for key in query for one in query.getlist(key) if key not in (*without, *CURSORS)]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', pairs)


@register.simple_tag
def address(name: str, *args: Any, **kwargs: Any) -> str:
    """``reverse()``, but a page that is not installed gives "" instead of breaking every page of the shell."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.simple_tag(takes_context=True)
def sort_head(context: Context, key: str, title: str, classes: str = "", first: str = "descending") -> SafeString:
    """A column head that sorts: ``{% sort_head "exchanges" "Exchanges" "num lo" %}``.

    The order in force is the context's ``sort`` ("exchanges" or "-exchanges"), else the query's. ``first`` is the order
    that the first press gives. The arrow and ``aria-sort`` say the order; a second press turns it.
    """
    query = _request(context).GET
    in_force = str(context.get("sort") or query.get("sort") or "")
    order = {key: "ascending", f"-{key}": "descending"}.get(in_force)
    turned = {"ascending": f"-{key}", "descending": key}
    following = turned[order or ("ascending" if first == "descending" else "descending")]
    return format_html(
        '<th scope="col"{}{}><a href="{}">{}{}</a></th>',
        format_html(' class="{}"', classes) if classes else "",
        format_html(' aria-sort="{}"', order) if order else "",
        changed_query(query, sort=following),
        title,
        {"ascending": " ↑", "descending": " ↓"}.get(order or "", ""),
    )


@register.simple_tag
def crumbs(ref: str, *pairs: str) -> SafeString:
    """The way here: ``{% crumbs "C-2026-0147" "Cases" cases_url %}``, pairs of word and address, then the reference."""
    links = zip(pairs[::2], pairs[1::2], strict=True)
    way = format_html_join("", '<li><a href="{1}">{0}</a></li>', links)
    end = format_html('<li><span class="ref" aria-current="page">{}</span></li>', ref) if ref else ""
    return format_html('<nav class="crumbs" aria-label="Breadcrumb"><ol>{}{}</ol></nav>', way, end)
