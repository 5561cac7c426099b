"""`manage.py verify_audit`: one JSON object, exit status 1 when the record was changed."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from enforcement.audit.services import seal_now
from tests.audit.tampering import as_owner, some_acts

pytestmark = pytest.mark.django_db(transaction=True)


def _run(*arguments: str) -> dict[str, object]:
    out = io.StringIO()
    try:
        call_command("verify_audit", *arguments, "--json", stdout=out)
        failed = False
    except CommandError:
        failed = True
    return {**json.loads(out.getvalue()), "failed": failed}


def test_it_tells_figures_as_json() -> None:
    some_acts(2)
    seal_now()
    figures = _run("--seal-only")
    assert (figures["events"], figures["seals"], figures["unsealed_events"]) == (2, 1, 0)
    assert len(str(figures["last_head"])) == 64


def test_it_fails_after_tampering_and_says_what_in_words() -> None:
    some_acts(2)
    seal_now()
    with as_owner() as cursor:
        cursor.execute("DELETE FROM audit_event WHERE id = (SELECT max(id) FROM audit_event)")
    assert _run()["failed"]
    out = io.StringIO()
    with pytest.raises(CommandError, match="not intact"):
        call_command("verify_audit", stdout=out)
    assert "1 event rows were removed from seal 1.1" in out.getvalue()
