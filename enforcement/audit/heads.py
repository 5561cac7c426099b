"""Seal heads outside the database, one JSON line each: what a cut tail is recognized by.

The file is append-only by convention and may be copied anywhere; a line of it is public.
"""

import itertools
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection

from enforcement.audit.models import Seal

_TAIL_BYTES = 64 * 1024
_HEADS_A_LOOK = 500


@dataclass(frozen=True, slots=True)
class PublishedHead:
    """One line: which database, which batch, which head, when (RFC 3339 UTC), signed by which key."""

    database: str
    epoch: int
    batch: int
    head: str
    sealed_at: str
    key_id: str


def heads_path() -> Path:
    """The file of this `DOSSIER_HOME`."""
    return Path(settings.DOSSIER_HOME) / "seal-heads.log"


def database_name() -> str:
    """The name of the connected database: one home may serve several, in tests at least."""
    return str(connection.settings_dict["NAME"])


def publish(seal: Seal) -> None:
    """Append the head of a committed seal, on disk before this returns."""
    line = PublishedHead(database_name(), seal.epoch, seal.batch, seal.head, seal.sealed_at.isoformat(), seal.key_id)
    path = heads_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(json.dumps(asdict(line)).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def published() -> Iterator[PublishedHead]:
    """Every head published for this database, oldest first. A line that is not one of ours is passed over."""
    try:
        with heads_path().open("rb") as file:
            yield from _ours(file)
    except FileNotFoundError:
        return


def last_published() -> PublishedHead | None:
    """The newest head published for this database; reads the whole file only when its end tells nothing."""
    try:
        with heads_path().open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL_BYTES))
            recent = list(_ours(file))
    except FileNotFoundError:
        return None
    if recent:
        return recent[-1]
    last = None
    for line in published():
        last = line
    return last


class HeadsAgainstChain:
    """Looks every published head up in the chain, some hundred at a time.

    `lost` counts heads that are not there; a new epoch, which only a holder of the key can sign, explains those before
    it: they move to `restored`, as sentences.
    """

    def __init__(self) -> None:
        self.lost = 0
        self.first_lost = ""
        self.restored: list[str] = []

    def look_up_all(self) -> int:
        """Look all of them up; how many there were."""
        lines, looked_up = published(), 0
        while chunk := list(itertools.islice(lines, _HEADS_A_LOOK)):
            self._look_up(chunk)
            looked_up += len(chunk)
        return looked_up

    def _look_up(self, chunk: list[PublishedHead]) -> None:
        found = Seal.objects.filter(head__in=[line.head for line in chunk]).only("head", "epoch", "batch")
        known = {seal.head: seal for seal in found}
        for line in chunk:
            seal = known.get(line.head)
            if seal is None:
                self.first_lost = self.first_lost or f"seal {line.epoch}.{line.batch} ({line.sealed_at})"
                self.lost += 1
            elif self.lost and seal.batch == 1 and seal.epoch > 1:
                self.restored.append(
                    f"{self.lost} published heads from {self.first_lost} on were lost to the restore that began epoch "
                    f"{seal.epoch}."
                )
                self.lost, self.first_lost = 0, ""


def _ours(lines: Iterable[bytes]) -> Iterator[PublishedHead]:
    name = database_name()
    for line in lines:
        try:
            head = PublishedHead(**json.loads(line))
        except (ValueError, TypeError):
            # The torn first line of a tail, or of a crash.
            continue
        if head.database == name:
            yield head
