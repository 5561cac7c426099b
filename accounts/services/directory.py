"""The directory as the platform's warehouse tells it: organizations and accounts, created or refreshed by file."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from accounts.models import Account, Organization
from accounts.models.directory import ACCOUNT_STATES
from accounts.services.lines import Figures, is_text, kept_text, read_objects
from enforcement.audit.actors import Actor
from enforcement.audit.services import record_event
from enforcement.staff.matrix import Permission, require

_BATCH = 5_000
_TERMS = frozenset(Account.ContentTerms.values)


def import_warehouse_organizations(actor: Actor, *, path: Path) -> Figures:
    """Create or refresh organizations from NDJSON {organization, name, parent, aliases, domains, country}.

    A parent may stand anywhere in the file; a parent that would close a circle is refused for that line. Raises
    `Refusal` for a file that cannot be read.
    """
    require(actor, Permission.IMPORT_CREATE)
    figures = Figures()
    rows: dict[str, tuple[int, dict[str, Any]]] = {}
    for line, found in read_objects(path, figures):
        ref, name = found.get("organization"), found.get("name")
        if not is_text(ref, 80):
            figures.refuse(line, "organization", "organization must be a text of 1 to 80 characters.")
        elif not is_text(name, 200):
            figures.refuse(line, "name", "name must be a text of 1 to 200 characters.")
        else:
            rows[str(ref)] = (line, found)
    with transaction.atomic():
        _upsert_organizations(rows, figures)
        _set_parents(rows, figures)
        record_event(actor=actor, verb="accounts.directory_imported", data=_told(path, figures))
    return figures


def _upsert_organizations(rows: dict[str, tuple[int, dict[str, Any]]], figures: Figures) -> None:
    known = {o.external_ref: o for o in Organization.objects.filter(external_ref__in=list(rows))}
    fresh, changed = [], []
    for ref, (_, found) in sorted(rows.items()):
        standing = known.get(ref)
        organization = standing or Organization(external_ref=ref)
        before = (organization.name, organization.aliases, organization.domains, organization.country)
        organization.name = found["name"].strip()
        organization.aliases = _texts(found.get("aliases"), 200)
        organization.domains = [domain.lower() for domain in _texts(found.get("domains"), 253)]
        organization.country = kept_text(found.get("country"), 2).strip().upper()
        after = (organization.name, organization.aliases, organization.domains, organization.country)
        if standing is None:
            fresh.append(organization)
        elif before != after:
            changed.append(organization)
    Organization.objects.bulk_create(fresh, batch_size=_BATCH)
    Organization.objects.bulk_update(changed, ["name", "aliases", "domains", "country"], batch_size=_BATCH)
    figures.accepted, figures.created, figures.changed = len(rows), len(fresh), len(changed)


def _set_parents(rows: dict[str, tuple[int, dict[str, Any]]], figures: Figures) -> None:
    ids = dict(Organization.objects.exclude(external_ref=None).values_list("external_ref", "id"))
    standing: dict[Any, Any] = dict(
        Organization.objects.exclude(external_ref=None).values_list("external_ref", "parent__external_ref")
    )
    # Parents that stand already close circles too.
    parents: dict[str, Any] = {**standing, **{ref: found.get("parent") for ref, (_, found) in rows.items()}}
    changed = []
    for organization in Organization.objects.filter(external_ref__in=list(rows)):
        ref = str(organization.external_ref)
        parent = parents[ref]
        if parent is not None and (not isinstance(parent, str) or parent not in ids):
            shown = kept_text(parent, 80)
            figures.refuse(rows[ref][0], "parent", f"There is no organization {shown}; the parent was left out.")
            parent = None
        if parent is not None and _closes_circle(ref, parents):
            figures.refuse(rows[ref][0], "parent", "The parents of this organization form a circle; it was left out.")
            parent = None
        wanted = ids[parent] if parent is not None else None
        if organization.parent_id != wanted:
            organization.parent_id = wanted
            changed.append(organization)
    Organization.objects.bulk_update(changed, ["parent"], batch_size=_BATCH)


def _closes_circle(ref: str, parents: dict[str, Any]) -> bool:
    seen, current = {ref}, parents.get(ref)
    while isinstance(current, str):
        if current in seen:
            return True
        seen.add(current)
        current = parents.get(current)
    return False


def _texts(value: Any, longest: int) -> list[str]:
    return [v for v in value if is_text(v, longest)] if isinstance(value, list) else []


def import_warehouse_accounts(actor: Actor, *, path: Path) -> Figures:
    """Create or refresh accounts from NDJSON {account, organization, plan, created_at, ended_at, status, content_terms}.

    `organization` is what the account declared: it proves nothing. Status is taken for accounts new here and for moves
    the account's state table allows; what an enforced action set is not undone by a stale file.
    """
    require(actor, Permission.IMPORT_CREATE)
    figures = Figures()
    with transaction.atomic():
        organizations = dict(Organization.objects.exclude(external_ref=None).values_list("external_ref", "id"))
        batch: list[tuple[Any, ...]] = []
        for line, found in read_objects(path, figures):
            row = _account_row(line, found, organizations, figures)
            if row is not None:
                batch.append(row)
            if len(batch) >= _BATCH:
                _upsert_accounts(batch, figures)
                batch = []
        _upsert_accounts(batch, figures)
        record_event(actor=actor, verb="accounts.directory_imported", data=_told(path, figures))
    return figures


def _account_row(
    line: int, found: dict[str, Any], organizations: dict[str | None, int], figures: Figures
) -> tuple[Any, ...] | None:
    platform_id, status = found.get("account"), found.get("status") or "active"
    terms, declared = found.get("content_terms") or "standard", found.get("organization")
    if not is_text(platform_id, 120):
        figures.refuse(line, "account", "account must be a text of 1 to 120 characters.")
        return None
    if status not in ACCOUNT_STATES.states:
        figures.refuse(line, "status", f"status must be one of {', '.join(ACCOUNT_STATES.states)}.")
        return None
    if not isinstance(terms, str) or terms not in _TERMS:
        figures.refuse(line, "content_terms", f"content_terms must be one of {', '.join(sorted(_TERMS))}.")
        return None
    times = []
    for column in ("created_at", "ended_at"):
        try:
            times.append(_time(found.get(column)))
        except ValueError:
            figures.refuse(line, column, f"{column} must be a time such as 2026-09-25T08:00:00Z.")
            return None
    name = declared if isinstance(declared, str) and declared not in organizations else ""
    plan = kept_text(found.get("plan"), 40)
    return (platform_id, organizations.get(str(declared)), kept_text(name, 200), plan, status, terms, *times)


def _time(value: Any) -> datetime | None:
    if value is None:
        return None
    found = datetime.fromisoformat(str(value))
    if found.tzinfo is None or not 2000 <= found.year <= 2100:
        raise ValueError(value)
    return found


def _upsert_accounts(batch: Iterable[tuple[Any, ...]], figures: Figures) -> None:
    """Insert or refresh in key order, in two statements; a later line about the same account wins."""
    rows = sorted({row[0]: row for row in batch}.values())
    if not rows:
        return
    figures.accepted += len(rows)
    moves = ", ".join(f"('{old}', '{new}')" for old, new in ACCOUNT_STATES.pairs() if old != "terminated")
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS incoming_accounts (platform_id text, declared_organization_id bigint, "
            "declared_name text, plan text, status text, content_terms text, opened_at timestamptz, ended_at timestamptz)"
            " ON COMMIT DROP"
        )
        cursor.execute("TRUNCATE incoming_accounts")
        with cursor.copy("COPY incoming_accounts FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(
            "UPDATE accounts_account a SET declared_organization_id = i.declared_organization_id, "
            "declared_name = i.declared_name, plan = i.plan, content_terms = i.content_terms, opened_at = i.opened_at, "
            f"ended_at = i.ended_at, status = CASE WHEN (a.status, i.status) IN ({moves}) THEN i.status ELSE a.status END "
            "FROM incoming_accounts i WHERE i.platform_id = a.platform_id AND (a.declared_organization_id, "
            "a.declared_name, a.plan, a.content_terms, a.opened_at, a.ended_at, a.status) IS DISTINCT FROM "
            "(i.declared_organization_id, i.declared_name, i.plan, i.content_terms, i.opened_at, i.ended_at, i.status)"
        )
        figures.changed += cursor.rowcount
        cursor.execute(
            "INSERT INTO accounts_account (platform_id, declared_organization_id, declared_name, plan, status, "
            "content_terms, opened_at, ended_at, exchanges) SELECT platform_id, declared_organization_id, declared_name,"
            " plan, status, content_terms, opened_at, ended_at, 0 FROM incoming_accounts ORDER BY platform_id "
            "ON CONFLICT (platform_id) DO NOTHING"
        )
        figures.created += cursor.rowcount


def _told(path: Path, figures: Figures) -> dict[str, Any]:
    return {
        "file": path.name,
        "read": figures.read,
        "created": figures.created,
        "changed": figures.changed,
        "refused": figures.refused,
    }
