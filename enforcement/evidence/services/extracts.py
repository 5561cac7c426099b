"""Extracts from the archive.

The rows that answer one question, as a file with its own hash and the question beside it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from accounts.models import Account, Cluster
from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.cases.access import lock_case, person_of, require_in
from enforcement.cases.models import Case, FindingBasis, Subject
from enforcement.cases.services.findings import clauses_of
from enforcement.cases.services.settling import settle
from enforcement.evidence.models import Extract, ExtractAccount, Item
from enforcement.evidence.services.items import keep_item, refuse_same
from enforcement.signals.archive import Window, count_signals, extract_rows, sample_rows, segments_in
from enforcement.signals.blobs import scratch, store_blob
from enforcement.signals.models import Detector
from enforcement.staff.matrix import Permission

_ACCOUNTS_LISTED = 1_000
SAMPLE_SIZE = 100


@dataclass(frozen=True, slots=True)
class ExtractWindow:
    """UTC days, both inclusive; none for no bound."""

    first_day: date | None = None
    last_day: date | None = None


def add_extract(
    actor: Actor,
    *,
    case: Case,
    title: str,
    accounts: Sequence[str] = (),
    cluster: str = "",
    window: ExtractWindow | None = None,
    rule: str = "",
    seed: int | None = None,
    size: int = SAMPLE_SIZE,
) -> Item:
    """Preserve what the archive holds of these accounts (platform ids), of a cluster, or else of every subject.

    With `seed`, a sample of `size` signals that anybody can draw again; else every signal, in one order and spelling.
    The question is kept with the item: accounts, days, rule, seed, and the SHA-256 of every segment asked.

    Raises `Refusal`: 422 for no title, a cluster that is not there, or no signal found; 409 for a shut case.
    """
    require_in(actor, Permission.EVIDENCE_ADD, case)
    if not title.strip():
        raise Refusal("evidence.title", "Give the extract a title.", field="title", status=422)
    names = _accounts(case, accounts, cluster)
    asked = _window(names, window or ExtractWindow(), rule)
    segments = [segment.sha256 for segment in segments_in(asked)]
    with scratch() as folder:
        path = folder / "extract.ndjson"
        rows, held = _sampled(asked, path, seed, size) if seed is not None else _everything(asked, path)
        if rows == 0:
            raise Refusal("evidence.extract_empty", "The archive has no signal for this. Widen the window.", status=422)
        blob = store_blob(path, media_type="application/x-ndjson")
    question = _question(names, cluster, window or ExtractWindow(), rule, seed, size, segments)
    with transaction.atomic():
        lock_case(case)
        refuse_same(case, blob)
        item = keep_item(
            actor, case=case, kind=Item.Kind.EXTRACT, blob=blob, filename=f"extract-{blob.sha256[:12]}.ndjson",
            title=title.strip(), query=question, rows=rows,
        )  # fmt: skip
        span = window or ExtractWindow()
        extract = Extract.objects.create(
            item=item, accounts=len(names), rows=rows, first_day=span.first_day, last_day=span.last_day, seed=seed,
            segments=segments,
        )  # fmt: skip
        _keep_accounts(extract, held)
        settle(case)
    return item


@dataclass(frozen=True, slots=True)
class ExtractPreview:
    """What an extract would hold: accounts asked about, signals by detector, and accounts with conduct of their own."""

    accounts: int
    rows: int
    by_detector: dict[str, int]
    conduct_accounts: int


def preview_extract(
    actor: Actor, *, case: Case, accounts: Sequence[str] = (), cluster: str = "", window: ExtractWindow | None = None,
    rule: str = "",
) -> ExtractPreview:  # fmt: skip
    """Counts of what `add_extract` would preserve, read from the archive; nothing is kept. Raises as it does."""
    require_in(actor, Permission.EVIDENCE_ADD, case)
    names = _accounts(case, accounts, cluster)
    counted = count_signals(_window(names, window or ExtractWindow(), rule), by=("account", "detector"))
    by_detector: dict[str, int] = {}
    for row in counted:
        by_detector[row["detector"]] = by_detector.get(row["detector"], 0) + int(row["signals"])
    return ExtractPreview(
        accounts=len(names),
        rows=sum(by_detector.values()),
        by_detector=by_detector,
        conduct_accounts=len(_conduct(counted)),
    )


def _accounts(case: Case, accounts: Sequence[str], cluster: str) -> list[str]:
    if accounts:
        return sorted(set(accounts))
    if cluster:
        found = Cluster.objects.filter(ref=cluster).first()
        if found is None:
            raise Refusal("evidence.cluster", f"There is no cluster {cluster}.", field="cluster", status=422)
        members = Account.objects.filter(memberships__cluster=found, memberships__left_run=None)
        return sorted(members.values_list("platform_id", flat=True))
    return sorted(Subject.objects.filter(case=case).values_list("account__platform_id", flat=True))


def _window(names: Sequence[str], span: ExtractWindow, rule: str) -> Window:
    first = datetime.combine(span.first_day, time(), UTC) if span.first_day else None
    last = datetime.combine(span.last_day + timedelta(days=1), time(), UTC) if span.last_day else None
    return Window(accounts=names, first=first, last=last, rules=(rule,) if rule else ())


def _everything(asked: Window, path: Path) -> tuple[int, Mapping[str, int]]:
    made = extract_rows(asked, path=path)
    return made.rows, _conduct(count_signals(asked, by=("account", "detector")))


def _sampled(asked: Window, path: Path, seed: int, size: int) -> tuple[int, Mapping[str, int]]:
    rows = sample_rows(asked, size=size, seed=str(seed))
    with path.open("w", encoding="utf-8") as target:
        for row in rows:
            target.write(json.dumps(row, sort_keys=True, ensure_ascii=False, default=_plain) + "\n")
    return len(rows), _conduct({**row, "signals": 1} for row in rows)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _conduct(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Rows by account, of detectors that flag conduct: metering says nothing against anybody."""
    flagging = set(Detector.objects.filter(meters=None).exclude(state="canary").values_list("slug", flat=True))
    held: dict[str, int] = {}
    for row in rows:
        if row["detector"] in flagging:
            held[row["account"]] = held.get(row["account"], 0) + int(row["signals"])
    return held


def _keep_accounts(extract: Extract, held: Mapping[str, int]) -> None:
    ids = dict(Account.objects.filter(platform_id__in=list(held)).values_list("platform_id", "id"))
    ExtractAccount.objects.bulk_create(
        [
            ExtractAccount(extract=extract, account_id=ids[name], conduct_rows=rows)
            for name, rows in sorted(held.items())
            if name in ids
        ],
        batch_size=5_000,
    )


def _question(  # noqa: PLR0917
    names: Sequence[str], cluster: str, span: ExtractWindow, rule: str, seed: int | None, size: int,
    segments: Sequence[str],
) -> dict[str, object]:  # fmt: skip
    return {
        "accounts": list(names) if len(names) <= _ACCOUNTS_LISTED else [],
        "accounts_count": len(names),
        "accounts_sha256": hashlib.sha256("\n".join(names).encode()).hexdigest(),
        "cluster": cluster,
        "first_day": span.first_day.isoformat() if span.first_day else None,
        "last_day": span.last_day.isoformat() if span.last_day else None,
        "rule": rule,
        "seed": seed,
        "sample_size": size if seed is not None else None,
        "segments": list(segments),
    }


@transaction.atomic
def rest_on_extract(
    actor: Actor, *, item: Item, clauses: Sequence[str], subject_ids: Sequence[int] | None = None
) -> int:
    """Let an extract carry the breach of `clauses` for the subjects whose own conduct it holds; how many there are.

    It sets no finding: `set_finding` then counts these subjects as supported. Raises `Refusal` 422 for an item that
    is no extract or is withdrawn, and for clauses that the pinned version lacks.
    """
    require_in(actor, Permission.CASE_WORK, item.case)
    person_of(actor)
    row = lock_case(item.case)
    extract = Extract.objects.filter(item=item, item__withdrawn_at=None).first()
    if extract is None:
        raise Refusal("evidence.no_extract", f"{item} is no standing extract of the archive.", status=422)
    broken = clauses_of(row, numbers=clauses)
    subjects = Subject.objects.filter(case=row, account__in=extract.of_accounts.values("account_id"))
    if subject_ids is not None:
        subjects = subjects.filter(pk__in=subject_ids)
    ids = list(subjects.order_by("id").values_list("id", flat=True))
    FindingBasis.objects.bulk_create(
        [
            FindingBasis(subject_id=pk, case=row, clause=clause, extract_id=extract.pk)
            for pk in ids
            for clause in broken
        ],
        ignore_conflicts=True,
        batch_size=5_000,
    )
    record_event(
        actor=actor, verb="evidence.extract_relied_on", target=item, case_id=row.pk,
        data={"subjects": len(ids), "clauses": [clause.number for clause in broken]},
    )  # fmt: skip
    settle(item.case)
    return len(ids)
