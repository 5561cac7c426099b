"""What later stages keep of a case, counted for its tabs."""

from django.db import connection

from enforcement.audit.actors import Actor
from enforcement.cases.access import require_in
from enforcement.cases.models import Case
from enforcement.staff.matrix import Permission

_COUNTS = """
SELECT (SELECT count(*) FROM actions_action WHERE case_id = %(case)s),
       (SELECT count(*) FROM packets_packet WHERE case_id = %(case)s)
"""


def case_counts(viewer: Actor, *, case: Case) -> dict[str, int]:
    """Actions and packets of a case, in one query."""
    require_in(viewer, Permission.CASE_VIEW, case)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"case": case.pk})
        actions, packets = cursor.fetchone() or (0, 0)
    return {"actions": int(actions), "packets": int(packets)}
