"""Celery over PostgreSQL: the options that kombu's `pgmq://` transport needs here.

What was learned by trying kombu 5.7 with pgmq 1.1.4:

* `PGMQConfig` reads DATABASE_URL from the environment and lets it win over the host and database it was given: without
  `conn_string` the queues would land in the application's database. libpq's key=value form, since its URL parser does
  not decode a socket folder.
* `init_extension` runs CREATE EXTENSION, which neither the wheel nor an ordinary role can do; the launcher installed
  the SQL.
* The transport is not asynchronous: the prefork pool hangs on it, threads work. Remote control needs a fanout queue
  per worker that nothing ever removes: keep it off, and `--without-gossip --without-mingle`.
* After an empty poll, and whenever every prefetched message is in work, the transport sleeps `polling_interval` (1 s
  if not given): two tasks a second with two threads; twenty in 0.2 s with 0.05 s.
* A long poll is one database call; with `wait_time_seconds` above the worker's two-second loop, stopping takes longer.
  As it is, a worker needs about three seconds to stop.
* A message that a killed worker had taken comes back after `visibility_timeout`. Longer tasks may run twice; each is
  safe to, since the rows, not the messages, are the truth.
"""

from __future__ import annotations

from psycopg.conninfo import conninfo_to_dict, make_conninfo

VISIBILITY_SECONDS = 300
POLL_SECONDS = 1
POLL_INTERVAL_MILLISECONDS = 100
PAUSE_SECONDS = 0.05


def transport_options(broker_url: str) -> dict[str, object]:
    """Celery's `broker_transport_options` for `broker_url`; empty for any other transport than pgmq."""
    scheme, found, rest = broker_url.partition("://")
    if not found or scheme != "pgmq":
        return {}
    parts = {name: str(value) for name, value in conninfo_to_dict(f"postgresql://{rest}").items() if value is not None}
    return {
        "conn_string": make_conninfo(**parts),
        "init_extension": False,
        "visibility_timeout": VISIBILITY_SECONDS,
        "wait_time_seconds": POLL_SECONDS,
        "poll_interval_ms": POLL_INTERVAL_MILLISECONDS,
        "polling_interval": PAUSE_SECONDS,
        "pool_size": 4,
        "pool_timeout": 10,
    }
