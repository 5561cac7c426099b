"""A site for browsers, as a process of its own: `python -m tests.browser.serving load | serve`.

`load` fills the database with the demo campaign by the real import path. `serve` answers on a free port, with a Celery
worker and the receiver of actions in the same process, prints one line of JSON, and ends when its standard input does.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from contextlib import AbstractContextManager
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django


class Server(ThreadingMixIn, WSGIServer):
    """One thread a request, as in production."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """The tests say what went wrong; a line for each request would hide it."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class's name)
        pass


def load() -> None:
    """Everything up to the case that the threshold opened."""
    from enforcement.commands.demonstration import load as load_demo

    load_demo(lambda words: sys.stderr.write(words + "\n") and None)


def _receive_actions() -> None:
    """A platform that takes what is sent, as the demo's connector."""
    from enforcement.actions.services import set_connector
    from enforcement.actions.services.connecting import new_secret
    from enforcement.audit.actors import SYSTEM
    from enforcement.commands import platform

    told = platform.Platform(new_secret(), Path(os.environ["DOSSIER_HOME"]) / "told.ndjson")
    server = platform.make_server(told)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/actions"
    set_connector(SYSTEM, name="Demo platform", url=address, secret=told.secret, is_demo=True, batch_size=50)


def _worker() -> AbstractContextManager[object]:
    """A real worker on the broker of this process's memory; it ends when what is returned is dropped."""
    from celery.contrib.testing.worker import start_worker

    from enforcement.celery import app
    from enforcement.pipeline.wake import load_tasks

    load_tasks()
    return start_worker(app, pool="threads", concurrency=2, perform_ping_check=False, loglevel="ERROR")


def serve() -> None:
    """Until standard input ends."""
    from enforcement.wsgi import application

    _receive_actions()
    server = make_server("127.0.0.1", 0, application, server_class=Server, handler_class=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with _worker():
        sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
        # The worker's threads are no daemons, and nothing here is worth waiting for.
        os._exit(0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enforcement.settings")
    django.setup()
    {"load": load, "serve": serve}[sys.argv[1]]()
