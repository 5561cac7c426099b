"""No number without a source, and other rules that the blocks keep."""

from __future__ import annotations

from dataclasses import replace

import pytest

from enforcement.packets import blocks as b
from enforcement.packets.attachments import csv_bytes
from enforcement.packets.errors import IncompletePacketError
from enforcement.packets.finishing import finish
from enforcement.packets.visible import visible

FIGURE = b.Figure(key="f", title="F", image="f.svg", alt="5", sources=("Q-01",), evidence_class="record")


def document(*blocks: b.Block):
    return finish([b.Section(number=1, title="T", blocks=blocks)], anchors=["Q-01", "EX-001"])


@pytest.mark.parametrize(
    "block",
    [
        b.Paragraph(runs=["25,014 accounts drew exchanges."]),
        b.Paragraph(runs=["It began on ", b.bold("2026-06-05"), "."]),
        b.Note(runs=["7 of them."]),
        b.Items(items=[["12 of them."]]),
        b.Box(runs=["1,000 targets."]),
        b.KeyNumbers([b.KeyNumber("5", "accounts", ())]),
        b.Quote(text="The customer shall not.", sources=()),
        b.Table(columns=[b.Column("A")], rows=[b.Row(cells=["x"])], sources=(), title="T", evidence_class="record"),
        b.Figure(key="f", title="F", image="f.svg", alt="values", sources=(), evidence_class="record"),
    ],
)
def test_a_number_table_or_figure_without_a_source_fails_the_build(block: b.Block) -> None:
    with pytest.raises(IncompletePacketError) as caught:
        document(block)
    assert caught.value.code == "number_without_source"


def test_a_source_that_is_in_no_register_fails_the_build() -> None:
    with pytest.raises(IncompletePacketError) as caught:
        document(b.Paragraph(runs=["5 accounts."], sources=("Q-99",)))
    assert caught.value.code == "unknown_source"


def test_a_figure_without_words_and_a_table_without_head_or_class_fail_the_build() -> None:
    for block, code in (
        (replace(FIGURE, alt=" "), "figure_without_words"),
        (b.Table(columns=[b.Column("")], rows=[], sources=("Q-01",)), "table_without_head"),
        (b.Table(columns=[b.Column("A")], rows=[], sources=("Q-01",), title="T"), "no_class"),
    ):  # fmt: skip
        with pytest.raises(IncompletePacketError) as caught:
            document(block)
        assert caught.value.code == code


@pytest.mark.parametrize(
    "words", ["as Section 5 says", "under Rule 902(13) and 902(14)", "its SHA-256", "version 2026-02"]
)
def test_a_reference_is_no_number(words: str) -> None:
    assert not b.has_number([words])


def test_paragraphs_tables_and_references_are_numbered_through() -> None:
    table = b.Table(columns=[b.Column("A")], rows=[], sources=("Q-01",), title="T", key="t", evidence_class="record")
    out = document(b.Paragraph(runs=["See ", b.see("t"), "."]), table, b.Paragraph(runs=["More."]))[0]["blocks"]
    assert [block.get("n") for block in out if block["k"] == "para"] == [1, 2]
    assert out[0]["runs"] == ["See ", "Table 1", "."]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("plain", "plain"), ("é – ’", "é – ’"), ("a\u202eb", "a⟨U+202E⟩b"), ("\u200b", "⟨U+200B⟩"),
        ("\u00ad", "⟨U+00AD⟩"), ("\x00", "⟨U+0000⟩"), ("\ue000", "⟨U+E000⟩"), ("\u05d0", "⟨U+05D0⟩"),
        ("\ufe0f", "⟨U+FE0F⟩"), ("\u00a0", "⟨U+00A0⟩"), ("a\nb", "a⟨U+000A⟩b"), ("\U0001f600", "⟨U+1F600⟩"),
        ("e" + "\u0301" * 4, "e\u0301\u0301⟨U+0301⟩⟨U+0301⟩"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_shown_by_its_code(given: str, shown: str) -> None:
    assert visible(given) == shown


def test_csv_cells_that_would_be_formulas_are_escaped_and_numbers_are_not() -> None:
    out = csv_bytes(["a", "b", "c"], [["=1+1", -5, "+x"], ["@a", "-b", '"q", r'], [None, "\t", "x\ny"]])
    assert out == b'a,b,c\n\'=1+1,-5,\'+x\n\'@a,\'-b,"""q"", r"\n,\'\t,"x\ny"\n'
