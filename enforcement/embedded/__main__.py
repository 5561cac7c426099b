"""`python -m enforcement.embedded start | status | stop | run | reset`."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable

from enforcement.embedded import cluster
from enforcement.embedded.errors import EmbeddedServerError
from enforcement.embedded.home import Home, current_home
from enforcement.embedded.locks import is_held
from enforcement.embedded.servers import Servers, Use, remove_home, stop_servers, use_servers, watch


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def _exports(servers: Servers) -> str:
    values = {
        "DATABASE_URL": servers.database_url,
        "DATABASE_OWNER_URL": servers.owner_url,
        "BROKER_URL": servers.broker_url,
        "STORAGE": str(servers.home.storage),
        "SECRET_KEY": servers.secret_key,
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


def _start(home: Home, *, urls: bool) -> int:
    use = Use(home)
    servers = use.begin(say=_say)
    home.keep_file.touch()
    use.end()
    sys.stdout.write(_exports(servers) if urls else f"The servers of {home.path} run until `stop`.\n")
    return 0


def _status(home: Home, *, urls: bool) -> int:
    state = cluster.running(home)
    if state is None:
        sys.stdout.write(f"No server of {home.path} runs.\n")
        return 3
    if urls:
        with use_servers(home) as servers:
            sys.stdout.write(_exports(servers))
        return 0
    used = "in use" if is_held(home.users_lock) else "not in use"
    sys.stdout.write(
        f"PostgreSQL {state.version} runs as process {state.pid}, {used}; data in {state.data}, "
        f"socket in {state.socket_folder}.\n"
    )
    return 0


def _stop(home: Home) -> int:
    sys.stdout.write("Stopped.\n" if stop_servers(home) else f"No server of {home.path} ran.\n")
    return 0


def _reset(home: Home) -> int:
    if os.environ.get("CONFIRM") != "1":
        if not sys.stdin.isatty():
            raise EmbeddedServerError(f"This removes {home.path} with everything in it: say so with CONFIRM=1.")
        sys.stdout.write(f"This removes {home.path} with everything in it. Type yes to go on: ")
        sys.stdout.flush()
        if sys.stdin.readline().strip() != "yes":
            sys.stdout.write("Nothing was removed.\n")
            return 1
    for folder in remove_home(home):
        sys.stdout.write(f"Removed {folder}\n")
    return 0


def _run(home: Home) -> int:
    from enforcement.embedded.supervisor import run

    return run(home, say=_say)


def _watch(home: Home) -> int:
    watch(home)
    return 0


def main(arguments: list[str]) -> int:
    """Run one of the commands above; the exit status: 0, 1 with a sentence on standard error, 3 for "not running"."""
    parser = argparse.ArgumentParser(prog="python -m enforcement.embedded")
    parser.add_argument("command", choices=["start", "status", "stop", "run", "reset", "watch"])
    parser.add_argument("--urls", action="store_true", help="print connection URLs, passwords included")
    parsed = parser.parse_args(arguments)
    home = current_home()
    commands: dict[str, Callable[[], int]] = {
        "start": lambda: _start(home, urls=parsed.urls),
        "status": lambda: _status(home, urls=parsed.urls),
        "stop": lambda: _stop(home),
        "run": lambda: _run(home),
        "reset": lambda: _reset(home),
        "watch": lambda: _watch(home),
    }
    try:
        return commands[parsed.command]()
    except EmbeddedServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
