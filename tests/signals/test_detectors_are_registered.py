"""Detectors, rule versions and tokens: who may, what is refused, what is kept of a secret."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from enforcement.audit.actors import SYSTEM, Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.models import Event
from enforcement.signals.models import Detector, DetectorToken, RuleVersion
from enforcement.signals.selectors import detector_named, get_detector, list_detectors
from enforcement.signals.services import (
    authenticate_token,
    issue_token,
    register_detector,
    register_from_manifest,
    revoke_detector,
    revoke_token,
)

STRANGER = Actor("person", 1, "Nobody", frozenset({"triager"}))


def test_registering_again_describes_anew_and_adds_rule_versions(watch: Detector) -> None:
    rules = [{"rule": "W-1", "version": "3", "text": "Hours are very odd."}]
    again = register_detector(SYSTEM, slug="watch", name="The watch", rules=rules)
    assert (again.pk, again.name) == (watch.pk, "The watch")
    version = RuleVersion.objects.get(rule="W-1", version="3")
    assert version.text_sha256 == hashlib.sha256(b"Hours are very odd.").hexdigest()


def test_a_rule_version_keeps_its_text(watch: Detector) -> None:
    with pytest.raises(Refusal, match="another text"):
        register_detector(SYSTEM, slug="watch", name="Watch", rules=[{"rule": "W-1", "version": "2", "text": "Other."}])


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"slug": "No Slug"}, "slug"), ({"slug": "x"}, "slug"), ({"name": " "}, "name"), ({"false_positive_rate": 2}, "false_positive_rate"),
     ({"state": "revoked"}, "state"), ({"meters": "api"}, "meters")],
)  # fmt: skip
def test_a_bad_registration_names_its_field(meter: Detector, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refusal:
        register_detector(SYSTEM, **{"slug": "second", "name": "Second", **fields})
    assert refusal.value.field == field


def test_a_manifest_registers_its_detectors_and_twice_changes_nothing(db: None, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    rule = {"rule": "R-1", "title": "T", "severity": 2, "version": "1", "text": "x"}
    path.write_text(
        json.dumps(
            {
                "format": "dossier-campaign/1",
                "detectors": [{"slug": "one", "name": "One", "meters": "api", "rules": [rule]}],
            }
        )
    )
    register_from_manifest(SYSTEM, path=path)
    events = Event.objects.count()
    (detector,) = register_from_manifest(SYSTEM, path=path)
    assert (detector.meters, Event.objects.count(), RuleVersion.objects.count()) == ("api", events, 1)
    path.write_text("{}")
    with pytest.raises(Refusal, match="not the manifest"):
        register_from_manifest(SYSTEM, path=path)


def test_only_the_digest_of_a_secret_is_kept(watch: Detector) -> None:
    token, secret = issue_token(SYSTEM, detector=watch)
    assert secret.startswith("dsr_watch_")
    assert token.token_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in str(list(DetectorToken.objects.values())) + str(list(Event.objects.values()))
    actor = authenticate_token(secret)
    assert (actor.kind, actor.detector_id) == ("machine", watch.pk)
    with pytest.raises(Refusal, match="not known"):
        authenticate_token(secret + "x")


def test_revoking_a_detector_stops_its_tokens(watch: Detector) -> None:
    _, secret = issue_token(SYSTEM, detector=watch)
    revoke_detector(SYSTEM, slug="watch")
    with pytest.raises(Refusal, match="revoked"):
        authenticate_token(secret)
    watch.refresh_from_db()
    with pytest.raises(Refusal, match="revoked"):
        issue_token(SYSTEM, detector=watch)


def test_strangers_register_issue_and_revoke_nothing(watch: Detector) -> None:
    token, _ = issue_token(SYSTEM, detector=watch)
    for act in (
        lambda: register_detector(STRANGER, slug="new", name="New"),
        lambda: issue_token(STRANGER, detector=watch),
        lambda: revoke_token(STRANGER, token_id=token.pk),
        lambda: revoke_detector(STRANGER, slug="watch"),
        lambda: list_detectors(Actor("machine", 1, "x", frozenset({"machine"}), watch.pk)),
        lambda: get_detector(Actor("person", 1, "x"), slug="watch"),
    ):
        with pytest.raises(Refusal) as refusal:
            act()
        assert refusal.value.status == 403


def test_an_unknown_detector_is_answered_with_those_there_are(watch: Detector) -> None:
    with pytest.raises(Refusal, match="Registered: watch"):
        detector_named("nope")
