"""Reads of the accounts stage: each authorizes and fetches in one call."""

from accounts.selectors.clusters import (
    ClusterView,
    explain_cluster,
    explain_member,
    get_cluster,
    list_clusters,
    list_members,
)
from accounts.selectors.directory import (
    AccountView,
    OrganizationView,
    get_account,
    get_organization,
    list_accounts,
    list_organizations,
)

__all__ = [
    "AccountView",
    "ClusterView",
    "OrganizationView",
    "explain_cluster",
    "explain_member",
    "get_account",
    "get_cluster",
    "get_organization",
    "list_accounts",
    "list_clusters",
    "list_members",
    "list_organizations",
]
