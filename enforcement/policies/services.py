"""Writing terms: a version is published once, word for word, and never changed."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta

from django.db import transaction

from enforcement.audit.actors import Actor
from enforcement.audit.errors import Refusal
from enforcement.audit.services import record_event
from enforcement.policies.models import Clause, NoticeText, Policy, PolicyVersion
from enforcement.staff.matrix import Permission, require


@dataclass(frozen=True, slots=True)
class ClauseText:
    """One clause to publish.

    `conduct`: catalogue names, or `detector/rule`, that it forbids; empty means any conduct.
    """

    number: str
    heading: str
    text: str
    conduct: tuple[str, ...] = ()


def text_digest(clauses: Sequence[ClauseText]) -> str:
    """SHA-256 over the clauses as canonical JSON: what `PolicyVersion.text_sha256` keeps."""
    body = json.dumps([asdict(clause) for clause in clauses], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()


@transaction.atomic
def create_policy(actor: Actor, *, slug: str, name: str) -> Policy:
    """A document of terms; the one of that slug when it exists already."""
    require(actor, Permission.POLICY_EDIT)
    return Policy.objects.get_or_create(slug=slug, defaults={"name": name})[0]


@transaction.atomic
def publish_version(
    actor: Actor, *, policy: Policy, number: int, in_force_from: date, clauses: Sequence[ClauseText]
) -> PolicyVersion:
    """Publish the terms in force from `in_force_from` (a UTC day); the version before ends the day before.

    Raises `Refusal`: no clauses, a clause number twice, a version number that is taken, or a day that is not after the
    version before.
    """
    require(actor, Permission.POLICY_EDIT)
    Policy.objects.select_for_update().get(pk=policy.pk)
    _check_clauses(clauses)
    before = policy.versions.order_by("-number").first()
    if before is not None and number <= before.number:
        raise Refusal(
            "policy.number", f"{policy.name} {before.number} is published. Use a number above it.", field="number"
        )
    if before is not None and in_force_from <= before.in_force_from:
        raise Refusal(
            "policy.in_force_from",
            f"{policy.name} {before.number} came into force on {before.in_force_from}. Choose a later day.",
            field="in_force_from",
            status=422,
        )
    if before is not None and (before.in_force_until is None or before.in_force_until >= in_force_from):
        before.in_force_until = in_force_from - timedelta(days=1)
        before.save(update_fields=["in_force_until"])
    version = PolicyVersion.objects.create(
        policy=policy, number=number, in_force_from=in_force_from, text_sha256=text_digest(clauses)
    )
    Clause.objects.bulk_create(
        Clause(
            version=version, number=c.number, heading=c.heading, text=c.text, conduct=list(c.conduct), position=place
        )
        for place, c in enumerate(clauses, start=1)
    )
    record_event(actor=actor, verb="policies.version_published", target=version, data={"sha256": version.text_sha256})
    return version


def _check_clauses(clauses: Sequence[ClauseText]) -> None:
    numbers = [clause.number for clause in clauses]
    if not numbers:
        raise Refusal("policy.empty", "Terms need at least one clause. Add one.", field="clauses", status=422)
    if len(set(numbers)) < len(numbers):
        raise Refusal(
            "policy.clause_twice", "A clause number stands twice. Number each once.", field="clauses", status=422
        )


def notice_text(*, action_kind: str) -> NoticeText:
    """The newest notice text for a kind of action. Raises `Refusal` (409) when none is kept."""
    found = NoticeText.objects.filter(action_kind=action_kind).order_by("-version").first()
    if found is None:
        raise Refusal("policy.no_notice_text", f"There is no notice text for {action_kind}. An administrator adds one.")
    return found
