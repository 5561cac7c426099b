"""The set-based reading of lines: which rows are plainly well-formed, and their normalized columns, in SQL.

Conservative by construction: whatever it is not sure of (an escape, an unknown field, a null, a number in an unusual
form) is handed line by line to `signals.normalize`, which alone refuses. It never takes a row that the other would
refuse, and gives the same columns; tests/ingest compares the two on generated rows.

How a line without any backslash tells its shape: each `":` in it ends a key, and each `":"` (or `": "` and a quote)
begins a string. As many keys as known fields found means no field unknown, twice, null or nested beside ours; as many
strings as text fields found means that no number or object was read as text.
"""

from enforcement.signals.fields import (
    CONDUCTS,
    COUNT_FIELDS,
    GREATEST_COUNT,
    KIND_PATTERN,
    MAX_EXCERPT_CHARACTERS,
    MAX_IDENTIFIER_CHARACTERS,
    MAX_IDENTIFIERS,
    SEVERITIES,
    SEVERITY_NAMES,
    TEXT_LENGTHS,
    TLP_NAMES,
)

_STRINGS = (*TEXT_LENGTHS, "observed_at", "conduct", "tlp")
_NUMBERS = ("severity", "score", *COUNT_FIELDS)
SHAPE = (
    "{"
    + ",".join(f'"{name}":"VARCHAR"' for name in _STRINGS)
    + ","
    + ",".join(f'"{name}":"JSON"' for name in _NUMBERS)  # as written: a quoted number is left to the other
    + ',"identifiers":[{"kind":"VARCHAR","value":"VARCHAR"}],"sample":{"excerpt":"VARCHAR","sha256":"VARCHAR"}}'
)
_QUOTED = tuple(f'"{name}"' for name in SEVERITY_NAMES)
_TIME = r"20\d\d-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)"

# What a plain line does not hold: an escape (so: no control character, NUL or surrogate); space before a colon; a comma
# before a closing bracket, which DuckDB's reader lets pass though it is not JSON; DEL; an empty string; a string that
# begins or ends with a space.
_ABSENT = ("\\", '" :', '"\t', ",}", ",]", ", }", ", ]", ",\t", "\x7f", '""', '":" ', '": " ', ' ",', ' "}')


def _sql(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(_sql(name) for name in names)


def _plain_line() -> str:
    return " AND ".join(["starts_with(text, '{')", *(f"NOT contains(text, {_sql(part)})" for part in _ABSENT)])


def lines() -> str:
    """SQL over `given` (line, text): each line with its parsed fields `s` and its counts of keys and strings."""
    return f"""
SELECT line, text, CASE WHEN json_valid(plain) THEN json_transform(plain, '{SHAPE}') END AS s,
       (strlen(plain) - strlen(replace(plain, '":', ''))) // 2 AS keys,
       (strlen(plain) - strlen(replace(replace(plain, '": "', '":"'), '":"', '')) -
        (strlen(plain) - strlen(replace(plain, '": "', '":"')))) // 3 AS strings
FROM (SELECT line, text, CASE WHEN {_plain_line()} THEN text END AS plain FROM given)
"""


def _present(names: tuple[str, ...]) -> str:
    return " + ".join(f"(s.{name} IS NOT NULL)::INTEGER" for name in names)


def _conditions() -> list[str]:
    found = ["s IS NOT NULL", "s.source_ref IS NOT NULL", "s.account IS NOT NULL", "s.observed_at IS NOT NULL"]
    nested = (
        "coalesce(len(s.identifiers), 0) * 2 + (s.sample.excerpt IS NOT NULL)::INTEGER"
        " + (s.sample.sha256 IS NOT NULL)::INTEGER"
    )
    top = ("identifiers", "sample")
    found.append(f"keys = {_present((*_STRINGS, *_NUMBERS, *top))} + {nested}")
    names = "(s.severity IS NOT NULL AND starts_with(s.severity, '\"'))::INTEGER"
    found.append(f"strings = {_present(_STRINGS)} + {nested} + {names}")
    # Bytes are never fewer than characters: what is longer in bytes is counted properly elsewhere.
    found += [f"(s.{name} IS NULL OR strlen(s.{name}) <= {length})" for name, length in TEXT_LENGTHS.items()]
    found.append(f"regexp_full_match(s.observed_at, '{_TIME}')")
    found.append("try_cast(s.observed_at AS TIMESTAMPTZ) BETWEEN TIMESTAMPTZ '2000-01-02 00:00:00Z' AND $latest")
    found.append(f"(s.severity IS NULL OR s.severity::VARCHAR IN ({_listed((*map(str, SEVERITIES), *_QUOTED))}))")
    found.append(
        r"(s.score IS NULL OR (regexp_full_match(s.score::VARCHAR, '[0-9]{1,3}(\.[0-9]{1,3})?')"
        " AND try_cast(s.score::VARCHAR AS DOUBLE) <= 100))"
    )
    found += [
        f"(s.{n} IS NULL OR (regexp_full_match(s.{n}::VARCHAR, '[0-9]+') AND try_cast(s.{n}::VARCHAR AS BIGINT) <= {GREATEST_COUNT}))"
        for n in COUNT_FIELDS
    ]
    found.append(f"(s.conduct IS NULL OR s.conduct IN ({_listed(CONDUCTS)}))")
    found.append(f"(s.tlp IS NULL OR s.tlp IN ({_listed(TLP_NAMES)}))")
    found.append(
        f"(s.identifiers IS NULL OR (len(s.identifiers) <= {MAX_IDENTIFIERS} AND len(list_filter(s.identifiers, lambda i:"
        f" NOT coalesce(regexp_full_match(i.kind, '{KIND_PATTERN}') AND strlen(i.value) <= {MAX_IDENTIFIER_CHARACTERS},"
        " false))) = 0))"
    )
    found.append(
        f"(s.sample IS NULL OR ((s.sample.excerpt IS NULL OR strlen(s.sample.excerpt) <= {MAX_EXCERPT_CHARACTERS})"
        " AND (s.sample.sha256 IS NULL OR"
        " (strlen(s.sample.sha256) = 64 AND regexp_full_match(s.sample.sha256, '[0-9a-f]+')))))"
    )
    return found


def is_plain() -> str:
    """SQL over `lines()`: whether the set-based path may take the row. `$latest` is the latest time allowed."""
    return " AND ".join(f"({condition})" for condition in _conditions())


def columns() -> str:
    """SQL over `lines()`: the staged columns of a plain row."""
    severity = " ".join(f"WHEN '\"{name}\"' THEN {number}" for name, number in SEVERITY_NAMES.items())
    found = {
        "line": "line",
        "source_ref": "s.source_ref",
        "account": "s.account",
        "observed_at": "try_cast(s.observed_at AS TIMESTAMPTZ)::TIMESTAMP",
        "rule": "s.rule",
        "severity": f"(CASE s.severity::VARCHAR {severity} ELSE try_cast(s.severity::VARCHAR AS SMALLINT) END)",
        "score": "try_cast(s.score::VARCHAR AS DOUBLE)",
        "title": "s.title",
        "principal": "s.principal",
        **{name: f"try_cast(s.{name}::VARCHAR AS BIGINT)" for name in COUNT_FIELDS},
        "organization": "s.organization",
        "product": "s.product",
        "model": "s.model",
        "conduct": "s.conduct",
        "rule_version": "s.rule_version",
        "identifiers": "coalesce(s.identifiers, [])",
        "excerpt": "s.sample.excerpt",
        "sample_sha256": "coalesce(s.sample.sha256, sha256(s.sample.excerpt))",
        "tlp": "s.tlp",
        "raw": "NULL::VARCHAR",
        "unmapped": "NULL::VARCHAR",
    }
    return ", ".join(f'{expression} AS "{name}"' for name, expression in found.items())
