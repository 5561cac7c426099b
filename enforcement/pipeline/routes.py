"""Which event wakes which task. Whoever wants to know what happens after what reads this page.

A wake-up may be lost: the sweeper finds the unfinished row. A task may be woken twice: each is safe to run twice.
Commands run what their events woke in their own process (see `wake.carry_on`). Tasks are named by stage and verb; each
takes one row id (none for the few that look for their own work).

An approval wakes nobody: an enforcer starts the action, by name. A worked case moves when a person moves it.
"""

from collections.abc import Mapping
from types import MappingProxyType

RUN_IMPORT = "ingest.run_import"
REQUEST_LINKING = "pipeline.request_linking"
RUN_LINKING = "accounts.run_linking"
EVALUATE_THRESHOLDS = "cases.evaluate_thresholds"
RUN_ACTION = "actions.run_action"
BUILD_PACKET = "packets.build_packet"

# Event verb -> tasks, each woken with the id of the event's target.
ROUTES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ingest.import_received": (RUN_IMPORT,),
        "ingest.import_folded": (REQUEST_LINKING,),
        "ingest.signal_folded": (REQUEST_LINKING,),
        "ingest.posted_compacted": (REQUEST_LINKING,),
        "accounts.reference_imported": (REQUEST_LINKING,),
        "accounts.link_requested": (RUN_LINKING,),
        "accounts.linked": (EVALUATE_THRESHOLDS,),
        "actions.started": (RUN_ACTION,),
        "actions.retried": (RUN_ACTION,),
        "packets.requested": (BUILD_PACKET,),
    }
)

# Tasks that look for their own work: woken without a row, so that waking them ten times queues them once.
WITHOUT_ROW = frozenset({REQUEST_LINKING, EVALUATE_THRESHOLDS})

# What changed the ground that links stand on: linking is asked for after any of these.
CHANGES_LINKS = tuple(verb for verb, tasks in ROUTES.items() if REQUEST_LINKING in tasks)

SEAL = "audit.seal"
SWEEP = "pipeline.sweep"
EXPIRE_DECISIONS = "decisions.expire"
COMPACT_POSTED = "ingest.compact_posted"

# Task -> every how many seconds beat wakes it, whatever happened.
EVERY_SECONDS: Mapping[str, int] = MappingProxyType(
    {SWEEP: 30, SEAL: 60, EXPIRE_DECISIONS: 300, COMPACT_POSTED: 300, EVALUATE_THRESHOLDS: 600}
)
