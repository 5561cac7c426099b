"""One signal, or a few, at once: the same validation and the same fold as a file, committed before the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Account
from enforcement.alerts.models import Alert
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.ingest.fold import Rows, fold_rows
from enforcement.ingest.locks import share_detector
from enforcement.ingest.revisions import store_revisions
from enforcement.ingest.staging import body_of
from enforcement.signals.archive import signal_in
from enforcement.signals.bodies import body_sha256, jsonable, ref_hash
from enforcement.signals.keys import live_segments, segments_holding
from enforcement.signals.models import Detector, PostedSignal, RuleVersion
from enforcement.signals.normalize import normalize_signal
from enforcement.signals.parsing import Body, SignalError, parse_json
from enforcement.staff.matrix import Permission, Scope, require

TOUCH_SECONDS = 60


@dataclass(frozen=True, slots=True)
class PostedResult:
    """What a post did: created an alert, folded into one, was a duplicate, or revised. No alert for a context record."""

    result: str
    alert_id: int | None
    detail: str


_DETAILS = {
    "created": "A new alert.",
    "folded": "Counted on the alert that was there.",
    "context": "A context record: sightings only, no alert.",
    "duplicate": "This reference was counted before, with the same content. Nothing changed.",
    "revised": "This reference was counted before with other content. The new content is kept and changes no count.",
}


def post_signal(actor: Actor, *, detector: Detector, body: bytes | dict[str, Any]) -> PostedResult:
    """Take in one signal, synchronously and exactly once.

    Raises Refusal: 403 for another detector's token or a revoked detector, 400 for what is not JSON, 413 for a body over
    MAX_LINE_BYTES, 422 (with `field`) for a signal that is refused.
    """
    require(actor, Permission.SIGNAL_POST, Scope(detector_id=detector.pk))
    if detector.state == "revoked":
        raise Refusal(
            "detector.revoked",
            f"The detector {detector.slug} is revoked: it takes no more signals. Register a new one.",
            status=403,
        )
    signal = _parsed(body)
    with transaction.atomic():
        share_detector(detector.pk)
        _drop_what_terms_forbid(signal)
        counted = _counted_body(detector, signal)
        if counted is None:
            return _fold_new(actor, detector, signal)
        if counted != body_sha256(signal):
            store_revisions(detector, [signal])
            return _result("revised", _alert_id(detector, signal))
        return _result("duplicate", _alert_id(detector, signal))


def _parsed(body: bytes | dict[str, Any]) -> Body:
    if isinstance(body, bytes) and len(body) > settings.MAX_LINE_BYTES:
        raise Refusal("signal.too_large", f"A signal is at most {settings.MAX_LINE_BYTES:,} bytes.", status=413)
    try:
        given = parse_json(_decoded(body)) if isinstance(body, bytes) else body
        return normalize_signal(given, now=timezone.now())
    except SignalError as error:
        status = 400 if error.code == "signal.json" else 422
        message = f"{error.reason[:1].upper()}{error.reason[1:]}."
        raise Refusal(error.code, message, field=error.column or None, status=status) from error


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SignalError("", "", "the body is not UTF-8 text", "signal.json") from None


def _drop_what_terms_forbid(signal: Body) -> None:
    terms = Account.objects.filter(platform_id=signal["account"]).values_list("content_terms", flat=True).first()
    if terms not in (None, Account.ContentTerms.STANDARD):
        signal.update(excerpt=None, raw=None, unmapped=None)


def _counted_body(detector: Detector, signal: Body) -> str | None:
    """The digest of the body that counted for this reference; None when none has, and the row is then ours."""
    wanted = ref_hash(signal["source_ref"])
    for segment in segments_holding(live_segments(detector), wanted):
        row = signal_in(segment, signal["source_ref"])
        if row is not None:
            return body_sha256(body_of(row, UTC))
    digest = body_sha256(signal)
    with connection.cursor() as cursor:
        # Waits for another post of the same reference, and then sees it.
        cursor.execute(
            "INSERT INTO signals_postedsignal (detector_id, ref_hash, body_sha256, body, received_at)"
            " VALUES (%s, %s, %s, %s::jsonb, now()) ON CONFLICT (detector_id, ref_hash) DO NOTHING RETURNING id",
            [detector.pk, wanted, digest, json.dumps(jsonable(signal), ensure_ascii=False)],
        )
        if cursor.fetchone():
            return None
    return PostedSignal.objects.values_list("body_sha256", flat=True).get(detector=detector, ref_hash=wanted)


def _fold_new(actor: Actor, detector: Detector, signal: Body) -> PostedResult:
    folded = fold_rows(fold_inputs(detector, signal), detector)
    alert_id = _alert_id(detector, signal)
    result = "context" if signal["rule"] is None else "created" if folded.alerts_created else "folded"
    touch_detector(detector)
    record_event(
        actor=actor,
        verb="ingest.signal_folded",
        target=detector,
        data={"result": result, "alert": alert_id, "source_ref": signal["source_ref"]},
    )
    return _result(result, alert_id)


def touch_detector(detector: Detector) -> None:
    """Note that the detector reported, at most once in a while: posts must not queue for one row."""
    now = timezone.now()
    if detector.last_signal_at is None or (now - detector.last_signal_at).total_seconds() >= TOUCH_SECONDS:
        Detector.objects.filter(pk=detector.pk).update(last_signal_at=now)
        detector.last_signal_at = now


def _result(result: str, alert_id: int | None) -> PostedResult:
    return PostedResult(result, alert_id, _DETAILS[result])


def _alert_id(detector: Detector, signal: Body) -> int | None:
    if signal["rule"] is None:
        return None
    found = Alert.objects.filter(detector=detector, rule=signal["rule"], account__platform_id=signal["account"])
    return found.values_list("pk", flat=True).first()


def fold_inputs(detector: Detector, signal: Body) -> dict[str, Rows]:
    """One signal as the rows of fold.INPUTS, by the rules of rollup. Its sightings follow when it is compacted."""
    moment: datetime = signal["observed_at"]
    at, day = moment.isoformat(), moment.date().isoformat()
    account, rule, exchanges = signal["account"], signal["rule"], signal["exchanges"] or 0
    metered = (
        rule is not None and detector.meters is not None and (signal["product"] or detector.meters) == detector.meters
    )
    span = {"first_at": at, "last_at": at}
    rows: dict[str, Rows] = {
        "in_account": [
            {
                "platform_id": account,
                "organization": signal["organization"] or "",
                "exchanges": exchanges if metered else 0,
                **span,
            }
        ]
    }
    if signal["principal"]:
        rows["in_principal"] = [{"account": account, "value": signal["principal"], **span}]
    if metered and exchanges:
        rows["in_daily"] = [{"account": account, "day": day, "product": detector.meters, "exchanges": exchanges}]
    if rule is not None:
        rows["in_alert"] = [{**_alert_row(detector, signal), "exchanges": exchanges, **span}]
        rows["in_day"] = [{"rule": rule, "account": account, "day": day, "signals": 1, "exchanges": exchanges}]
    return rows


def _alert_row(detector: Detector, signal: Body) -> dict[str, Any]:
    """What the signal says of its alert, else what its rule as registered says."""
    rule = signal["rule"]
    registered = RuleVersion.objects.filter(detector=detector, rule=rule).order_by("registered_at", "id").last()
    return {
        "rule": rule,
        "account": signal["account"],
        "signals": 1,
        "tokens_in": signal["tokens_in"] or 0,
        "tokens_out": signal["tokens_out"] or 0,
        "severity": _first(signal["severity"], registered.severity if registered else None, 0),
        "score": signal["score"] or 0,
        "title": signal["title"] or (registered.title if registered else ""),
        "conduct": signal["conduct"] or (registered.conduct if registered else ""),
    }


def _first(*values: int | None) -> int:
    return next(value for value in values if value is not None)
