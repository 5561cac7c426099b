"""Clusters: the list, one with its picture and reasons, its members, and an explanation in words."""

import csv
from collections.abc import Iterator

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import CLUSTER_STATES, Cluster, Membership
from accounts.selectors import explain_cluster, explain_member, get_cluster, list_clusters, list_members
from accounts.selectors.clusters import CLUSTER_SORTS, MEMBER_SORTS, members_for_export
from accounts.selectors.picture import picture_of
from enforcement.audit.actors import Actor
from enforcement.audit.services import record_event
from enforcement.cases.models import CaseCluster
from enforcement.cases.selectors.cases import visible_cases
from enforcement.reports.selectors.accounts import strongest_reasons
from enforcement.staff.matrix import Permission, can
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.clusters import member_rows, picture_view, tiles_of
from enforcement.web.shaping.days import spread
from enforcement.web.shaping.lists import chips_of, cleaned, cursor_of, paged

SORT_WORDS = {"-size": "Largest", "size": "Smallest", "-id": "Newest"}
MEMBER_SORT_WORDS = {"bits": "Weakest link", "-bits": "Strongest link", "account": "Account"}


class ClusterFilters(forms.Form):
    """Filters of the list."""

    state = forms.ChoiceField(label="State", required=False, choices=[("", "Any"), *CLUSTER_STATES.choices])
    q = forms.CharField(label="Reference begins", required=False, max_length=20)


class MemberFilters(forms.Form):
    """Filters of the members."""

    role = forms.ChoiceField(
        label="Part",
        required=False,
        choices=[("", "Any"), ("core", "Core"), ("joined", "Joined"), ("person", "Confirmed by a person")],
    )
    q = forms.CharField(label="Account begins", required=False, max_length=120)


def _cases_of(viewer: Actor, clusters: list[Cluster]) -> dict[int, list[CaseCluster]]:
    if not can(viewer, Permission.CASE_VIEW):
        return {}
    rows = CaseCluster.objects.filter(cluster__in=clusters, case__in=visible_cases(viewer)).select_related("case")
    found: dict[int, list[CaseCluster]] = {}
    for row in rows.order_by("-case_id"):
        found.setdefault(row.cluster_id, []).append(row)
    return found


@require_GET
def clusters(request: HttpRequest) -> HttpResponse:
    """Clusters, the largest first."""
    viewer = actor_of(request)
    form = ClusterFilters(request.GET)
    asked = cleaned(form)
    state = asked["state"] if "state" in request.GET else "active"
    sort = request.GET.get("sort") or "-size"
    page = list_clusters(viewer, state=state, q=asked["q"], sort=sort, cursor=cursor_of(request))
    cases = _cases_of(viewer, list(page.rows))
    context = {
        **paged(request, page),
        "rows": [{"cluster": row, "cases": cases.get(row.pk, ())} for row in page.rows],
        "chips": chips_of(form),
        "filter_form": form,
        "sorts": [(name, SORT_WORDS[name]) for name in CLUSTER_SORTS],
        "sort": sort,
    }
    return render(request, "web/clusters/list.html", context)


@require_GET
def cluster(request: HttpRequest, ref: str) -> HttpResponse:
    """One cluster: what holds it together, why its members are in it, how it grew."""
    viewer = actor_of(request)
    view = get_cluster(viewer, ref=ref.upper())
    found = view.cluster
    days, values = spread(view.daily)
    as_of = days[-1] if days else found.created_at.date()
    with transaction.atomic():
        picture = picture_of(found)
    cases = _cases_of(viewer, [found]).get(found.pk, [])
    weakest = Membership.objects.filter(cluster=found, left_run=None).order_by("bits", "id").first()
    bar = weakest.bar_bits if weakest else 0
    rule = next((row.case.opened_by_rule for row in cases if row.case.opened_by_rule_id), None)
    context = {
        "view": view,
        "cluster": found,
        "picture": picture_view(found, picture, as_of=as_of) if picture.members else None,
        "tiles": tiles_of(view, bar=bar),
        "days": days,
        "values": values,
        "limit": _daily_limit(rule.conditions) if rule else None,
        "rule": rule,
        "bar": bar,
        "cases": cases,
        "words": explain_cluster(viewer, ref=found.ref)[:6],
        **_members(request, viewer, found),
    }
    return render(request, "web/clusters/detail.html", context)


def _daily_limit(conditions: list[dict[str, object]]) -> float | None:
    for condition in conditions:
        if condition.get("measure") in ("exchanges_per_day", "peak_exchanges"):
            return float(str(condition["at_least"]))
    return None


def _members(request: HttpRequest, viewer: Actor, found: Cluster) -> dict[str, object]:
    form = MemberFilters(request.GET)
    asked = cleaned(form)
    sort = request.GET.get("sort") or "bits"
    page = list_members(
        viewer, ref=found.ref, role=asked["role"] or None, q=asked["q"], sort=sort, cursor=cursor_of(request)
    )
    return {
        **paged(request, page),
        "members": member_rows(page.rows, strongest_reasons(page.rows)),
        "chips": chips_of(form),
        "filter_form": form,
        "sorts": [(name, MEMBER_SORT_WORDS[name]) for name in MEMBER_SORTS],
        "sort": sort,
    }


@require_GET
def members(request: HttpRequest, ref: str) -> HttpResponse:
    """The members alone, as a page of their own."""
    viewer = actor_of(request)
    view = get_cluster(viewer, ref=ref.upper())
    context = {"cluster": view.cluster, "bar": 0, **_members(request, viewer, view.cluster)}
    return render(request, "web/clusters/members.html", context)


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, value: str) -> str:
        """The line."""
        return value


@require_GET
def members_csv(request: HttpRequest, ref: str) -> StreamingHttpResponse:
    """Every member as CSV, streamed; the export is recorded."""
    viewer = actor_of(request)
    view = get_cluster(viewer, ref=ref.upper())
    rows = members_for_export(viewer, ref=view.cluster.ref)
    record_event(
        actor=viewer, verb="accounts.members_exported", target=view.cluster, data={"members": view.cluster.size}
    )
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        for row in rows:
            yield writer.writerow(row)

    answer = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{view.cluster.ref}-members.csv"'
    return answer


@require_GET
def explain(request: HttpRequest, ref: str) -> HttpResponse:
    """Why an account is in the cluster, in words; without an account, what the cluster grew from."""
    viewer = actor_of(request)
    asked = request.GET.get("account", "").strip()
    view = get_cluster(viewer, ref=ref.upper())
    context = {
        "cluster": view.cluster,
        "account": asked,
        "sentences": explain_member(viewer, ref=view.cluster.ref, platform_id=asked) if asked else [],
        "words": [] if asked else explain_cluster(viewer, ref=view.cluster.ref),
    }
    partial = asked and request.htmx  # type: ignore[attr-defined]
    return render(request, "web/clusters/explained.html" if partial else "web/clusters/explain.html", context)
