"""Accounts: the list, and everything known of one."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import ACCOUNT_STATES, Organization, Sighting
from accounts.selectors import list_accounts
from accounts.selectors.clusters import sentences
from enforcement.alerts.selectors import last_day_seen
from enforcement.audit.errors import Refusal
from enforcement.reports.selectors import about_accounts, account_file
from enforcement.reports.selectors.accounts import AccountFile, strongest_reasons
from enforcement.web.middleware import actor_of
from enforcement.web.shaping.alerts import held_words, why_grouped
from enforcement.web.shaping.days import series, spread, window
from enforcement.web.shaping.lists import Chip, chips_of, cleaned, cursor_of, paged
from enforcement.web.shaping.words import kind_words
from enforcement.web.templatetags.states import look_of

KIND_ORDER = {
    kind: place
    for place, kind in enumerate(
        ("payment", "phone", "device", "referral", "email_domain", "schedule", "template", "subnet", "asn")
    )
}
SORTS = (("-exchanges", "Most exchanges"), ("exchanges", "Fewest exchanges"), ("platform_id", "Account"))


class AccountFilters(forms.Form):
    """Filters of the list."""

    q = forms.CharField(label="Account begins", required=False, max_length=120)
    status = forms.ChoiceField(
        label="Status",
        required=False,
        choices=[("", "Any"), *((state, look_of("account", state).word) for state in ACCOUNT_STATES.states)],
    )
    cluster = forms.CharField(label="Cluster", required=False, max_length=20)
    identifier = forms.CharField(
        label="Identifier", required=False, max_length=330, help_text="Kind and value, such as payment:pf-9c2e"
    )
    organization = forms.IntegerField(label="Declared organization", required=False, widget=forms.HiddenInput)


@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts, those that used most first."""
    viewer = actor_of(request)
    form = AccountFilters(request.GET)
    asked = cleaned(form)
    sort = request.GET.get("sort") or "-exchanges"
    page = list_accounts(
        viewer,
        status=asked["status"] or None,
        organization=asked["organization"],
        cluster=asked["cluster"].strip().upper() or None,
        identifier=_identifier(asked["identifier"]),
        q=asked["q"],
        sort=sort,
        cursor=cursor_of(request),
    )
    days = window(last_day_seen())
    about = about_accounts(viewer, accounts=page.rows, since=days[0] if days else None)
    members = [one.membership for one in about.values() if one.membership is not None]
    reasons = strongest_reasons(members)
    rows = []
    for account in page.rows:
        known = about[account.pk]
        member = known.membership
        why = why_grouped(member, reasons.get(member.pk, [])) if member else ""
        rows.append({"account": account, "about": known, "why": why, "daily": series(known.daily, days)})
    context = {
        **paged(request, page),
        "rows": rows,
        "chips": _chips(form, asked),
        "filter_form": form,
        "sorts": SORTS,
        "sort": sort,
    }
    return render(request, "web/accounts/list.html", context)


def _chips(form: forms.Form, asked: dict[str, Any]) -> list[Chip]:
    found = chips_of(form, quiet=("organization",))
    if asked["organization"] is not None:
        name = Organization.objects.filter(pk=asked["organization"]).values_list("name", flat=True).first()
        found.append(Chip("organization", "Declared organization", name or str(asked["organization"])))
    return found


def _identifier(asked: str) -> tuple[str, str] | None:
    if not asked:
        return None
    kind, colon, value = asked.strip().partition(":")
    if not colon or not value:
        raise Refusal(
            "accounts.identifier",
            "An identifier is a kind, a colon and a value, such as payment:pf-9c2e.",
            field="identifier",
            status=400,
        )
    return kind, value


@require_GET
def account(request: HttpRequest, platform_id: str) -> HttpResponse:
    """Everything known of one account."""
    viewer = actor_of(request)
    found = account_file(viewer, platform_id=platform_id)
    days, values = spread(found.view.daily)
    member = found.view.membership
    context = {
        "file": found,
        "view": found.view,
        "account": found.view.account,
        "member": member,
        "held": held_words(member) if member else "",
        "days": days,
        "values": values,
        "highest": max(values, default=0),
        "active_days": sum(value > 0 for value in values),
        "sentences": sentences(member, found.view.basis[:6]) if member else [],
        **_sightings(found),
        "conduct_alerts": [one for one in found.alerts if one.detector.meters is None],
        "tiles": _tiles(found, values),
        "facts": _facts(found),
    }
    return render(request, "web/accounts/detail.html", context)


def _sightings(found: AccountFile) -> dict[str, Any]:
    """Identifiers, what tells most first; single addresses apart, because an account may have hundreds."""
    ordered = sorted(found.view.sightings, key=lambda row: KIND_ORDER.get(row.identifier.kind, len(KIND_ORDER)))
    parts: dict[str, Any] = {"sightings": [], "addresses": []}
    for row in ordered:
        told = {"row": row, "kind": kind_words(row.identifier.kind), "days": days_of(row)}
        parts["addresses" if row.identifier.kind == "ip" else "sightings"].append(told)
    return parts


def days_of(row: Sighting) -> int:
    """On how many days the account was seen with the identifier."""
    return sum(byte.bit_count() for byte in bytes(row.day_bits))


def _tiles(found: AccountFile, values: list[int]) -> list[dict[str, Any]]:
    view = found.view
    active = sum(value > 0 for value in values)
    tiles: list[dict[str, Any]] = [
        {"label": "Exchanges", "figure": f"{view.account.exchanges:,}", "note": "from metering detectors", "url": "#days"},
        {
            "label": "Each active day", "figure": f"{sum(values) / active:.1f}" if active else "0", "url": "#days",
            "note": f"highest {max(values, default=0):,}, on {active} days",
        },
        {
            "label": "Alerts", "figure": f"{found.alerts_total:,}", "note": "of every detector",
            "url": f"/alerts/?view=all&account={view.account.platform_id}",
        },
        {
            "label": "Identifiers", "figure": f"{len(view.sightings):,}", "note": "seen with it", "url": "#identifiers",
        },
    ]  # fmt: skip
    if view.membership:
        member = view.membership
        tiles.append(
            {
                "label": f"Held in {member.cluster.ref}", "figure": f"{member.bits:.1f} bits", "url": "#why",
                "note": held_words(member),
            }
        )  # fmt: skip
    return tiles


def _facts(found: AccountFile) -> list[dict[str, Any]]:
    one = found.view.account
    rows: list[dict[str, Any]] = []
    if one.declared_organization:
        rows.append({
            "term": "Declares", "value": one.declared_organization.name,
            "url": f"/organizations/{one.declared_organization_id}/",
        })  # fmt: skip
    elif one.declared_name:
        rows.append({"term": "Declares", "value": one.declared_name})
    rows.append({"term": "Plan", "value": one.plan or "none known"})
    rows.append({"term": "Content terms", "value": one.get_content_terms_display()})
    life = (one.ended_at or one.last_seen_at, one.opened_at or one.first_seen_at)
    if life[0] and life[1]:
        rows.append({"term": "Life", "value": f"{max((life[0] - life[1]) // timedelta(days=1), 0):,} days"})
    return rows
