"""Names that people say aloud: C-2026-0147, CL-0381. One place makes them from the row's id or a yearly count."""

from django.db import models
from django.db.models.functions import Length


def plain_ref(prefix: str, number: int) -> str:
    """`prefix` and at least four digits: CL-0381."""
    return f"{prefix}-{number:04d}"


def yearly_ref(model: type[models.Model], *, prefix: str, year: int) -> str:
    """The next free `prefix-year-NNNN` of `model.ref`; call it inside a transaction, under `lock_refs`."""
    stem = f"{prefix}-{year}-"
    last = (
        model._default_manager.filter(ref__startswith=stem)
        .order_by(Length("ref").desc(), "-ref")
        .values_list("ref", flat=True)
        .first()
    )
    return f"{stem}{int(last.removeprefix(stem)) + 1 if last else 1:04d}"
