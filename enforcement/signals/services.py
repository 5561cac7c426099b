"""Detectors and their tokens: registering, issuing, revoking, telling who posts."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal, not_found
from enforcement.audit.services import record_event
from enforcement.signals.blobs import open_given, store_blob
from enforcement.signals.fields import CONDUCTS
from enforcement.signals.models import DETECTOR_STATES, Detector, DetectorToken, RuleVersion
from enforcement.staff.actors import machine_actor
from enforcement.staff.matrix import Permission, require

__all__ = [
    "authenticate_token",
    "issue_token",
    "register_detector",
    "register_from_manifest",
    "revoke_detector",
    "revoke_token",
    "store_blob",
]

MANIFEST_FORMAT = "dossier-campaign/1"
USED_SECONDS = 60
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,49}")


def register_detector(
    actor: Actor,
    *,
    slug: str,
    name: str,
    description: str = "",
    meters: str | None = None,
    false_positive_rate: float | None = None,
    state: str = "reporting",
    rules: Sequence[Mapping[str, Any]] = (),
    is_demo: bool = False,
) -> Detector:
    """Register a detector, or bring its description and rules up to date; `slug` names it for ever.

    `rules`: {rule, version, title, severity, conduct, text}; a version once registered keeps its text. `meters` is the
    one product whose exchanges it counts. Raises Refusal: not permitted, a bad slug or rate, a product metered already,
    a rule version with another text.
    """
    require(actor, Permission.DETECTOR_EDIT)
    _check(slug, name, false_positive_rate, state)
    with transaction.atomic():
        _check_meters(slug, meters)
        described = {
            "name": name,
            "description": description,
            "meters": meters or None,
            "false_positive_rate": false_positive_rate,
        }
        detector, created = Detector.objects.get_or_create(
            slug=slug, defaults={**described, "state": state, "is_demo": is_demo}
        )
        if not created:
            Detector.objects.filter(pk=detector.pk).update(**described)
            detector.refresh_from_db()
        added = [_register_rule(detector, rule) for rule in rules]
        if created or any(added):
            record_event(
                actor=actor,
                verb="signals.detector_registered",
                target=detector,
                data={"meters": meters, "rules": [rule["rule"] for rule in rules], "new": created},
            )
    return detector


def _check_meters(slug: str, meters: str | None) -> None:
    if meters and Detector.objects.filter(meters=meters).exclude(slug=slug).exists():
        raise Refusal(
            "detector.metered",
            f"The product {meters} is metered by another detector already; exchanges are counted from one alone.",
            field="meters",
        )


def _check(slug: str, name: str, rate: float | None, state: str) -> None:
    if not _SLUG.fullmatch(slug):
        raise Refusal(
            "detector.slug",
            "A detector's short name is 2 to 50 lower-case letters, digits and hyphens.",
            field="slug",
            status=422,
        )
    if not name.strip():
        raise Refusal("detector.name", "Give the detector a name.", field="name", status=422)
    if rate is not None and not 0 <= rate <= 1:
        raise Refusal("detector.rate", "A false-positive rate is from 0 to 1.", field="false_positive_rate", status=422)
    if state not in DETECTOR_STATES.initial:
        raise Refusal("detector.state", "A detector begins as canary or reporting.", field="state", status=422)


def _register_rule(detector: Detector, rule: Mapping[str, Any]) -> bool:
    """Whether this version was new. Raises Refusal when the version was registered with another text."""
    text = str(rule.get("text", ""))
    digest = hashlib.sha256(text.encode()).hexdigest()
    conduct = str(rule.get("conduct") or "")
    version, created = RuleVersion.objects.get_or_create(
        detector=detector,
        rule=rule["rule"],
        version=str(rule.get("version", "1")),
        defaults={
            "title": rule.get("title", "")[:200],
            "severity": rule.get("severity", 0),
            "conduct": conduct if conduct in CONDUCTS else "",
            "text": text,
            "text_sha256": digest,
        },
    )
    if version.text_sha256 != digest:
        raise Refusal(
            "detector.rule_text",
            f"Rule {version.rule} version {version.version} is registered with another text. Give the new text a new version.",
            field="rules",
        )
    return created


def register_from_manifest(actor: Actor, *, path: Path, is_demo: bool = False) -> list[Detector]:
    """Register every detector that a campaign's manifest.json describes. Raises Refusal for another kind of file."""
    with open_given(path) as stream:
        try:
            manifest = json.load(stream)
            listed = manifest["detectors"] if manifest["format"] == MANIFEST_FORMAT else None
        except (ValueError, KeyError, TypeError):
            listed = None
    if listed is None:
        raise Refusal("manifest.format", f"{path} is not the manifest of a campaign ({MANIFEST_FORMAT}).", status=422)
    return [
        register_detector(
            actor,
            slug=item["slug"],
            name=item["name"],
            meters=item.get("meters"),
            false_positive_rate=item.get("false_positive_rate"),
            rules=item.get("rules", ()),
            is_demo=is_demo,
        )
        for item in listed
    ]


def revoke_detector(actor: Actor, *, slug: str) -> Detector:
    """Take no more signals from a detector; its tokens stop with it."""
    require(actor, Permission.DETECTOR_EDIT)
    with transaction.atomic():
        detector = Detector.objects.select_for_update().filter(slug=slug).first()
        if detector is None:
            raise not_found("detector", slug)
        DETECTOR_STATES.check(detector.state, "revoked")
        detector.state = "revoked"
        detector.save(update_fields=["state"])
        for token in detector.tokens.filter(revoked_at=None):
            revoke_token(actor, token_id=token.pk)
        record_event(actor=actor, verb="signals.detector_revoked", target=detector)
    return detector


def issue_token(actor: Actor, *, detector: Detector) -> tuple[DetectorToken, str]:
    """A new token and its secret, which is shown this once: only its SHA-256 is kept."""
    require(actor, Permission.DETECTOR_EDIT)
    if detector.state == "revoked":
        raise Refusal("detector.revoked", f"The detector {detector.slug} is revoked: it gets no token.")
    secret = f"dsr_{detector.slug}_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        token = DetectorToken.objects.create(
            detector=detector,
            prefix=secret[len(f"dsr_{detector.slug}_") :][:6],
            token_sha256=_digest(secret),
            created_by_id=actor.person_id,
        )
        record_event(actor=actor, verb="signals.token_issued", target=token, data={"detector": detector.slug})
    return token, secret


def revoke_token(actor: Actor, *, token_id: int) -> DetectorToken:
    """Stop a token for good; one that is stopped already stays as it was. Raises Refusal when there is none."""
    require(actor, Permission.DETECTOR_EDIT)
    with transaction.atomic():
        token = DetectorToken.objects.select_for_update().select_related("detector").filter(pk=token_id).first()
        if token is None:
            raise not_found("token", token_id)
        if token.revoked_at is None:
            token.revoked_at = timezone.now()
            token.save(update_fields=["revoked_at"])
            record_event(
                actor=actor, verb="signals.token_revoked", target=token, data={"detector": token.detector.slug}
            )
    return token


def authenticate_token(secret: str) -> Actor:
    """The actor that a secret stands for. Raises Refusal (401): unknown, or revoked."""
    token = DetectorToken.objects.select_related("detector").filter(token_sha256=_digest(secret)).first()
    if token is None:
        raise Refusal("token.unknown", "This token is not known here. Check it, or have a new one issued.", status=401)
    if token.revoked_at is not None or token.detector.state == "revoked":
        raise Refusal("token.revoked", "This token was revoked. Have a new one issued.", status=401)
    now = timezone.now()
    if token.last_used_at is None or (now - token.last_used_at).total_seconds() >= USED_SECONDS:
        DetectorToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return machine_actor(
        token_id=token.pk, detector_id=token.detector_id, label=f"{token.detector.slug} {token.prefix}…"
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
