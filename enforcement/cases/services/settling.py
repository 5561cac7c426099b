"""The end of every write in a case.

Blockers counted again, the version raised, the caller's object brought up to date.
"""

from django.db.models import F

from enforcement.cases.blockers import refresh_blockers
from enforcement.cases.models import Case


def settle(case: Case) -> None:
    """Call last, in the transaction of the write. `case` is the caller's object; it is reloaded."""
    refresh_blockers(case)
    touch(case)


def touch(case: Case) -> None:
    """Raise the version only, where nothing was written that could block."""
    Case.objects.filter(pk=case.pk).update(version=F("version") + 1)
    case.refresh_from_db()
