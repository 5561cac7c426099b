"""From blocks to the JSON that the Typst template reads, with every source checked on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from enforcement.packets import blocks as b
from enforcement.packets.errors import IncompletePacketError
from enforcement.packets.visible import visible

Json = dict[str, Any]
KEPT_ROWS = 10  # a table this short never breaks over pages


def _heading(block: b.Heading, _finisher: b.Finisher) -> Json:
    return {"k": "heading", "text": visible(block.text)}


def _paragraph(block: b.Paragraph, finisher: b.Finisher) -> Json:
    sources = finisher.need_source(b.plain(block.runs), block.sources, stated=b.has_number(block.runs))
    return {"k": "para", "n": finisher.next_paragraph(), "runs": finisher.runs(block.runs), "src": sources}


def _note(block: b.Note, finisher: b.Finisher) -> Json:
    finisher.need_source(b.plain(block.runs), block.sources, stated=b.has_number(block.runs))
    return {"k": "note", "runs": finisher.runs(block.runs)}


def _quote(block: b.Quote, finisher: b.Finisher) -> Json:
    finisher.need_source(block.text, block.sources, stated=True)
    lines = [visible(line) for line in block.text.split("\n")]
    return {"k": "quote", "lines": lines, "lead": visible(block.lead)}


def _items(block: b.Items, finisher: b.Finisher) -> Json:
    stated = [item for item in block.items if b.has_number(item)]
    finisher.need_source(b.plain(stated[0]) if stated else "", block.sources, stated=bool(stated))
    return {
        "k": "list",
        "ordered": block.ordered,
        "items": [finisher.runs(item) for item in block.items],
        "src": list(block.sources),
    }


def _box(block: b.Box, finisher: b.Finisher) -> Json:
    finisher.need_source(b.plain(block.runs), block.sources, stated=b.has_number(block.runs))
    return {"k": "box", "runs": finisher.runs(block.runs)}


def _code(block: b.Code, _finisher: b.Finisher) -> Json:
    return {"k": "code", "lines": [visible(line) for line in block.text.split("\n")]}


def _key_numbers(block: b.KeyNumbers, finisher: b.Finisher) -> Json:
    return {
        "k": "numbers",
        "cells": [
            {
                "value": visible(n.value),
                "words": visible(n.words),
                "src": finisher.need_source(n.words, n.sources, stated=True),
            }
            for n in block.numbers
        ],
    }


def _table(block: b.Table, finisher: b.Finisher) -> Json:
    if not block.columns or not any(column.head for column in block.columns):
        raise IncompletePacketError("table_without_head", f"The table “{block.title}” has no header row.")
    if any(len(row.cells) != len(block.columns) for row in block.rows):
        raise IncompletePacketError("table_shape", f"A row of “{block.title}” has the wrong number of cells.")
    sources = finisher.need_source(f"the table “{block.title}”", block.sources, stated=bool(block.rows))
    label = finisher.numbers.get(block.key or block.title, "")
    return {
        "k": "table",
        "label": label if block.title else "",
        "title": visible(block.title),
        "class": finisher.check_class(block),
        "narrow": block.narrow,
        "keep": len(block.rows) <= KEPT_ROWS,
        "columns": [
            {"head": c.head, "width": c.width, "right": c.right, "mono": c.mono, "grey": c.grey} for c in block.columns
        ],
        "rows": [
            {
                "cells": [finisher.runs(cell) for cell in row.cells],
                "below": finisher.runs(row.below),
                "anchor": row.anchor,
                "total": row.total,
            }
            for row in block.rows
        ],
        "src": sources if block.show_source else [],
    }


def _figure(block: b.Figure, finisher: b.Finisher) -> Json:
    if not block.alt.strip():
        raise IncompletePacketError("figure_without_words", f"The figure “{block.title}” has no text alternative.")
    sources = finisher.need_source(f"the figure “{block.title}”", block.sources, stated=True)
    return {
        "k": "figure",
        "label": finisher.numbers[block.key],
        "title": visible(block.title),
        "image": block.image,
        "alt": visible(block.alt),
        "src": sources,
        "class": finisher.check_class(block),
        "width": block.width_mm,
    }


def _fixed(block: b.Fixed, _finisher: b.Finisher) -> Json:
    return {"k": "fixed", "name": block.name, "data": {key: visible(value) for key, value in block.data.items()}}


_FINISH: dict[type[Any], Callable[[Any, b.Finisher], Json]] = {
    b.Heading: _heading,
    b.Paragraph: _paragraph,
    b.Note: _note,
    b.Quote: _quote,
    b.Items: _items,
    b.Box: _box,
    b.Code: _code,
    b.KeyNumbers: _key_numbers,
    b.Table: _table,
    b.Figure: _figure,
    b.Fixed: _fixed,
}


def finish_blocks(blocks: Sequence[b.Block], finisher: b.Finisher) -> list[Json]:
    """Blocks as JSON, in order."""
    return [_FINISH[type(block)](block, finisher) for block in blocks]


def finish(sections: Sequence[b.Section], *, anchors: Iterable[str]) -> list[Json]:
    """Sections as JSON. `anchors` are the labels of the registers; IncompletePacketError as `blocks` says."""
    finisher = b.Finisher(anchors)
    finisher.count(sections)
    return [
        {
            "n": section.number,
            "title": section.title,
            "new_page": section.new_page,
            "blocks": finish_blocks(section.blocks, finisher),
        }
        for section in sections
    ]
