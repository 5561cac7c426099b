"""Accounts and organizations, as lists and one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum

from accounts.models import Account, Cluster, DailyCount, Membership, MembershipBasis, Organization, Sighting
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal, not_found
from enforcement.audit.paging import Page, page_of
from enforcement.staff.matrix import Permission, require

ACCOUNT_SORTS = {
    "-exchanges": ("-exchanges", "id"),
    "exchanges": ("exchanges", "id"),
    "platform_id": ("platform_id",),
    "-platform_id": ("-platform_id",),
}


@dataclass(frozen=True)
class AccountView:
    """Everything the account page shows of this stage. `daily` is (day, exchanges), oldest first."""

    account: Account
    membership: Membership | None
    basis: Sequence[MembershipBasis]
    sightings: Sequence[Sighting]
    daily: Sequence[tuple[date, int]]
    earlier: Sequence[Membership]


@dataclass(frozen=True)
class OrganizationView:
    """An organization with its tree: parents from the top down, and direct children with their declared accounts."""

    organization: Organization
    ancestors: Sequence[Organization]
    children: Sequence[Organization]
    declared_accounts: int
    declared_exchanges: int
    clusters: Sequence[Cluster]


def list_accounts(
    viewer: Actor,
    *,
    status: str | None = None,
    organization: int | None = None,
    cluster: str | None = None,
    identifier: tuple[str, str] | None = None,
    q: str = "",
    sort: str = "-exchanges",
    cursor: str = "",
) -> Page[Account]:
    """One page of accounts. `q` matches the beginning of the platform's id; `identifier` is (kind, value)."""
    require(viewer, Permission.ACCOUNT_VIEW)
    if sort not in ACCOUNT_SORTS:
        raise Refusal("accounts.sort", f"Sort by one of {', '.join(ACCOUNT_SORTS)}.", field="sort", status=400)
    found: QuerySet[Account] = Account.objects.select_related("declared_organization")
    if status:
        found = found.filter(status=status)
    if organization is not None:
        found = found.filter(declared_organization_id=organization)
    if cluster:
        found = found.filter(memberships__cluster__ref=cluster, memberships__left_run=None)
    if identifier is not None:
        found = found.filter(sightings__identifier__kind=identifier[0], sightings__identifier__value=identifier[1])
    if q:
        found = found.filter(platform_id__startswith=q.strip())
    return page_of(found, order=ACCOUNT_SORTS[sort], cursor=cursor)


def get_account(viewer: Actor, *, platform_id: str) -> AccountView:
    """One account by the platform's id. Raises `Refusal` (404)."""
    require(viewer, Permission.ACCOUNT_VIEW)
    account = Account.objects.select_related("declared_organization").filter(platform_id=platform_id).first()
    if account is None:
        raise not_found("account", platform_id)
    memberships = list(
        Membership.objects.filter(account=account).select_related("cluster", "joined_run", "left_run").order_by("-id")
    )
    membership = next((found for found in memberships if found.left_run_id is None), None)
    basis = membership.basis.select_related("identifier").order_by("-bits", "id")[:100] if membership else []
    daily = DailyCount.objects.filter(account=account).values("day").annotate(total=Sum("exchanges")).order_by("day")
    return AccountView(
        account=account,
        membership=membership,
        basis=list(basis),
        sightings=list(
            Sighting.objects.filter(account=account)
            .select_related("identifier")
            .order_by("identifier__kind", "-times")[:200]
        ),
        daily=[(row["day"], row["total"]) for row in daily],
        earlier=[found for found in memberships if found.left_run_id is not None],
    )


def list_organizations(viewer: Actor, *, q: str = "", cursor: str = "") -> Page[Organization]:
    """One page of organizations by name, each with `accounts_declared`. `q` looks in names, aliases and domains."""
    require(viewer, Permission.ORGANIZATION_VIEW)
    found = Organization.objects.select_related("parent").annotate(accounts_declared=Count("declared_accounts"))
    if q:
        word = q.strip()
        found = found.filter(
            Q(name__icontains=word) | Q(domains__contains=[word.lower()]) | Q(aliases__contains=[word])
        )
    return page_of(found, order=("name", "id"), cursor=cursor)


def get_organization(viewer: Actor, *, organization_id: int) -> OrganizationView:
    """One organization with its tree and what points to it. Raises `Refusal` (404)."""
    require(viewer, Permission.ORGANIZATION_VIEW)
    organization = Organization.objects.select_related("parent").filter(pk=organization_id).first()
    if organization is None:
        raise not_found("organization", organization_id)
    sums = Account.objects.filter(declared_organization=organization).aggregate(
        accounts=Count("id"), exchanges=Sum("exchanges")
    )
    children = organization.children.annotate(accounts_declared=Count("declared_accounts")).order_by("name")
    return OrganizationView(
        organization=organization,
        ancestors=_ancestors(organization),
        children=list(children[:200]),
        declared_accounts=sums["accounts"] or 0,
        declared_exchanges=sums["exchanges"] or 0,
        clusters=list(Cluster.objects.filter(points_to=organization, state="active").order_by("-size", "id")[:50]),
    )


def _ancestors(organization: Organization) -> list[Organization]:
    """Parents from the top down; a circle, which the directory refuses, would end the walk."""
    found: list[Organization] = []
    seen, current = {organization.pk}, organization.parent
    while current is not None and current.pk not in seen:
        seen.add(current.pk)
        found.append(current)
        current = current.parent
    return found[::-1]
