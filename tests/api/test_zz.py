import pytest
from tests.api.conftest import *
from enforcement.ingest.selectors import import_figures
@pytest.mark.django_db
def test_x(watch):
    for b in (b"\n \n", b"\n\n   \n", b" \n", b"\n"):
        j=run(watch.post("/api/v1/imports/", b, "application/x-ndjson")); print(b, import_figures(j))
