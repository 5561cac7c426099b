"""A small checkout around the real `enforcement.embedded`: its own folder, a Django project of three files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from enforcement.embedded.home import CHECKOUT

SETTINGS = """
import os, sys
from psycopg.conninfo import conninfo_to_dict
from enforcement.embedded.broker import transport_options
from enforcement.embedded.urls import django_database
SECRET_KEY = os.environ["SECRET_KEY"]
DATABASES = {"default": django_database(os.environ["DATABASE_URL"])}
INSTALLED_APPS = ["django.contrib.contenttypes", "enforcement.commands"]
ROOT_URLCONF = "enforcement.urls"
ALLOWED_HOSTS = ["*"]
USE_TZ = True
"""
CELERY = """
import os
from celery import Celery
from enforcement.embedded.broker import transport_options
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enforcement.settings")
app = Celery("small", broker=os.environ["BROKER_URL"])
app.conf.update(broker_transport_options=transport_options(os.environ["BROKER_URL"]),
                worker_enable_remote_control=False, task_ignore_result=True, broker_connection_retry_on_startup=True)
@app.task(name="small.write")
def write(path, text):
    with open(path, "a") as file:
        file.write(text + "\\n")
"""
WSGI = """
import os
from django.core.wsgi import get_wsgi_application
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enforcement.settings")
application = get_wsgi_application()
"""
URLS = """
import os, signal
from django.db import connection
from django.http import HttpResponse
from django.urls import path
def healthz(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return HttpResponse(cursor.fetchone()[0])
urlpatterns = [path("healthz", healthz)]
"""
COMMAND = """
import json, os, sys
from django.core.management.base import BaseCommand
from django.db import connection
class Command(BaseCommand):
    def add_arguments(self, parser):
        for name in ("--port", "--secret-file", "--record"):
            parser.add_argument(name)
    def handle(self, **options):
        {body}
"""
COMMANDS = {
    "welcome": 'self.stdout.write("welcome to " + os.environ["SITE_ADDRESS"])',
    "load_demo": 'self.stdout.write("loaded")',
    "demo_platform": "import time; time.sleep(600)",
    "who": 'c = connection.cursor(); c.execute("SELECT current_user"); self.stdout.write(c.fetchone()[0])',
    "wait_for_line": 'c = connection.cursor(); c.execute("SELECT 1"); self.stdout.write("ready"); self.stdout.flush(); '
    "sys.stdin.readline(); c.execute('SELECT 2'); self.stdout.write(str(c.fetchone()[0]))",
    "verify_packet": 'self.stdout.write("read no rows")',
}


def make_checkout(folder: Path) -> Path:
    """Write the checkout into `folder`; returns it. `.dossier` below it is its `DOSSIER_HOME`."""
    package = folder / "enforcement"
    shutil.copytree(
        CHECKOUT / "enforcement" / "embedded", package / "embedded", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(CHECKOUT / "manage.py", folder / "manage.py")
    commands = package / "commands" / "management" / "commands"
    commands.mkdir(parents=True)
    for empty in (package, package / "commands", commands.parent, commands):
        (empty / "__init__.py").touch()
    for name, text in (("settings", SETTINGS), ("celery", CELERY), ("wsgi", WSGI), ("urls", URLS)):
        (package / f"{name}.py").write_text(text, "utf-8")
    for name, body in COMMANDS.items():
        (commands / f"{name}.py").write_text(COMMAND.format(body=body), "utf-8")
    return folder


def environment(folder: Path, **more: str) -> dict[str, str]:
    """What a shell would have in it: nothing of the test session's own servers."""
    ours = ("DATABASE", "BROKER_URL", "DOSSIER", "STORAGE", "SECRET_KEY", "DJANGO", "PYTEST", "PORT", "DEMO")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "DOSSIER_HOME": str(folder / ".dossier"), "PYTHONDONTWRITEBYTECODE": "1", **more}
