"""Sightings into one DuckDB: pruned, encoded, a bit for each day. Everything after this works on `rows`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Self, TypeAlias

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accounts.linking.model import LinkingError, Resources, Verdicts
from accounts.linking.settings import Settings

Sightings: TypeAlias = pa.Table | Sequence[Path] | duckdb.DuckDBPyRelation
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Days in one bit mask: fits a signed BIGINT, so that shifts never overflow.
BLOCK_DAYS = 62
_COLUMNS = {"account", "kind", "identifier", "day"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Sightings that may be evidence: one row per account, identifier and block of days.

    Sorted by identifier, block, account; account and value are dense numbers (Store.accounts, Store.identifiers).
    """

    account: Ints
    value: Ints
    block: Ints
    mask: Ints


class Store:
    """One run's DuckDB and the dense numbering of accounts and identifiers. Use as a context manager.

    accounts: platform account numbers, ascending; a dense account is an index into it. identifiers, value_kind: the
    same for identifiers that at least two accounts were seen with. kinds: kind names by kind number. first_day: day 0.
    active_days: days on which each dense account was seen at all.
    """

    def __init__(self, settings: Settings, resources: Resources) -> None:
        self.settings = settings
        self.kinds = tuple(sorted(settings.kinds))
        self.groups = tuple(sorted({kind.group for kind in settings.kinds.values()}))
        self.kind_group = np.array([self.groups.index(settings.group(kind)) for kind in self.kinds], dtype=np.int64)
        self.kind_strong = np.array([settings.kinds[kind].role == "strong" for kind in self.kinds])
        self.kind_founds = np.array([settings.kinds[kind].founds for kind in self.kinds])
        known = {group: number for number, group in enumerate(self.groups)}
        self.kin = tuple(
            (min(known[a], known[b]), max(known[a], known[b])) for a, b in settings.kin if a in known and b in known
        )
        self.connection = duckdb.connect(":memory:", config=_config(resources))
        self.first_day = date(1970, 1, 1)
        self.last_day = self.first_day
        self.blocks = 0
        self.sightings_read = 0
        empty: Ints = np.empty(0, dtype=np.int64)
        self.accounts, self.identifiers, self.value_kind, self.active_days = empty, empty, empty, empty
        self.rows = Rows(empty, empty, empty, empty)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def day(self, number: int) -> date:
        """The calendar day of a day number."""
        return self.first_day + timedelta(days=int(number))

    def columns(self, sql: str, parameters: Sequence[object] = ()) -> dict[str, npt.NDArray[Any]]:
        """The answer of a query as numpy columns."""
        answer: dict[str, npt.NDArray[Any]] = self.connection.execute(sql, list(parameters)).fetchnumpy()
        return {name: np.ma.getdata(column) for name, column in answer.items()}

    def load(self, sightings: Sightings, verdicts: Verdicts) -> None:
        """Reads, checks, prunes and encodes. Raises LinkingError for missing columns or an unreadable file."""
        try:
            self._view(sightings)
            self._fold(verdicts)
        except duckdb.Error as error:
            raise LinkingError(f"the sightings cannot be read: {error}") from error
        self._encode()

    def _view(self, sightings: Sightings) -> None:
        if isinstance(sightings, duckdb.DuckDBPyRelation):
            sightings = sightings.to_arrow_table()
        if isinstance(sightings, pa.Table):
            self.connection.register("sightings_given", sightings)
        elif not sightings:
            raise LinkingError("no sightings were given")
        else:
            self.connection.read_parquet([str(path) for path in sightings]).create_view("sightings_given")
        found = {str(row[0]) for row in self.connection.execute("DESCRIBE sightings_given").fetchall()}
        if not found >= _COLUMNS:
            raise LinkingError(f"the sightings lack the columns {', '.join(sorted(_COLUMNS - found))}")

    def _fold(self, verdicts: Verdicts) -> None:
        """`folded`: one row per account, identifier and block. The kind of an identifier is the first by name."""
        kinds = pa.table({"kind": list(self.kinds), "kid": list(range(len(self.kinds)))})
        self.connection.register("kinds_given", kinds)
        self.connection.register(
            "ignored_given", pa.table({"identifier": pa.array(sorted(verdicts.ignored), pa.int64())})
        )
        first, last, read = self.connection.execute(
            "SELECT min(day)::DATE, max(day)::DATE, count(*) FROM sightings_given"
        ).fetchall()[0]
        self.sightings_read = int(read)
        if first is None:
            first = last = date(1970, 1, 1)
        if (last - first).days > 3660:
            raise LinkingError(f"the sightings span {first} to {last}: more than ten years cannot be linked at once")
        self.first_day, self.last_day, self.blocks = first, last, (last - first).days // BLOCK_DAYS + 1
        self.connection.execute(
            f"""
            CREATE TEMP TABLE folded AS
            SELECT account::BIGINT AS account, identifier::BIGINT AS identifier, min(kid)::BIGINT AS kid, block,
                   bit_or(1::BIGINT << bit) AS mask
            FROM (SELECT account, identifier, kid, (day::DATE - DATE '{first}') // {BLOCK_DAYS} AS block,
                         ((day::DATE - DATE '{first}') % {BLOCK_DAYS})::INTEGER AS bit
                  FROM sightings_given JOIN kinds_given USING (kind)
                  WHERE identifier NOT IN (SELECT identifier FROM ignored_given)
                    AND account IS NOT NULL AND identifier IS NOT NULL AND day IS NOT NULL)
            GROUP BY account, identifier, block
            """
        )

    def _encode(self) -> None:
        """Dense numbers in ascending order of the given ones, so that nothing depends on the order of rows."""
        self.connection.execute(
            """
            CREATE TEMP TABLE vals AS
            SELECT (row_number() OVER (ORDER BY identifier)) - 1 AS v, identifier, kid FROM (
                SELECT identifier, min(kid) AS kid FROM folded GROUP BY identifier HAVING min(account) <> max(account));
            CREATE TEMP TABLE active_masks AS
            SELECT account, block, bit_or(mask) AS mask FROM folded GROUP BY account, block;
            CREATE TEMP TABLE accs AS
            SELECT (row_number() OVER (ORDER BY account)) - 1 AS a, account, days FROM (
                SELECT account, sum(bit_count(mask))::BIGINT AS days FROM active_masks GROUP BY account);
            CREATE TEMP VIEW active_days_seen AS
            SELECT block, bit, count(*) AS accounts FROM active_masks, range(62) days(bit)
            WHERE (mask >> bit) & 1 = 1 GROUP BY block, bit;
            CREATE TEMP TABLE rows AS
            SELECT a, v, vals.kid AS kid, block, mask
            FROM folded JOIN vals USING (identifier) JOIN accs USING (account) ORDER BY v, block, a;
            """
        )
        values = self.columns("SELECT identifier, kid FROM vals ORDER BY v")
        accounts = self.columns("SELECT account, days FROM accs ORDER BY a")
        rows = self.columns("SELECT a, v, block, mask FROM rows ORDER BY v, block, a")
        self.identifiers, self.value_kind = values["identifier"], values["kid"]
        self.accounts, self.active_days = accounts["account"], accounts["days"]
        self.rows = Rows(rows["a"], rows["v"], rows["block"].astype(np.int64), rows["mask"])


def _config(resources: Resources) -> dict[str, Any]:
    return {
        "threads": resources.threads,
        "memory_limit": f"{resources.memory_limit_bytes // (1 << 20)}MiB",
        "temp_directory": "" if resources.temp_dir is None else str(resources.temp_dir),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
    }


def day_counts(mask: Ints, starts: Ints) -> Ints:
    """Rows seen on each day of a block, per group of rows: shape (len(starts), BLOCK_DAYS). `starts` as reduceat."""
    counts = np.zeros((len(starts), BLOCK_DAYS), dtype=np.int64)
    if len(starts):
        for day in range(BLOCK_DAYS):
            counts[:, day] = np.add.reduceat((mask >> day) & 1, starts)
    return counts


def pack(days: npt.NDArray[np.bool_]) -> Ints:
    """Bit masks of a (n, BLOCK_DAYS) matrix of days."""
    weights = np.left_shift(np.int64(1), np.arange(BLOCK_DAYS, dtype=np.int64))
    packed: Ints = (days.astype(np.int64) * weights).sum(axis=1)
    return packed


def starts_of(*keys: Ints) -> Ints:
    """Where each run of equal keys begins, in rows sorted by them."""
    if not len(keys[0]):
        return np.empty(0, dtype=np.int64)
    new = np.zeros(len(keys[0]), dtype=bool)
    new[0] = True
    for key in keys:
        new[1:] |= key[1:] != key[:-1]
    return np.flatnonzero(new).astype(np.int64)
