"""The columns of a staged signal and of a segment, as SQL; and what makes two of them the same body."""

# name, DuckDB type: the order of the Parquet file. `line` is the line of the received file, for tracing back.
STAGED = {
    "line": "BIGINT",
    "source_ref": "VARCHAR",
    "account": "VARCHAR",
    "observed_at": "TIMESTAMP",
    "rule": "VARCHAR",
    "severity": "SMALLINT",
    "score": "DOUBLE",
    "title": "VARCHAR",
    "principal": "VARCHAR",
    "exchanges": "BIGINT",
    "tokens_in": "BIGINT",
    "tokens_out": "BIGINT",
    "organization": "VARCHAR",
    "product": "VARCHAR",
    "model": "VARCHAR",
    "conduct": "VARCHAR",
    "rule_version": "VARCHAR",
    "identifiers": "STRUCT(kind VARCHAR, value VARCHAR)[]",
    "excerpt": "VARCHAR",
    "sample_sha256": "VARCHAR",
    "tlp": "VARCHAR",
    "raw": "VARCHAR",
    "unmapped": "VARCHAR",
}
COLUMNS_SQL = ", ".join(f'"{name}" {kind}' for name, kind in STAGED.items())
NAMES_SQL = ", ".join(f'"{name}"' for name in STAGED)

# Compared column by column; the excerpt stays out, its SHA-256 stands for it.
_COMPARED = [name for name in STAGED if name not in {"line", "source_ref", "excerpt", "identifiers"}]


def same_body(left: str, right: str) -> str:
    """SQL: whether two staged rows (table aliases) are the same normalized body."""
    parts = [f'{left}."{name}" IS NOT DISTINCT FROM {right}."{name}"' for name in _COMPARED]
    parts.append(f"list_sort(coalesce({left}.identifiers, [])) = list_sort(coalesce({right}.identifiers, []))")
    return " AND ".join(parts)
