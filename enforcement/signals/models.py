"""Detectors, what they sent byte for byte, and the segments of the archive."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from enforcement.audit.guards import append_only, frozen
from enforcement.audit.history import history
from enforcement.audit.transitions import StateTable
from enforcement.staff.models import Person

DETECTOR_STATES = StateTable(
    "detector",
    initial=("canary", "reporting"),
    moves={"canary": ("reporting", "revoked"), "reporting": ("canary", "revoked"), "revoked": ()},
)


class Detector(models.Model):
    """A source of signals. `meters` names the one product whose exchanges it counts, if any."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    meters = models.CharField(max_length=40, null=True, blank=True)  # noqa: DJ001  (null: meters nothing, and unique)
    false_positive_rate = models.FloatField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=DETECTOR_STATES.choices, default="reporting")
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_signal_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("slug",)
        constraints = [models.UniqueConstraint(fields=["meters"], name="one_metering_detector_a_product")]
        triggers = [*history(hidden=("last_signal_at",)), *DETECTOR_STATES.triggers(), frozen("slug")]

    def __str__(self) -> str:
        return self.slug


class DetectorToken(models.Model):
    """A secret that may post as its detector and do nothing else; only its SHA-256 is kept."""

    detector = models.ForeignKey(Detector, on_delete=models.PROTECT, related_name="tokens")
    prefix = models.CharField(max_length=12)
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        triggers = [
            *history(hidden=("token_sha256", "last_used_at")),
            frozen("detector_id", "token_sha256"),
            frozen("revoked_at", after="OLD.revoked_at IS NOT NULL"),
        ]

    def __str__(self) -> str:
        return f"{self.detector.slug} {self.prefix}…"


class RuleVersion(models.Model):
    """A detector's rule as registered: `text_sha256` says which text a signal's `rule_version` meant."""

    detector = models.ForeignKey(Detector, on_delete=models.PROTECT, related_name="rule_versions")
    rule = models.CharField(max_length=80)
    version = models.CharField(max_length=40)
    title = models.CharField(max_length=200, blank=True)
    severity = models.SmallIntegerField(default=0)
    conduct = models.CharField(max_length=80, blank=True)
    text = models.TextField(blank=True)
    text_sha256 = models.CharField(max_length=64)
    registered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("detector", "rule", "-registered_at")
        constraints = [models.UniqueConstraint(fields=["detector", "rule", "version"], name="one_text_a_rule_version")]
        triggers = [*history(), append_only()]

    def __str__(self) -> str:
        return f"{self.rule} {self.version}"


class Blob(models.Model):
    """Bytes kept whole under their SHA-256, wherever they came from; the same bytes are one blob."""

    sha256 = models.CharField(max_length=64, unique=True)
    bytes = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)
    path = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = [*history(), append_only()]

    def __str__(self) -> str:
        return self.sha256


class Segment(models.Model):
    """An immutable Parquet file of accepted signals of one detector, with the sightings made from it beside it.

    `account_ids` min and max bound its accounts; `retired_at` marks one that a successor replaced or an import retracted.
    """

    detector = models.ForeignKey(Detector, on_delete=models.PROTECT, related_name="segments")
    sha256 = models.CharField(max_length=64, unique=True)
    path = models.CharField(max_length=200)
    bytes = models.PositiveBigIntegerField()
    rows = models.PositiveBigIntegerField()
    sightings_path = models.CharField(max_length=200, blank=True)
    sightings_rows = models.PositiveBigIntegerField(default=0)
    refs_path = models.CharField(max_length=200, blank=True)
    first_observed_at = models.DateTimeField(null=True)
    last_observed_at = models.DateTimeField(null=True)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["detector", "first_observed_at"], name="segment_window")]
        triggers = [*history(), frozen("detector_id", "sha256", "path", "rows", "bytes")]

    def __str__(self) -> str:
        return f"segment {self.sha256}"


class PostedSignal(models.Model):
    """A signal that came by a small synchronous post, until it is compacted into a segment.

    `ref_hash` is the first 128 bits of the SHA-256 of its reference, `body` the normalized signal.
    """

    detector = models.ForeignKey(Detector, on_delete=models.PROTECT, related_name="+")
    ref_hash = models.UUIDField()
    body_sha256 = models.CharField(max_length=64)
    body = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["detector", "ref_hash"], name="one_posted_signal_a_reference")]

    def __str__(self) -> str:
        return str(self.ref_hash)


class Revision(models.Model):
    """A different body for a reference that counted already: kept and shown, changing no tally."""

    detector = models.ForeignKey(Detector, on_delete=models.PROTECT, related_name="+")
    source_ref = models.CharField(max_length=200)
    body = models.JSONField()
    body_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["detector", "source_ref", "body_sha256"], name="one_row_a_revision"),
        ]

    def __str__(self) -> str:
        return self.source_ref


class Pin(models.Model):
    """A legal hold: these accounts in this window must be kept, whatever retention says."""

    source = models.CharField(max_length=80)
    accounts = ArrayField(models.BigIntegerField(), default=list)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    reason = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        triggers = history()

    def __str__(self) -> str:
        return self.source
