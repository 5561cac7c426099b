"""Reads that span stages: each takes the viewer, and shows only what the matrix lets them see."""

from enforcement.reports.selectors.accounts import AccountFile, about_accounts, account_file
from enforcement.reports.selectors.counts import nav_counts
from enforcement.reports.selectors.detectors import DetectorHealth, detector_health
from enforcement.reports.selectors.overview import Overview, overview
from enforcement.reports.selectors.search import Hit, search

__all__ = [
    "AccountFile",
    "DetectorHealth",
    "Hit",
    "Overview",
    "about_accounts",
    "account_file",
    "detector_health",
    "nav_counts",
    "overview",
    "search",
]
