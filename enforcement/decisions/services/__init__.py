"""Writes of the decisions stage."""

from enforcement.decisions.services.approving import approve_decision, refuse_decision, return_decision
from enforcement.decisions.services.ending import expire_decisions, void_decision, withdraw_decision
from enforcement.decisions.services.submitting import propose, submit_decision
from enforcement.decisions.services.targets import Recheck, drop_target, recheck_targets
from enforcement.decisions.snapshots import recompute_digest

__all__ = [
    "Recheck",
    "approve_decision",
    "drop_target",
    "expire_decisions",
    "propose",
    "recheck_targets",
    "recompute_digest",
    "refuse_decision",
    "return_decision",
    "submit_decision",
    "void_decision",
    "withdraw_decision",
]
