"""The pages of the demo that can be read, and who reads them."""

from __future__ import annotations

CASE = "/cases/C-2026-0001/"
TABS = (
    "subjects", "alerts", "evidence", "attribution", "tasks", "notes", "timeline", "decisions", "actions", "packets",
    "history",
)  # fmt: skip
# What most people work with; measured one by one where measuring takes long.
MAIN = (
    "/", "/alerts/", "/alerts/1/", "/clusters/CL-0001/", "/accounts/", "/organizations/1/", "/imports/1/", CASE,
    f"{CASE}subjects/", f"{CASE}attribution/", f"{CASE}timeline/", "/decisions/", "/policies/usage-terms/14/",
)  # fmt: skip
READ_BY_AN_INVESTIGATOR = (
    *MAIN, "/clusters/", "/clusters/CL-0001/members/", "/clusters/CL-0001/explain/", "/organizations/", "/imports/",
    "/imports/new/", "/detectors/", "/detectors/prompt-harvest/", "/cases/", "/cases/new/",
    *(f"{CASE}{tab}/" for tab in TABS if tab not in {"subjects", "attribution", "timeline"}),
    f"{CASE}evidence/upload/", f"{CASE}evidence/extract/", f"{CASE}attribution/establish/", f"{CASE}people/",
    f"{CASE}policy/", f"{CASE}subjects/findings/?of_finding=none&of_q=", "/packets/", "/policies/",
    "/search/?q=Tarnbridge", "/search/?q=nobody-has-this", "/account/password/change/",
)  # fmt: skip
READ_BY_AN_ADMINISTRATOR = (
    "/", "/people/", "/people/1/", "/people/new/", "/detectors/new/", "/detectors/prompt-harvest/tokens/new/",
    "/policies/usage-terms/publish/", "/settings/connectors/",
)  # fmt: skip
READ_BY_AN_AUDITOR = ("/audit/", "/audit/1/", CASE, f"{CASE}history/")
READERS = {"ines": READ_BY_AN_INVESTIGATOR, "tomasz": READ_BY_AN_ADMINISTRATOR, "oskar": READ_BY_AN_AUDITOR}
# Whoever else works in the demo opens what the navigation offers.
OTHERS = ("daniel", "ruth", "marta", "priya", "lena")
