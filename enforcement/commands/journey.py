"""The rest of the demo, played unattended: demo people work the case that the threshold opened, to a verified packet."""

import shutil
from pathlib import Path
from typing import Any

from django.conf import settings

from enforcement.actions.models import Action
from enforcement.actions.services import run_action, start_action
from enforcement.audit.actors import Actor
from enforcement.cases.models import Case
from enforcement.cases.selection import Selection
from enforcement.cases.services import (
    add_note,
    assign_person,
    carve_out,
    close_case,
    move_case,
    pin_policy,
    set_finding,
)
from enforcement.commands.demonstration import Say, demo_actor
from enforcement.decisions.models import Decision
from enforcement.decisions.services import approve_decision, submit_decision
from enforcement.evidence.services import add_extract, establish_attribution
from enforcement.packets.models import Packet
from enforcement.packets.selectors import file_name
from enforcement.packets.services import build_packet, open_packet, request_packet
from enforcement.packets.signing import CERTIFICATE_FILE
from enforcement.packets.verifier import verify_file
from enforcement.staff.models import Person


def work(case: Case, say: Say) -> Case:
    """Assign, investigate, preserve evidence, find: until nothing blocks submitting. Skips what was done before."""
    lead, ines = demo_actor("lead"), demo_actor("investigator")
    case.refresh_from_db()
    if case.state == "new":
        move_case(lead, case=case, to="triage")
    case.refresh_from_db()
    if case.state == "triage":
        assign_person(lead, case=case, person=Person.objects.get(pk=ines.id or 0))
        move_case(ines, case=case, to="investigating")
        say(f"{lead.label} assigned {case.ref} to {ines.label}, who investigates")
    case.refresh_from_db()
    if case.state == "investigating":
        _investigate(ines, case, say)
    case.refresh_from_db()
    return case


def _investigate(ines: Actor, case: Case, say: Say) -> None:
    if case.policy_version is None:
        raise RuntimeError(f"{case.ref} has no policy version; the threshold should have brought one.")
    pin_policy(ines, case=case, policy_version=case.policy_version)
    item = add_extract(ines, case=case, title="Conduct signals of every subject")
    say(f"Evidence: an extract of {item.rows or 0:,} signals, SHA-256 {item.blob.sha256}")
    suggested = case.attributions.filter(suggested=True, withdrawn_at=None).select_related("organization").first()
    if suggested is not None:
        establish_attribution(
            ines, case=case, organization=suggested.organization, role="operator", confidence="low",
            why="Declared by accounts of the cluster; no independent source confirms it yet.",
            items=[(item, "What the accounts declared of themselves.")],
        )  # fmt: skip
        say(f"Attribution: {suggested.organization} as operator, at low confidence until another source confirms it")
    clauses = list(case.policy_version.clauses.order_by("position").values_list("number", flat=True))
    set_finding(
        ines, case=case, finding="violating", reason="Own conduct shown by the alerts cited.", selection=Selection(),
        clauses=clauses,
    )  # fmt: skip
    rest = Selection(finding="none")
    if rest.of(case).exists():
        set_finding(ines, case=case, finding="unclear", reason="Linked, but no conduct of its own.", selection=rest)
    _carve_one_out(ines, case, say)
    add_note(
        ines,
        case=case,
        text="Findings rest on each account's own alerts. Accounts that are merely linked stay unclear.",
    )


def _carve_one_out(ines: Actor, case: Case, say: Say) -> None:
    """The weakest member is taken for a bystander: a carve-out stays in the record with its reason."""
    weakest = case.subjects.order_by("bits", "id").first()
    if weakest is not None and case.subjects.count() > 1:
        carve_out(ines, case=case, subject_ids=[weakest.pk], reason="Weakest link of all; treated as a bystander.")
    counts = {finding or "none": case.subjects.filter(finding=finding).count() for finding in
              ("violating", "not_violating", "unclear", "")}  # fmt: skip
    say(
        f"Findings: {counts['violating']:,} violating, {counts['unclear']:,} unclear, "
        f"{counts['not_violating']:,} carved out as bystander, {counts['none']:,} open"
    )


def decide(case: Case, say: Say) -> Decision:
    """Submit as the investigator, approve as reviewers who had no part in the case."""
    decision = Decision.objects.filter(case=case, state__in=["submitted", "approved"]).order_by("-round").first()
    if decision is None:
        ines = demo_actor("investigator")
        decision = submit_decision(
            ines, case=case, action_kind="suspend",
            summary="Suspend every account found violating; appeals are open for 30 days.",
        )  # fmt: skip
        say(
            f"{ines.label} submitted round {decision.round}: {decision.targets_count:,} targets, digest {decision.digest}"
        )
    place = 0
    while decision.state == "submitted":
        reviewer = demo_actor("reviewer", place=place)
        decision = approve_decision(
            reviewer, decision=decision, digest=decision.digest, reason="The sample supports the findings."
        )
        decision.refresh_from_db()
        say(f"{reviewer.label} approved exactly that digest")
        place += 1
    return decision


def enforce(decision: Decision, say: Say) -> Action:
    """Start the action as the enforcer and carry it out against the receiver."""
    action = Action.objects.filter(decision=decision).first()
    if action is None:
        enforcer = demo_actor("enforcer")
        action = start_action(enforcer, decision=decision)
        say(f"{enforcer.label} started it against {action.connector.url}")
    action = run_action(action.pk)
    done = action.targets.filter(state="done").count()
    say(f"{done:,} of {action.targets.count():,} targets done, in {action.deliveries.count():,} signed batches")
    return action


def hand_over(case: Case, say: Say) -> dict[str, Any]:
    """Close the case, build its packet, write it to `DOSSIER_HOME`, and verify the file as a stranger would."""
    case.refresh_from_db()
    if case.state in {"enforced", "partially_enforced"}:
        close_case(demo_actor("lead"), case=case, outcome="enforced", reason="Every target is done and was told.")
        say(f"{case.ref} closed: enforced")
    packet = build_packet(request_packet(demo_actor("legal"), case=case).pk)
    if packet.state != "done":
        raise RuntimeError(f"The packet could not be built: {packet.failure}")
    path = write_packet(packet)
    certificate = Path(settings.KEYS_ROOT) / CERTIFICATE_FILE
    report = verify_file(path, trust=certificate)
    say(f"Packet {packet}: {packet.pages} pages, signed, {path}")
    say(f"Verified offline with {certificate.name}: {report.verdict}")
    return {"packet": str(path), "ok": report.ok, "verdict": report.verdict, "checks": len(report.checks)}


def write_packet(packet: Packet) -> Path:
    """The signed file under `DOSSIER_HOME/packets/`."""
    folder = Path(settings.DOSSIER_HOME) / "packets"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file_name(packet)
    with open_packet(demo_actor("legal"), packet=packet) as source, path.open("wb") as target:
        shutil.copyfileobj(source, target)
    return path
