"""PostgreSQL and the broker for `make run`, `make test` and every command on a machine that has neither.

    python -m enforcement.embedded start     start the servers of DOSSIER_HOME and leave them running
    python -m enforcement.embedded status    say where they are; `--urls` with passwords, as shell exports
    python -m enforcement.embedded stop      stop them
    eval "$(python -m enforcement.embedded start --urls)"

The package imports nothing of ours and no Django. `servers.use_servers(home)` is the way in; `environment.prepared`
decides for `manage.py` whether a command needs servers at all.
"""
