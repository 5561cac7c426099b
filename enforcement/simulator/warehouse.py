"""What a platform's warehouse would hand over: organizations and accounts; and, apart from it, the truth."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import msgspec
import numpy as np

from .accounts import HONEST, NEVER
from .names import COUNTRIES, slug
from .texts import Texts
from .world import World

PLANS = ("pay-as-you-go", "team", "enterprise")
TERMS = ("standard", "zero_retention", "regulated")
_CHUNK = 65_536


def write_organizations(world: World, path: Path) -> int:
    """NDJSON, one organization a line, parents before children; households are nobody's business and left out."""
    rows, encode = 0, msgspec.json.Encoder().encode
    listed = world.directory.organizations
    countries = world.draws.below(len(COUNTRIES), "country", np.arange(len(listed)))
    with path.open("wb") as file:
        for number, organization in enumerate(listed):
            if organization.kind == "household":
                continue
            aliases = [organization.name.split()[0]] if organization.kind in ("laboratory", "parent", "proxy") else []
            file.write(
                encode(
                    {
                        "organization": slug(organization.name),
                        "name": organization.name,
                        "parent": slug(listed[organization.parent].name) if organization.parent >= 0 else None,
                        "aliases": aliases,
                        "domains": [organization.domain] if organization.domain else [],
                        "country": COUNTRIES[int(countries[number])],
                    }
                )
                + b"\n"
            )
            rows += 1
    return rows


def _moment(start: date, day: int, second: int) -> str:
    moment = datetime.combine(start + timedelta(days=day), time(), UTC) + timedelta(seconds=second)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def write_accounts(world: World, texts: Texts, start: date, path: Path) -> int:
    """NDJSON, one account a line, in the order of their names, so that order tells nothing."""
    accounts, encode = world.accounts, msgspec.json.Encoder().encode
    names = texts.account.to_pylist()
    organizations = [slug(organization.name) for organization in world.directory.organizations]
    seconds = world.draws.below(86_400, "created-second", np.arange(len(accounts))).tolist()
    columns = [accounts[name].tolist() for name in ("declared", "plan", "created_day", "ended_day", "terms")]
    with path.open("wb") as file:
        for row in sorted(range(len(names)), key=names.__getitem__):
            declared, plan, created, ended, terms = (column[row] for column in columns)
            over = ended < NEVER and ended <= world.settings.days
            file.write(
                encode(
                    {
                        "account": names[row],
                        "organization": organizations[declared] if declared >= 0 else None,
                        "plan": PLANS[plan],
                        "created_at": _moment(start, created, 0 if created >= 0 else seconds[row]),
                        "ended_at": _moment(start, ended, 0) if over else None,
                        "status": "ended" if over else "active",
                        "content_terms": TERMS[terms],
                    }
                )
                + b"\n"
            )
    return len(names)


def write_truth(world: World, texts: Texts, path: Path) -> int:
    """CSV account,ring,organization,benign.

    Honest accounts have no ring; their organization is the company or household that they really belong to, empty
    for persons on their own: accounts of one organization do belong together, and linking them is right.
    """
    accounts = world.accounts
    names = texts.account.to_pylist()
    organizations = [slug(organization.name) for organization in world.directory.organizations]
    columns = [accounts[name].tolist() for name in ("group", "ring", "belongs")]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("account,ring,organization,benign\n")
        for row in sorted(range(len(names)), key=names.__getitem__):
            group, ring, belongs = (column[row] for column in columns)
            name = "" if group == HONEST else "campaign" if ring == 0 else f"ring-{ring:02d}"
            body = organizations[belongs] if belongs >= 0 else ""
            file.write(f"{names[row]},{name},{body},{'true' if group == HONEST else 'false'}\n")
    return len(names)
