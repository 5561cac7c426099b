"""Writes of the accounts stage: the directory, reference counts, link runs."""

from accounts.services.directory import import_warehouse_accounts, import_warehouse_organizations
from accounts.services.linking import request_link_run, run_linking
from accounts.services.reference import import_reference

__all__ = [
    "import_reference",
    "import_warehouse_accounts",
    "import_warehouse_organizations",
    "request_link_run",
    "run_linking",
]
