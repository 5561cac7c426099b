"""What accounts share, and how much they used. Derived rows: rebuilt from the archive, written in key order."""

from django.db import models

from accounts.models.directory import Account


class Identifier(models.Model):
    """A thing that accounts share. `holders` are accounts known here, ever; `key` is the keyed value told by reference."""

    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=300)
    holders = models.PositiveIntegerField(default=0)
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="one_identifier_a_value")]
        indexes = [models.Index(fields=["kind", "-holders", "id"], name="identifier_by_holders")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Sighting(models.Model):
    """A cluster member seen with an identifier: the days compactly, as bits from `first_day` on. The archive has all.

    `day_bits` is big-endian: bit 7 of byte 0 is `first_day`.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sightings")
    identifier = models.ForeignKey(Identifier, on_delete=models.CASCADE, related_name="sightings")
    first_day = models.DateField()
    last_day = models.DateField()
    day_bits = models.BinaryField()
    times = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "identifier"], name="one_sighting_a_pair")]
        indexes = [models.Index(fields=["identifier", "account"], name="sighting_holders")]

    def __str__(self) -> str:
        return f"{self.account_id} with {self.identifier_id}"


class DailyCount(models.Model):
    """Exchanges of one account on one UTC day, from the metering detector of each product alone."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="daily_counts")
    day = models.DateField()
    product = models.CharField(max_length=40)
    exchanges = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "day", "product"], name="one_count_a_day")]

    def __str__(self) -> str:
        return f"{self.account_id} on {self.day}"
