"""Writes of the actions stage: starting, carrying out, retrying, pausing, stopping; notices; connectors."""

from enforcement.actions.services.carrying import run_action
from enforcement.actions.services.connecting import set_connector
from enforcement.actions.services.notices import waive_notices
from enforcement.actions.services.starting import pause_action, resume_action, retry_failed, start_action, stop_action

__all__ = [
    "pause_action",
    "resume_action",
    "retry_failed",
    "run_action",
    "set_connector",
    "start_action",
    "stop_action",
    "waive_notices",
]
