"""Words for what stages name by code, and times that the archive stores without their zone."""

from datetime import UTC, datetime

from django.template import Library

from enforcement.web.shaping.words import kind_words as words_of_kind

register = Library()


@register.filter
def kind_words(kind: str) -> str:
    """`email_domain` as "mail domain"."""
    return words_of_kind(kind)


@register.filter
def utc_naive(value: datetime | None) -> datetime | None:
    """A time of the archive, which keeps UTC without saying so, with its zone."""
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


@register.filter
def after_colon(value: str) -> str:
    """The value of "kind:value"."""
    return value.partition(":")[2]


@register.filter
def import_ref(number: int) -> str:
    """An import's number as people say it: IM-12."""
    return f"IM-{number}"
