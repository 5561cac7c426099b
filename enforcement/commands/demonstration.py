"""The demo campaign: loaded through the real import path, worked by demo people, step by step.

`load_demo` stops where a person takes over: a case opened by a threshold. `demo` plays the rest unattended. Demo people,
detectors and cases are marked as such; the passwords are made on this machine.
"""

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from accounts.services import import_reference, import_warehouse_accounts, import_warehouse_organizations
from enforcement.actions.services import set_connector
from enforcement.audit.actors import SYSTEM, Actor
from enforcement.cases.models import Case, Threshold
from enforcement.cases.services.thresholds import save_demo_threshold
from enforcement.ingest.services import receive_import
from enforcement.pipeline.wake import carry_on
from enforcement.policies.demo import publish_demo_policy
from enforcement.signals.models import Detector
from enforcement.signals.services import register_from_manifest
from enforcement.simulator.run import simulate
from enforcement.staff.actors import person_actor
from enforcement.staff.models import Person
from enforcement.staff.services import create_person

Say = Callable[[str], None]
SCALE, SEED = 0.01, 1

# Who works in the demo: name, roles, what they do there.
PEOPLE: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Ines Calloway", ("investigator",), "works the case and submits it"),
    ("Daniel Okafor", ("lead",), "assigns people and closes cases"),
    ("Ruth Adeyemi", ("reviewer",), "approves or returns what was submitted"),
    ("Samuel Whitlock", ("reviewer",), "second reviewer of large proposals"),
    ("Marta Lindqvist", ("enforcer",), "carries approved actions out"),
    ("Priya Nair", ("triager",), "triages alerts"),
    ("Lena Vogt", ("legal",), "builds and hands over packets"),
    ("Oskar Brandt", ("auditor",), "reads everything, changes nothing"),
    ("Tomasz Reyes", ("administrator",), "detectors, policies, people"),
)


@dataclass(frozen=True)
class Login:
    """A demo login as the terminal shows it."""

    name: str
    email: str
    password: str
    roles: tuple[str, ...]
    does: str


def logins_path() -> Path:
    """Where the demo logins are kept for this machine's user."""
    return Path(settings.DOSSIER_HOME) / "demo-logins.json"


def demo_actor(role: str, *, place: int = 0) -> Actor:
    """The actor of the demo person who holds `role` (the `place`-th of them)."""
    people = Person.objects.filter(is_demo=True, grants__role=role).order_by("pk")
    return person_actor(people[place])


def make_people(say: Say) -> list[Login]:
    """The demo people, made once; their passwords are random and readable by this user alone."""
    path = logins_path()
    if path.exists() and Person.objects.filter(is_demo=True).exists():
        return read_logins()
    found = []
    for name, roles, does in PEOPLE:
        email = f"{name.split()[0].lower()}@tallowmere.example"
        password = f"{secrets.token_hex(2)}-{secrets.token_hex(2)}-{secrets.token_hex(2)}-{secrets.token_hex(2)}"
        create_person(SYSTEM, email=email, name=name, roles=roles, password=password, is_demo=True)
        found.append(Login(name, email, password, roles, does))
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump([login.__dict__ for login in found], out, indent=1)
    say(f"{len(found)} people, from triager to administrator")
    return found


def read_logins() -> list[Login]:
    """The logins that `make_people` wrote; none where there is no demo."""
    path = logins_path()
    if not path.exists():
        return []
    return [Login(**{**row, "roles": tuple(row["roles"])}) for row in json.loads(path.read_text())]


def simulate_to(folder: Path, say: Say) -> dict[str, Any]:
    """Write the demo campaign to files, unless they are there; the manifest."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        simulate(scale=SCALE, seed=SEED, out=folder)
    found: dict[str, Any] = json.loads(manifest.read_text())
    say(
        f"{found['campaign_accounts']:,} campaign accounts and {found['honest_accounts']:,} honest ones, "
        f"{found['campaign_exchanges']:,} campaign exchanges over {found['days']} days"
    )
    return found


def set_rules(say: Say) -> Threshold:
    """The demo policy, and one threshold on cluster roll-ups under it."""
    version = publish_demo_policy(SYSTEM)
    threshold = save_demo_threshold(SYSTEM, policy_version=version)
    say(f"{version} in force; threshold {threshold.name}")
    return threshold


def prepare(folder: Path, say: Say) -> dict[str, Any]:
    """Everything that a campaign's signals meet: people, terms, threshold, detectors and the directory."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    make_people(say)
    set_rules(say)
    return import_directory(folder, _by_role(manifest), say)


def _by_role(manifest: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    by_role: dict[str, list[dict[str, Any]]] = {}
    for row in manifest["files"]:
        by_role.setdefault(row["role"], []).append(row)
    return by_role


def import_directory(folder: Path, by_role: dict[str, list[dict[str, Any]]], say: Say) -> dict[str, Any]:
    """The campaign's detectors, organizations and accounts."""
    register_from_manifest(SYSTEM, path=folder / "manifest.json", is_demo=True)
    organizations = import_warehouse_organizations(SYSTEM, path=folder / by_role["organizations"][0]["path"])
    accounts = import_warehouse_accounts(SYSTEM, path=folder / by_role["accounts"][0]["path"])
    say(f"{organizations.created:,} organizations, {accounts.created:,} accounts from the warehouse")
    return {"organizations": organizations.created, "accounts": accounts.created}


def import_campaign(folder: Path, manifest: dict[str, Any], say: Say) -> None:
    """Directory, reference counts and signals, by the same services that files and REST use; then what they woke."""
    by_role = _by_role(manifest)
    import_directory(folder, by_role, say)
    with carry_on(lambda task, row: say(f"  {task} {row or ''}".rstrip())) as carried:
        for row in by_role["context"] + by_role["signals"]:
            detector = Detector.objects.get(slug=row["detector"])
            with (folder / row["path"]).open("rb") as stream:
                receive_import(SYSTEM, detector=detector, stream=stream, filename=Path(row["path"]).name)
        # After the files, so that linking is asked for once, with everything there.
        counts = next(row for row in by_role["reference"] if row["path"].endswith(".ndjson"))
        snapshot = import_reference(SYSTEM, path=folder / counts["path"])
        say(f"{snapshot.counts:,} reference counts over a population of {snapshot.population:,}")
    for task, row_id, reason in carried.failures:
        raise RuntimeError(f"{task} {row_id or ''} failed: {reason}")


def connect_platform() -> None:
    """Point the demo connector at the receiver that runs beside the site; its address may change with every start."""
    url, secret = os.environ.get("DEMO_PLATFORM_URL", ""), os.environ.get("DEMO_PLATFORM_SECRET_FILE", "")
    if url and secret:
        set_connector(SYSTEM, name="Demo platform", url=url, secret=Path(secret).read_text().strip(), is_demo=True)


def load(say: Say) -> Case:
    """Everything up to the case that the threshold opened; a second call changes nothing but the connector's address."""
    connect_platform()
    case = Case.objects.filter(is_demo=True).order_by("pk").first()
    if case is not None:
        return case
    say("1  People who work here")
    make_people(say)
    folder = Path(settings.DOSSIER_HOME) / "demo" / "campaign"
    say("2  A campaign is simulated to files")
    manifest = simulate_to(folder, say)
    say("3  Terms of service and a threshold")
    set_rules(say)
    say("4  The files are imported, folded into alerts, accounts linked, thresholds evaluated")
    import_campaign(folder, manifest, say)
    case = Case.objects.exclude(opened_by_rule=None).order_by("pk").first()
    if case is None:
        raise RuntimeError("No cluster crossed the threshold: no case was opened.")
    say(f"5  {case.ref} opened by itself. {case.why_opened}")
    return case
