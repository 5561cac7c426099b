"""What a reader finds in a built packet agrees with itself, to the byte."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from dataclasses import replace

import duckdb
import pytest
from pypdf import PdfReader

from enforcement.packets import building, canonical
from enforcement.packets.building import BuiltPacket
from enforcement.packets.document_records import PacketInputs
from enforcement.packets.errors import IncompletePacketError, TypesettingError
from enforcement.packets.typesetting import typeset
from tests.packets import sample


@pytest.fixture(scope="module")
def reader(built: BuiltPacket) -> PdfReader:
    return PdfReader(io.BytesIO(built.pdf))


@pytest.fixture(scope="module")
def text(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


@pytest.fixture(scope="module")
def files(reader: PdfReader) -> dict[str, bytes]:
    return {name: contents[0] for name, contents in reader.attachments.items()}


def test_two_processes_give_the_same_bytes(inputs: PacketInputs, built: BuiltPacket, tmp_path) -> None:
    frozen = tmp_path / "inputs.json"
    frozen.write_bytes(canonical.encode_inputs(inputs))
    script = (
        "import sys; from pathlib import Path; from enforcement.packets import building, canonical;"
        "print(building.build_packet(canonical.decode_inputs(Path(sys.argv[1]).read_bytes())).unsigned_sha256)"
    )
    other = subprocess.run(
        [sys.executable, "-c", script, str(frozen)], capture_output=True, text=True, check=True, timeout=120
    )
    assert other.stdout.strip() == built.unsigned_sha256


def test_frozen_inputs_survive_their_stored_form(inputs: PacketInputs) -> None:
    assert canonical.decode_inputs(canonical.encode_inputs(inputs)) == inputs


def test_every_attached_file_has_the_hash_that_manifest_and_page_give(files, text, built) -> None:
    listed = json.loads(files["manifest.json"])["files"]
    assert {entry["path"] for entry in listed} == set(files) - {"manifest.json"}
    whole = re.sub(r"\s", "", text)
    for entry in listed:
        digest = hashlib.sha256(files[entry["path"]]).hexdigest()
        assert digest == entry["sha256"]
        assert digest in whole
    assert whole.count(built.manifest_sha256) >= 2
    assert hashlib.sha256(files["manifest.json"]).hexdigest() == built.manifest_sha256


def test_printed_totals_equal_the_attached_rows(files, text) -> None:
    rows = list(csv.DictReader(io.StringIO(files["subjects.csv"].decode())))
    violating = [r for r in rows if r["finding"] == "violating" and r["appeal"] != "granted"]
    assert f"{len(violating):,} accounts found violating" in " ".join(text.split())
    assert f"{sum(int(r['exchanges']) for r in violating):,}" in text
    assert len(rows) == 400


def test_the_title_leads_with_findings_and_not_with_the_cluster(reader: PdfReader) -> None:
    assert re.search(r"version 1: \d+ accounts found violating", reader.metadata.title)


def test_queries_run_again_on_the_saved_files_with_the_same_hashes(files, tmp_path) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    wanted = {r["query"]: r for r in csv.DictReader(io.StringIO(files["query-results.csv"].decode()))}
    sql = files["queries.sql"].decode()
    connection = duckdb.connect(config={"file_search_path": str(tmp_path)})
    views, *queries = re.split(r"\n-- (?=Q-\d\d )", sql)
    connection.execute(views)
    ran = 0
    for query in queries:
        number = query[:4]
        if "(on the archive" in query.split("\n")[0]:
            continue
        cursor = connection.execute(query.split("\n", 1)[1])
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([c[0] for c in cursor.description])
        writer.writerows([["" if v is None else str(v) for v in row] for row in cursor.fetchall()])
        assert hashlib.sha256(out.getvalue().encode()).hexdigest() == wanted[number]["result_sha256"], number
        ran += 1
    assert ran >= 15


def test_the_pages_carry_marks_numbers_and_the_missing_time_stamp(reader: PdfReader) -> None:
    for number, page in enumerate(reader.pages, start=1):
        words = page.extract_text()
        assert f"Page {number} of {len(reader.pages)}" in words
        assert f"TMR-C417-{number:07d}" in words
        assert words.count("TLP:AMBER") >= 2
        assert "No trusted time stamp" in words


def test_all_eighteen_sections_stand_in_order(text: str) -> None:
    titles = ["Scope and summary", "Policy version and clauses", "Method and limits", "Timeline", "Cluster and links",
              "Attribution", "Subjects", "Numbers and the queries behind them", "Exhibits", "Chain of custody",
              "Findings, decision and approvals", "Actions and status", "Appeals", "Redaction log",
              "Certification template", "Glossary", "Manifest", "Signature"]  # fmt: skip
    body = text[text.index("How to read this packet") :]
    places = [
        re.search(rf"^{number}\s+{title}\s*$", body, re.MULTILINE).start()
        for number, title in enumerate(titles, start=1)
    ]
    assert places == sorted(places)


def test_every_figure_has_words_with_its_values(reader: PdfReader) -> None:
    words: list[str] = []

    def walk(node) -> None:
        node = node.get_object()
        if "/S" in node and node["/S"] == "/Figure":
            words.append(str(node.get("/Alt", "")))
        kids = node.get("/K", [])
        for kid in kids if isinstance(kids, list) else [kids]:
            if not isinstance(kid, int) and isinstance(kid.get_object(), dict):
                walk(kid)

    walk(reader.trailer["/Root"]["/StructTreeRoot"])
    assert len(words) >= 2
    assert all("highest" in w or "one dot for" in w for w in words)


def test_it_is_tagged_titled_and_declares_its_standards(reader: PdfReader) -> None:
    root = reader.trailer["/Root"]
    assert root["/Lang"].startswith("en")
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    metadata = root["/Metadata"].get_data().decode()
    assert "pdfaid:part>3" in metadata
    assert "pdfuaid:part>1" in metadata


HOSTILE = "a\u202eb\u200bc\u00add\x07e 中 #strong[x] $x$ @Q-01 <img> \\"


def test_hostile_text_is_shown_by_code_and_kept_exact_in_the_files(inputs: PacketInputs) -> None:
    first = replace(inputs.subjects[0], target_note=HOSTILE, target_status="failed", account="=cmd()\u202ex")
    changed = replace(
        inputs,
        subjects=(first, *inputs.subjects[1:]),
        cover=replace(inputs.cover, case_title=HOSTILE, issuer="I\u202essuer"),
        policy=replace(inputs.policy, clauses=(replace(inputs.policy.clauses[0], text=HOSTILE + "\nline two"),)),
    )
    pdf = PdfReader(io.BytesIO(building.build_packet(changed).pdf))
    words = "\n".join(page.extract_text() for page in pdf.pages)
    assert "a⟨U+202E⟩b⟨U+200B⟩c⟨U+00AD⟩d⟨U+0007⟩e ⟨U+4E2D⟩ #strong[x] $x$ @Q-01" in " ".join(words.split())
    assert "\u202e" not in words
    assert "\u202e" not in str(pdf.metadata)
    exact = pdf.attachments["subjects.csv"][0].decode()
    assert HOSTILE in exact
    assert "'=cmd()\u202ex" in exact


def test_a_case_without_evidence_is_refused_in_one_sentence(inputs: PacketInputs) -> None:
    with pytest.raises(IncompletePacketError, match="has no exhibit") as caught:
        building.build_packet(replace(inputs, exhibits=()))
    assert caught.value.code == "no_evidence"


@pytest.mark.parametrize(
    ("change", "code"),
    [({"finding": ""}, "finding"), ({"clauses": ()}, "basis"), ({"target_status": "gone"}, "target_status")],
)
def test_a_subject_that_cannot_be_shown_honestly_is_refused(inputs: PacketInputs, change, code) -> None:
    bad = replace(inputs, subjects=(replace(inputs.subjects[0], **change), *inputs.subjects[1:]))
    with pytest.raises(IncompletePacketError) as caught:
        building.build_packet(bad)
    assert caught.value.code == code


def test_a_packet_of_little_keeps_its_sections_and_says_so(inputs: PacketInputs) -> None:
    bare = replace(
        inputs, clusters=(), identifiers=(), attributions=(), alternatives=(), archive_queries=(), appeals=(),
        seal=None,
        timeline=replace(inputs.timeline, days=(), events=(), highest_account_day=None, exhibits=()),
        method=replace(inputs.method, link=None, evaluations=(), detectors=(), archive_exhibits=()),
        decision=replace(inputs.decision, rounds=(), rules=(), people=()), custody=replace(inputs.custody, events=()),
        subjects=(replace(inputs.subjects[0], target_status="", cluster="", held_by="", bits=None, appeal=""),),
        actions=replace(inputs.actions, notices=None, batches=0), exhibits=inputs.exhibits[:9],
    )  # fmt: skip
    bare = replace(bare, actions=replace(bare.actions, exhibits=()))
    words = " ".join(
        "\n".join(p.extract_text() for p in PdfReader(io.BytesIO(building.build_packet(bare).pdf)).pages).split()
    )
    assert "No cluster is part of this case" in words
    assert "No appeal was filed by 2026-07-14 09:00 UTC." in words
    assert "Nothing was redacted" in words
    assert "No action had been taken on any account" in words
    assert "attributes the conduct in this case to no organization" in words


def test_typesetting_stops_at_its_memory_limit(inputs: PacketInputs) -> None:
    with pytest.raises(TypesettingError) as caught:
        typeset({}, pictures={}, files=[], created=inputs.cover.built_at, memory_limit_bytes=60 * 2**20)
    assert caught.value.code in ("typesetting_limit", "typesetting_refused")


def test_an_attached_exhibit_must_have_its_registered_hash(inputs: PacketInputs) -> None:
    from enforcement.packets.document_records import AttachedExhibit

    wrong = AttachedExhibit(number="EX-001", name="index.ndjson", media_type="application/x-ndjson", content=b"other")
    with pytest.raises(IncompletePacketError, match="EX-001"):
        building.prepare(replace(inputs, attached=(wrong,)))


def test_the_sample_at_full_size_stays_within_its_body() -> None:
    """25,014 subjects: the list goes into a file, never onto pages."""
    full = sample.inputs()
    ctx = building.prepare(full)
    data = building.document_data(ctx)
    rows = [len(b["rows"]) for s in data["sections"] for b in s["blocks"] if b["k"] == "table"]
    assert max(rows) <= 64
