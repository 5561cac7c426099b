"""Every command of a fixed name, with --json: one JSON object on standard output, progress on standard error."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command, get_commands

from accounts.models import Account, Cluster, LinkRun, ReferenceSnapshot
from enforcement.cases.models import Case
from enforcement.ingest.models import Import
from enforcement.packets.models import Packet
from enforcement.signals.models import Blob, Detector, DetectorToken
from tests.accounts.conftest import KEY, reference_file
from tests.accounts.test_the_warehouse_tells import COUNT, HEADER
from tests.commands.conftest import TRUTH
from tests.factories import desk, detectors, ring
from tests.ingest.rows import ndjson, signal

pytestmark = pytest.mark.django_db
FIXED = (
    "simulate_campaign", "import_signals", "link_accounts", "import_reference", "export_clusters", "export_subjects",
    "evaluate_links", "list_cases", "build_packet", "verify_packet", "verify_audit", "create_token", "create_staff",
    "demo_platform",
)  # fmt: skip


def ran(name: str, *arguments: object) -> dict[str, Any]:
    """The figures: the whole of standard output is one JSON object on one line."""
    out, err = io.StringIO(), io.StringIO()
    call_command(name, *map(str, arguments), "--json", stdout=out, stderr=err)
    assert out.getvalue().count("\n") == 1
    found: dict[str, Any] = json.loads(out.getvalue())
    assert isinstance(found, dict)
    return found


def refused(words: str, name: str, *arguments: object, json_too: bool = False) -> str:
    """The one sentence of a command that was refused; nothing on standard output unless `json_too`."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command(name, *map(str, arguments), "--json", stdout=out, stderr=err)
    said = str(error.value)
    assert error.value.returncode == 1
    assert words in said, said
    assert "\n" not in said
    assert "Traceback" not in said + err.getvalue()
    assert bool(out.getvalue()) == json_too
    return said


def test_the_names_are_there() -> None:
    assert set(FIXED) <= set(get_commands())


def test_signals_are_imported_and_again(folder: Path) -> None:
    detectors()
    file = folder / "day.ndjson"
    file.write_bytes(ndjson([signal(f"r{n}") for n in range(4)]) + b"rubbish\n")
    figures = ran("import_signals", file, "--detector", "egress-watch", "--no-wait")
    (row,) = figures["imports"]
    assert (row["state"], row["rows_accepted"], row["rows_refused"], figures["failures"]) == ("done", 4, 1, [])
    again = ran("import_signals", file, "--detector", "egress-watch", "--no-wait")["imports"][0]
    assert (again["rows_accepted"], again["rows_duplicate"]) == (0, 4)


def test_tokens_lists_exports_and_the_audit(folder: Path) -> None:
    made = ring(3)
    token = ran("create_token", "--detector", "new-one", "--register", "--name", "New one")
    assert token["token"].startswith("dsr_new-one_")
    assert DetectorToken.objects.get().token_sha256 not in json.dumps(token)
    assert ran("list_cases") == {"cases": [], "count": 0}
    out = folder / "clusters.csv"
    assert ran("export_clusters", "--out", out)["rows"] == 3
    assert out.read_text().splitlines()[1].split(",")[:2] == [made.accounts[0].platform_id, made.cluster.ref]
    assert ran("verify_audit", "--seal-only")["intact"] is True
    assert ran("create_staff", "--email", "x@staff.example", "--name", "X Y", "--role", "lead")["roles"] == ["lead"]


def test_a_case_is_listed_and_its_subjects_exported(folder: Path) -> None:
    case = desk(30).case
    assert [row["ref"] for row in ran("list_cases", "--state", "investigating")["cases"]] == [case.ref]
    figures = ran("export_subjects", case.ref, "--out", folder / "s.csv")
    assert (figures["rows"], figures["findings"]) == (30, {"none": 30})
    assert len((folder / "s.csv").read_text().splitlines()) == 31


def test_links_are_run_and_held_against_a_truth(folder: Path) -> None:
    assert ran("link_accounts", "--no-wait")["state"] == "done"
    made = ring(4)
    rows = [f"{a.platform_id},R-1,Sundermere,false" for a in made.accounts]
    (folder / "truth.csv").write_text(TRUTH + "\n".join(rows) + "\n")
    figures = ran("evaluate_links", "--truth", folder / "truth.csv")
    assert (figures["bcubed_precision"], figures["failed"]) == (1.0, False)


def test_reference_accounts_and_organizations_are_told_apart(folder: Path) -> None:
    figures = ran("import_reference", reference_file(folder, HEADER, COUNT), "--key", KEY, "--no-wait")
    assert (figures["snapshot"], figures["counts"]) == (1, 1)
    (folder / "a.ndjson").write_text('{"account": "x"}\n{"account": 5}\n')
    figures = ran("import_reference", folder / "a.ndjson", "--no-wait")
    assert (figures["kind"], figures["created"], figures["refused"]) == ("accounts", 1, 1)
    (folder / "o.ndjson").write_text('{"organization": "o", "name": "Sundermere"}\n')
    assert ran("import_reference", folder / "o.ndjson", "--no-wait")["kind"] == "organizations"


@pytest.mark.parametrize("case", ["a folder", "vanished", "empty", "rubbish", "cut gzip"])
def test_a_file_that_is_no_signals_fails_and_leaves_nothing(
    folder: Path, bad_files: dict[str, Path], case: str
) -> None:
    detectors()
    words = {
        "a folder": "is a folder",
        "vanished": "There is no file",
        "empty": "empty",
        "rubbish": "binary",
        "cut gzip": "end mark",
    }
    refused(words[case], "import_signals", bad_files[case], "--detector", "egress-watch", "--no-wait", json_too=True)
    assert not Account.objects.exists()
    assert not Import.objects.exclude(state="failed").exists()


def test_one_bad_file_stops_no_other(folder: Path, bad_files: dict[str, Path]) -> None:
    detectors()
    good = folder / "good.ndjson"
    good.write_bytes(ndjson([signal("r1")]))
    refused(
        "is a folder",
        "import_signals",
        bad_files["a folder"],
        good,
        "--detector",
        "egress-watch",
        "--no-wait",
        json_too=True,
    )
    assert Account.objects.count() == 1


@pytest.mark.parametrize("name", ["import_reference", "evaluate_links"])
@pytest.mark.parametrize("case", ["a folder", "vanished", "empty", "rubbish", "cut gzip"])
def test_a_file_that_is_no_reference_and_no_truth_is_refused(bad_files: dict[str, Path], name: str, case: str) -> None:
    option = ["--truth"] if name == "evaluate_links" else []
    refused(str(bad_files[case].name), name, *option, bad_files[case])
    assert not ReferenceSnapshot.objects.exists()
    assert not Account.objects.exists()


def test_a_truth_of_other_columns_or_no_rows_is_refused(folder: Path) -> None:
    for text, words in (("account,group\nx,y\n", "needs the columns"), (TRUTH, "names no account")):
        (folder / "t.csv").write_text(text)
        refused(words, "evaluate_links", "--truth", folder / "t.csv")


def test_counts_without_a_key_or_header_are_refused(folder: Path) -> None:
    refused("at least 32 hexadecimal digits", "import_reference", reference_file(folder, HEADER, COUNT))
    refused("not a header", "import_reference", reference_file(folder, {**HEADER, "days": []}, COUNT), "--key", KEY)
    refused("no header of reference counts", "import_reference", reference_file(folder, {"x": 1}))
    assert not ReferenceSnapshot.objects.exists()


def test_who_is_not_registered_is_named(folder: Path) -> None:
    (folder / "x").write_bytes(b"{}")
    for name, arguments in (
        ("import_signals", [folder / "x", "--detector", "nobody"]),
        ("create_token", ["--detector", "nobody"]),
    ):
        refused("There is no detector nobody", name, *arguments)
    refused("lower-case letters", "create_token", "--detector", "Not A Slug", "--register")
    assert not (Detector.objects.exists())
    assert not (Import.objects.exists())
    assert not (Blob.objects.exists())


def test_a_case_that_is_not_there_is_named_and_nothing_written(folder: Path) -> None:
    refused("C-2026-9999", "build_packet", "C-2026-9999", "--out", folder / "p.pdf")
    refused("C-2026-9999", "export_subjects", "C-2026-9999", "--out", folder / "s.csv")
    refused("is no state", "list_cases", "--state", "gone")
    assert not (Packet.objects.exists())
    assert not (Case.objects.exists())
    assert not list(folder.glob("*.pdf*"))
    assert not list(folder.glob("*.csv*"))


def test_a_packet_of_a_case_without_evidence_is_refused(folder: Path) -> None:
    case = desk(30).case
    refused("vidence", "build_packet", case.ref, "--out", folder / "p.pdf", "--no-wait")
    assert not list(folder.glob("*.pdf*"))


@pytest.mark.parametrize("name", ["export_clusters", "export_subjects", "build_packet"])
def test_what_cannot_be_written_is_one_sentence(folder: Path, name: str) -> None:
    case = [desk(30).case.ref] if name != "export_clusters" else []
    for out in (folder, folder / "no" / "such" / "x.out"):
        refused("cannot be written", name, *case, "--out", out)


@pytest.mark.parametrize("case", ["a folder", "vanished", "empty", "rubbish", "cut gzip"])
def test_a_file_that_is_no_packet_is_unreadable(bad_files: dict[str, Path], case: str) -> None:
    refused("", "verify_packet", bad_files[case], json_too=True)


def test_the_campaign_tells_its_figures_and_refuses_nonsense(folder: Path) -> None:
    refused("Scale -1 is out of range", "simulate_campaign", "--scale", "-1", "--seed", "1", "--out", folder / "c")
    (folder / "file").touch()
    refused("", "simulate_campaign", "--scale", "0.001", "--seed", "1", "--out", folder / "file")


def test_a_receiver_without_its_secret_is_refused(folder: Path) -> None:
    refused("cannot be read", "demo_platform", "--secret-file", folder / "gone", "--record", folder / "r")
    assert not LinkRun.objects.exists()
    assert not Cluster.objects.exists()
