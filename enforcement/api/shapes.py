"""What the REST interface answers with, as plain dictionaries, and their schema for OpenAPI."""

from typing import Any

from rest_framework import serializers

from enforcement.alerts.models import SEVERITIES, Alert
from enforcement.ingest.models import Import


class ProblemShape(serializers.Serializer[Any]):
    """A problem (RFC 9457): `code` is stable, `detail` says what was wrong and what to do, `field` where."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    field = serializers.CharField(required=False)


class PostedShape(serializers.Serializer[Any]):
    """What became of one posted signal."""

    result = serializers.ChoiceField(choices=["created", "folded", "duplicate", "revised", "context"])
    alert = serializers.IntegerField(allow_null=True, help_text="The alert that the signal belongs to.")
    detail = serializers.CharField()


class SignalShape(serializers.Serializer[Any]):
    """One signal. Unknown fields are kept under `unmapped`. The detector is the token's, never the body's."""

    source_ref = serializers.CharField(max_length=200)
    account = serializers.CharField(max_length=120)
    observed_at = serializers.DateTimeField()
    rule = serializers.CharField(required=False, help_text="Without it: a context record.")
    severity = serializers.IntegerField(required=False, help_text="OCSF 0-6 or 99.")
    score = serializers.FloatField(required=False, min_value=0, max_value=100)
    exchanges = serializers.IntegerField(required=False, min_value=0)
    identifiers = serializers.ListField(child=serializers.DictField(), required=False)


class ImportShape(serializers.Serializer[Any]):
    """An import as a job: state, counts, progress."""

    id = serializers.IntegerField()
    state = serializers.CharField()
    detector = serializers.CharField()
    filename = serializers.CharField()
    sha256 = serializers.CharField()
    rows_read = serializers.IntegerField()
    rows_accepted = serializers.IntegerField()
    rows_duplicate = serializers.IntegerField()
    rows_revised = serializers.IntegerField()
    rows_refused = serializers.IntegerField()
    rows_context = serializers.IntegerField()
    alerts_created = serializers.IntegerField()
    progress_done = serializers.IntegerField()
    progress_total = serializers.IntegerField()
    failure = serializers.CharField()
    same_as = serializers.IntegerField(allow_null=True)
    address = serializers.CharField()
    rejects = serializers.CharField()


class ImportPageShape(serializers.Serializer[Any]):
    """A page of imports; `older` and `newer` are cursors, empty where there is nothing more."""

    results = ImportShape(many=True)
    older = serializers.CharField(allow_blank=True)
    newer = serializers.CharField(allow_blank=True)


class RejectShape(serializers.Serializer[Any]):
    """A refused line: its number, the column, the value shortened, why, and a stable code."""

    line = serializers.IntegerField()
    column = serializers.CharField(allow_blank=True)
    value = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()
    code = serializers.CharField()


class RejectPageShape(serializers.Serializer[Any]):
    """Refused lines from an offset on, in the order of the file."""

    results = RejectShape(many=True)
    next_offset = serializers.IntegerField(allow_null=True)


class AlertShape(serializers.Serializer[Any]):
    """An alert in a list: no `raw`, no excerpt."""

    id = serializers.IntegerField()
    detector = serializers.CharField()
    rule = serializers.CharField()
    account = serializers.CharField()
    state = serializers.CharField()
    title = serializers.CharField()
    severity = serializers.CharField()
    score = serializers.FloatField()
    signals = serializers.IntegerField()
    exchanges = serializers.IntegerField()
    first_seen_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    cluster = serializers.CharField(allow_null=True)


class AlertPageShape(serializers.Serializer[Any]):
    """A page of alerts; `older` and `newer` are cursors, empty where there is nothing more."""

    results = AlertShape(many=True)
    older = serializers.CharField(allow_blank=True)
    newer = serializers.CharField(allow_blank=True)


class AlertDayShape(serializers.Serializer[Any]):
    """Signals and exchanges of an alert on one UTC day."""

    day = serializers.DateField()
    signals = serializers.IntegerField()
    exchanges = serializers.IntegerField()


class AlertDetailShape(AlertShape):
    """An alert with its daily counts, oldest first."""

    days = AlertDayShape(many=True)


def import_shape(found: Import) -> dict[str, Any]:
    """An import, its own address and that of its refused lines."""
    same = ("state", "filename", "rows_read", "rows_accepted", "rows_duplicate", "rows_revised", "rows_refused",
            "rows_context", "alerts_created", "progress_done", "progress_total", "failure")  # fmt: skip
    address = f"/api/v1/imports/{found.pk}/"
    return {
        "id": found.pk,
        "detector": found.detector.slug,
        "sha256": found.blob.sha256,
        **{name: getattr(found, name) for name in same},
        "same_as": found.same_as_id,
        "address": address,
        "rejects": f"{address}rejects/",
    }


def alert_shape(alert: Alert) -> dict[str, Any]:
    """An alert as lists show it."""
    open_memberships = getattr(alert.account, "open_memberships", [])
    tally = alert.tally
    return {
        "id": alert.pk,
        "detector": alert.detector.slug,
        "rule": alert.rule,
        "account": alert.account.platform_id,
        "state": alert.state,
        "title": tally.title,
        "severity": SEVERITIES.get(tally.severity, "Other"),
        "score": tally.score,
        "signals": tally.signals,
        "exchanges": tally.exchanges,
        "first_seen_at": tally.first_seen_at.isoformat().replace("+00:00", "Z"),
        "last_seen_at": tally.last_seen_at.isoformat().replace("+00:00", "Z"),
        "cluster": open_memberships[0].cluster.ref if open_memberships else None,
    }
