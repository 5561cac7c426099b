"""The whole journey over services and REST: files in, a case by threshold, two people, actions, a packet that verifies."""

from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.linking.evaluate import Truth, evaluate
from accounts.models import Account, Cluster, DailyCount, Membership
from accounts.services import import_reference, import_warehouse_accounts, import_warehouse_organizations
from enforcement.actions.services import set_connector
from enforcement.actions.services.connecting import new_secret
from enforcement.alerts.models import Alert, AlertTally
from enforcement.audit.actors import SYSTEM
from enforcement.audit.services import seal_now
from enforcement.audit.verification import verify_audit
from enforcement.cases.models import Case, Subject
from enforcement.commands import journey
from enforcement.commands.demonstration import make_people, set_rules
from enforcement.commands.platform import Platform, make_server
from enforcement.packets.services import frozen_inputs
from enforcement.packets.verifier import verify_file
from enforcement.pipeline.wake import carry_on
from enforcement.signals.models import Detector
from enforcement.signals.services import issue_token, register_from_manifest
from tests.factories import person

pytestmark = pytest.mark.commits


def _say(_: str) -> None:
    pass


def _post_files(campaign: Path, manifest: dict) -> list[dict]:
    """Every signals file by REST with its detector's own token, the conduct files compressed; the answers."""
    answers = []
    tokens = {d.slug: issue_token(person("administrator"), detector=d)[1] for d in Detector.objects.all()}
    for row in manifest["files"]:
        if row["role"] not in {"signals", "context"}:
            continue
        body = (campaign / row["path"]).read_bytes()
        packed = row["detector"] != "usage-meter"
        response = Client().post(
            f"/api/v1/imports/?filename={Path(row['path']).name}{'.gz' if packed else ''}",
            data=gzip.compress(body, 1) if packed else body,
            content_type="application/gzip" if packed else "application/x-ndjson",
            headers={"authorization": f"Bearer {tokens[row['detector']]}"},
        )
        assert response.status_code == 202, response.content
        answers.append(response.json())
    return answers


def _truth(campaign: Path) -> dict[int, Truth]:
    numbers = dict(Account.objects.values_list("platform_id", "id"))
    lines = (campaign / "truth" / "truth.csv").read_text().splitlines()[1:]
    truth = {}
    for place, line in enumerate(lines):
        account, ring, organization, benign = line.split(",")
        truth[numbers.get(account, -1 - place)] = Truth(ring or None, organization or None, benign == "true")
    return truth


def test_from_files_to_a_verified_packet(campaign, tmp_path):
    settings.DOSSIER_HOME, settings.KEYS_ROOT = tmp_path, tmp_path / "keys"
    manifest = json.loads((campaign / "manifest.json").read_text())
    make_people(_say)
    set_rules(_say)
    register_from_manifest(SYSTEM, path=campaign / "manifest.json")
    import_warehouse_organizations(SYSTEM, path=campaign / "warehouse" / "organizations.ndjson")
    import_warehouse_accounts(SYSTEM, path=campaign / "warehouse" / "accounts.ndjson")
    with carry_on() as carried:
        _post_files(campaign, manifest)
        import_reference(SYSTEM, path=campaign / "warehouse" / "reference.ndjson")
    assert not carried.failures

    # Exchanges are the metering detector's alone, to the last one.
    metered = next(row["rows"] for row in manifest["files"] if row["path"].endswith("usage-meter.ndjson"))
    assert sum(DailyCount.objects.values_list("exchanges", flat=True)) == metered
    assert sum(AlertTally.objects.filter(alert__detector__meters="api").values_list("signals", flat=True)) == metered
    assert Alert.objects.filter(detector__slug="prompt-harvest").exists()

    # The cluster crossed what no account crossed.
    case = Case.objects.exclude(opened_by_rule=None).get()
    cluster = case.case_clusters.get().cluster
    limit = next(c["at_least"] for c in case.opened_by_rule.conditions if c["measure"] == "exchanges_per_day")
    assert cluster.rollup.highest_account_day < limit < cluster.rollup.exchanges / 45
    assert "No single account crossed it" in case.why_opened
    truth = _truth(campaign)
    membership = dict(Membership.objects.filter(left_run=None).values_list("account_id", "cluster_id"))
    figures = evaluate(membership, truth, Subject.objects.values_list("account_id", flat=True))
    assert figures.honest_subjects == 0
    assert figures.bcubed_precision >= 0.99
    assert figures.home_recall >= 0.90
    assert not figures.failed
    assert Cluster.objects.filter(state="active").count() >= 1

    packet = _work_to_packet(case, tmp_path)
    assert packet["ok"]
    seal_now()
    report = verify_audit()
    assert report.intact, report.problems


def _work_to_packet(case: Case, folder: Path) -> dict:
    record = folder / "told.ndjson"
    platform = Platform(new_secret(), record)
    server = make_server(platform)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/actions"
        set_connector(SYSTEM, name="Demo platform", url=address, secret=platform.secret, is_demo=True, batch_size=100)
        case = journey.work(case, _say)
        decision = journey.decide(case, _say)
        action = journey.enforce(decision, _say)
    finally:
        server.shutdown()
        server.server_close()
    assert action.state == "done"
    told = [json.loads(line)["message"]["data"] for line in record.read_text().splitlines()]
    accounts = [target["account"] for batch in told for target in batch["targets"]]
    frozen = decision.targets.values_list("account__platform_id", flat=True)
    assert sorted(accounts) == sorted(frozen)
    packet = journey.hand_over(case, _say)
    inputs = frozen_inputs(case.packets.get())
    assert sum(1 for s in inputs.subjects if s.finding == "violating") == len(accounts)
    damaged = bytearray(Path(packet["packet"]).read_bytes())
    damaged[len(damaged) // 2] ^= 1
    broken = folder / "broken.pdf"
    broken.write_bytes(damaged)
    assert not verify_file(broken).ok
    return packet
