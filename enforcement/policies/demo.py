"""The terms that the demo campaign breaks. Invented text of an invented issuer."""

from datetime import date

from django.db import transaction

from enforcement.audit.actors import Actor
from enforcement.policies.models import PolicyVersion
from enforcement.policies.services import ClauseText, create_policy, publish_version

SLUG = "usage-terms"
_COPYING = ("reasoning-trace-elicitation", "grading", "agentic-tool-use", "bulk-question-answer")

TERMS_13 = (
    ClauseText("4.1", "Fair use", "You use the service within the limits of your plan and do not share an account."),
    ClauseText(
        "4.2", "No copying of abilities", "You do not use outputs to build a model that competes with the service.",
        _COPYING,
    ),
)  # fmt: skip
TERMS_14 = (
    ClauseText(
        "3.1",
        "Who holds an account",
        "An account is held by the person or organization named in it. You give true details and keep them so.",
        ("egress-watch/EW-03",),
    ),
    ClauseText(
        "4.1",
        "Limits",
        "You keep to the limits of your plan. Limits are not avoided by spreading use over several accounts.",
        ("egress-watch/EW-01", "egress-watch/EW-02"),
    ),
    ClauseText(
        "4.2",
        "No copying of abilities",
        "You do not use the service, or let others use it, to draw outputs in bulk for training, distilling or grading "
        "a model. It makes no difference through how many accounts the outputs were drawn.",
        _COPYING,
    ),
    ClauseText(
        "4.5",
        "No resale or relay without agreement",
        "You do not resell access, relay requests of others, or hide who uses the service, unless we agreed to it in "
        "writing.",
        ("egress-watch/EW-02", "egress-watch/EW-03"),
    ),
    ClauseText(
        "6.3",
        "What follows from a breach",
        "Where an account broke these terms we may warn, limit, restrict, suspend or end it, in proportion to the "
        "conduct. We say why, and an answer is read by somebody who had no part in the decision.",
        ("none",),
    ),
)


@transaction.atomic
def publish_demo_policy(actor: Actor) -> PolicyVersion:
    """Usage Terms 14, in force from 1 March 2026, with version 13 before it.

    What is published already is left alone.
    """
    policy = create_policy(actor, slug=SLUG, name="Usage Terms")
    found = policy.versions.filter(number=14).first()
    if found is not None:
        return found
    if not policy.versions.exists():
        publish_version(actor, policy=policy, number=13, in_force_from=date(2025, 6, 1), clauses=TERMS_13)
    return publish_version(actor, policy=policy, number=14, in_force_from=date(2026, 3, 1), clauses=TERMS_14)
