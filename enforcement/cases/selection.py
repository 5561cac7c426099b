"""Which subjects a bulk act is about: named ones, those of a filter, or all."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from enforcement.cases.models import Case, Subject


@dataclass(frozen=True, slots=True)
class Selection:
    """`ids` names subjects.

    Else the filter says which: `finding` (a value, or "none" for no finding yet), `q` (part of a
    platform id, of why it is in, or a declared organization), `cluster` (its ref). All empty means every subject.
    """

    ids: tuple[int, ...] | None = None
    finding: str = ""
    q: str = ""
    cluster: str = ""

    def of(self, case: Case) -> QuerySet[Subject]:
        """The subjects of `case` that are meant."""
        rows = Subject.objects.filter(case=case)
        if self.ids is not None:
            return rows.filter(pk__in=self.ids)
        return narrowed(rows, finding=self.finding, q=self.q, cluster=self.cluster)


def by_ids(ids: Sequence[int]) -> Selection:
    """A selection of named subjects."""
    return Selection(ids=tuple(ids))


def narrowed(rows: QuerySet[Subject], *, finding: str = "", q: str = "", cluster: str = "") -> QuerySet[Subject]:
    """Subjects with a finding ("none": without one), found by `q`, of the cluster with ref `cluster`."""
    if finding == "carved_out":
        rows = rows.filter(carved_out=True)
    elif finding:
        rows = rows.filter(finding="" if finding == "none" else finding)
    if q.strip():
        text = q.strip()
        rows = rows.filter(
            Q(account__platform_id__icontains=text)
            | Q(why_in__icontains=text)
            | Q(account__declared_name__icontains=text)
        )
    if cluster:
        rows = rows.filter(cluster__ref=cluster)
    return rows
