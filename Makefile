# Nothing but Python 3.11+ and make is needed; everything else goes to .venv.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$python"; break; }; done)
WORKERS ?= 2
ARGS ?=
BIN := .venv/bin
BOOTSTRAP = @test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed: install it, or name it with PYTHON=...' >&2; exit 1; }; \
	'$(PYTHON)' -I enforcement/embedded/bootstrap.py

.PHONY: help install install-dev run test check browser pictures chaos bench demo reset

help:
	@echo 'make run      the whole product with a demo campaign, until Ctrl-C (DEMO=0: empty; PORT=8000; DOSSIER_HOME=...)'
	@echo 'make test     every test, on real PostgreSQL (ARGS=... for pytest, WORKERS=2)'
	@echo 'make check    lint, types, import contracts, templates, migrations'
	@echo 'make demo     the whole journey in the terminal, unattended'
	@echo 'make browser | chaos | bench     the tests in a browser, the tests that kill things, the figures'
	@echo 'make pictures the pictures of the documents, of real pages (needs Chromium)'
	@echo 'make reset    removes DOSSIER_HOME after asking (CONFIRM=1: without)'

install:
	$(BOOTSTRAP)

install-dev:
	$(BOOTSTRAP) --dev

run: install
	@exec $(BIN)/python -m enforcement.embedded run

test: install-dev
	@exec $(BIN)/python -m pytest -n $(WORKERS) -m 'not chaos and not scale' $(ARGS)

check: install-dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 --check {} +
	$(BIN)/python manage.py makemigrations --check --dry-run

browser: install-dev
	@exec $(BIN)/python -m pytest tests/browser -n 0 $(ARGS)

pictures: install-dev
	@exec $(BIN)/python -m tests.browser.pictures

chaos: install-dev
	@exec $(BIN)/python -m pytest tests/chaos -n 0 $(ARGS)

bench: install-dev
	@exec $(BIN)/python benchmarks/run.py $(ARGS)

demo: install
	@exec $(BIN)/python manage.py demo $(ARGS)

reset: install
	@exec $(BIN)/python -m enforcement.embedded reset
