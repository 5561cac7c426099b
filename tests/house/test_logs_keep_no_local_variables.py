"""What a fault logs: where it happened, never the values that stood there."""

import sys

import structlog


def _logged(**event: object) -> str:
    for processor in structlog.get_config()["processors"]:
        event = processor(None, "error", event)
    return str(event)


def test_a_traceback_in_the_log_shows_no_local_variables():
    secret = "dsr_usage-meter_never-in-a-log"
    try:
        int(f"{len(secret)} is no number")
    except ValueError:
        logged = _logged(event="it failed", exc_info=sys.exc_info())
    assert "ValueError" in logged
    assert secret not in logged
