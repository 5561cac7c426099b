"""The queries of the register, as data: what each counts, its text, and how its result is printed.

Nothing from outside enters these texts; they are put together from the constants below alone.
"""

from __future__ import annotations

from dataclasses import dataclass

VIEWS = """\
-- Run in the folder of the saved attachments. Rows are read as text; numbers are cast where counted.
CREATE VIEW subjects AS FROM read_csv('subjects.csv', header = true, all_varchar = true, delim = ',', quote = '"');
CREATE VIEW daily AS FROM read_csv('daily.csv', header = true, all_varchar = true, delim = ',', quote = '"');
CREATE VIEW identifiers AS
  FROM read_csv('identifiers.csv', header = true, all_varchar = true, delim = ',', quote = '"');
CREATE VIEW exhibits AS FROM read_csv('exhibits.csv', header = true, all_varchar = true, delim = ',', quote = '"');
CREATE VIEW custody AS FROM read_csv('custody.csv', header = true, all_varchar = true, delim = ',', quote = '"');
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuerySpec:
    """`show` turns the result into the printed value: a format over the first row, or `rows:` with a noun."""

    key: str
    what: str
    sql: str
    show: str


_VIOLATING = "finding = 'violating'"
_NET = f"{_VIOLATING} AND coalesce(appeal, '') <> 'granted'"

SPECS = (
    QuerySpec(
        key="violating_net",
        what="Subjects found violating, net of granted appeals; their exchanges",
        sql="SELECT count(*) AS n, coalesce(sum(exchanges::BIGINT), 0) AS exchanges\n"
        f"FROM subjects WHERE {_NET} ORDER BY n;",
        show="{n:,}; {exchanges:,}",
    ),
    QuerySpec(
        key="findings",
        what="Subjects and exchanges by finding, as frozen",
        sql="SELECT finding, count(*) AS n, sum(exchanges::BIGINT) AS exchanges\n"
        "FROM subjects GROUP BY finding ORDER BY finding;",
        show="rows:findings",
    ),
    QuerySpec(
        key="all_subjects",
        what="Subjects of the case and their exchanges",
        sql="SELECT count(*) AS n, coalesce(sum(exchanges::BIGINT), 0) AS exchanges,\n"
        "       count(*) FILTER (coalesce(cluster, '') <> '') AS in_cluster\nFROM subjects ORDER BY n;",
        show="{n:,}; {exchanges:,}",
    ),
    QuerySpec(
        key="rate",
        what="Mean exchanges of one subject found violating on a day of the conduct period, in hundredths",
        sql="SELECT (100 * sum(exchanges::BIGINT))\n"
        "       // greatest(1, count(*) * (SELECT max(day_utc::DATE) - min(day_utc::DATE) + 1 FROM daily)) AS n\n"
        f"FROM subjects WHERE {_NET} ORDER BY n;",
        show="hundredths",
    ),
    QuerySpec(
        key="by_day",
        what="Exchanges by day",
        sql="SELECT day_utc, sum(exchanges::BIGINT) AS exchanges, sum(accounts_active::BIGINT) AS accounts_active\n"
        "FROM daily GROUP BY day_utc ORDER BY day_utc;",
        show="highest:exchanges",
    ),
    QuerySpec(
        key="by_group",
        what="Subjects and exchanges by group",
        sql="SELECT coalesce(\"group\", '') AS grp, count(*) AS n, sum(exchanges::BIGINT) AS exchanges\n"
        "FROM subjects GROUP BY 1 ORDER BY 1;",
        show="rows:groups",
    ),
    QuerySpec(
        key="held_by",
        what="Subjects in a cluster by the kind of evidence that holds them",
        sql="SELECT held_by, count(*) AS n, min(bits::DECIMAL(9,1)) AS bits_lowest, "
        "max(bits::DECIMAL(9,1)) AS bits_highest\n"
        "FROM subjects WHERE coalesce(cluster, '') <> '' GROUP BY held_by ORDER BY n DESC, held_by;",
        show="rows:kinds of evidence",
    ),
    QuerySpec(
        key="bits",
        what="Subjects in a cluster by whole bits of the evidence that holds them",
        sql="SELECT floor(bits::DECIMAL(9,1))::INTEGER AS bits_from, count(*) AS n FROM subjects\n"
        "WHERE coalesce(cluster, '') <> '' AND bits IS NOT NULL GROUP BY 1 ORDER BY 1;",
        show="rows:steps",
    ),
    QuerySpec(
        key="identifiers",
        what="Shared identifiers by kind: how many, members and holders of each",
        sql="SELECT kind, count(*) AS n, min(members::BIGINT) AS members_lowest, max(members::BIGINT) AS "
        "members_highest,\n"
        "       min(holders::BIGINT) AS holders_lowest, max(holders::BIGINT) AS holders_highest,\n"
        "       min(bits::DECIMAL(9,1)) AS bits_lowest, max(bits::DECIMAL(9,1)) AS bits_highest\n"
        "FROM identifiers GROUP BY kind ORDER BY kind;",
        show="rows:kinds",
    ),
    QuerySpec(
        key="clauses",
        what="Subjects found violating, by clause",
        sql="SELECT clause, count(*) AS n FROM (\n"
        f"  SELECT unnest(string_split(clauses, ' ')) AS clause FROM subjects WHERE {_VIOLATING})\n"
        "WHERE clause <> '' GROUP BY clause ORDER BY clause;",
        show="rows:clauses",
    ),
    QuerySpec(
        key="reasons",
        what="Findings other than violating, by reason",
        sql="SELECT finding, coalesce(reason, '') AS reason, count(*) AS n FROM subjects\n"
        f"WHERE NOT ({_VIOLATING}) GROUP BY ALL ORDER BY finding, n DESC, reason;",
        show="rows:reasons",
    ),
    QuerySpec(
        key="basis",
        what="Subjects found violating without an alert of their own",
        sql=f"SELECT count(*) AS n FROM subjects WHERE {_VIOLATING} AND alerts::BIGINT = 0 ORDER BY n;",
        show="{n:,}",
    ),
    QuerySpec(
        key="targets",
        what="Targets by status",
        sql="SELECT target_status, count(*) AS n FROM subjects WHERE coalesce(target_status, '') <> ''\n"
        "GROUP BY target_status ORDER BY target_status;",
        show="rows:statuses",
    ),
    QuerySpec(
        key="failures",
        what="Targets not done, by status and note",
        sql="SELECT target_status, coalesce(target_note, '') AS note, count(*) AS n FROM subjects\n"
        "WHERE coalesce(target_status, '') NOT IN ('', 'done') GROUP BY ALL ORDER BY target_status, n DESC, note;",
        show="rows:notes",
    ),
    QuerySpec(
        key="appeals",
        what="Subjects with an appeal, by its state",
        sql="SELECT appeal, count(*) AS n FROM subjects WHERE coalesce(appeal, '') <> ''\n"
        "GROUP BY appeal ORDER BY appeal;",
        show="rows:states",
    ),
    QuerySpec(
        key="custody",
        what="Exhibits; custody events; hashes that did not match",
        sql="SELECT (SELECT count(*) FROM exhibits) AS n, count(*) AS events,\n"
        "       count(*) FILTER (hash_check = 'MISMATCH') AS mismatches FROM custody ORDER BY n;",
        show="{n:,}; {events:,}; {mismatches:,}",
    ),
)
