"""Keyset pages: a list is walked by the values of its order, so page 1,000 costs what page 1 does."""

import base64
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from enforcement.audit.errors import Refusal

HEAD_LIMIT = 10_000
MAX_SIZE = 200

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """Rows of one page, the cursors of its neighbours ("" where there is none), and the head count.

    `total` counts to `HEAD_LIMIT`; when `more_than_total`, pages say "10,000+".
    """

    rows: Sequence[M]
    newer: str
    older: str
    total: int
    more_than_total: bool


def page_of(queryset: models.QuerySet[M], *, order: Sequence[str], cursor: str = "", size: int = 50) -> Page[M]:
    """One page of `queryset` in `order` (field names, "-" for descending, the last one unique).

    `cursor` is what a neighbouring page gave; `size` 1-200. Raises `Refusal` (400, field cursor) for a cursor that is
    not one of ours. Columns of `order` must not be null.
    """
    size = max(1, min(size, MAX_SIZE))
    back, values = _decode(cursor, len(order))
    effective = [_flip(name) for name in order] if back else list(order)
    try:
        rows = queryset.filter(_after(effective, values)) if values else queryset
    except (ValueError, TypeError, OverflowError, ValidationError) as error:
        raise _not_ours() from error
    found = list(rows.order_by(*effective)[: size + 1])
    beyond = len(found) > size
    found = found[:size]
    if back:
        found.reverse()
    has_newer = beyond if back else bool(values)
    has_older = bool(values) if back else beyond
    total = len(queryset.order_by().values_list("pk")[: HEAD_LIMIT + 1])
    return Page(
        rows=found,
        newer=_encode(found[0], order, back=True) if found and has_newer else "",
        older=_encode(found[-1], order, back=False) if found and has_older else "",
        total=min(total, HEAD_LIMIT),
        more_than_total=total > HEAD_LIMIT,
    )


def _flip(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """Rows strictly after `values` in `order`: (a > x) or (a = x and b > y) or ..."""
    condition, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field, lookup = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        condition |= equal & Q(**{f"{field}__{lookup}": value})
        equal &= Q(**{field: value})
    return condition


def _value(row: models.Model, name: str) -> Any:
    value: Any = row
    for part in name.lstrip("-").split("__"):
        value = getattr(value, part)
    if isinstance(value, models.Model):
        return value.pk
    return value.isoformat() if isinstance(value, datetime | date) else value


def _encode(row: models.Model, order: Sequence[str], *, back: bool) -> str:
    text = json.dumps([back, *(_value(row, name) for name in order)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str, length: int) -> tuple[bool, list[Any]]:
    if not cursor:
        return False, []
    try:
        back, *values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if len(values) != length or not all(_plain(value) for value in values):
            raise ValueError(cursor)
    except (ValueError, TypeError, RecursionError) as error:
        raise _not_ours() from error
    return bool(back), values


def _plain(value: object) -> bool:
    """Whether the database can compare with it: text without NUL and halves of characters, or a finite number."""
    if isinstance(value, str):
        return "\x00" not in value and not any("\ud800" <= c <= "\udfff" for c in value)
    return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))


def _not_ours() -> Refusal:
    return Refusal(
        "page.cursor", "This page address is not valid. Go back to the first page.", field="cursor", status=400
    )
