"""The cluster picture: accounts as dots in the place they came from, tied by the identifiers that many of them share.

Area follows accounts, line width follows accounts shared, hubs are named in place, and ignored identifiers stand
dashed with the bystanders that they would have caught. At 25,000 accounts a dot stands for 50; the legend says so.
"""

from collections.abc import Sequence
from math import cos, pi, sin, sqrt

from enforcement.packets.pictures.layout import WIDTH, Layout, Place, holds_words, place_all
from enforcement.packets.pictures.models import ClusterView, Group, Hub, Ignored, Tie
from enforcement.packets.pictures.svg import Svg, count_words, day_words, node, picture, short_number, text

MOST_GROUPS, MOST_HUBS = 13, 8
_DOT_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000)
_MOST_DOTS = 520
_GOLDEN_ANGLE = pi * (3 - sqrt(5))
_WIDEST_TIE = 11.0
_DOT_STEP = 4.4  # spacing for which the style sheet sizes a dot
_IGNORED_ROW = 84.0
# Kinds with a line of their own; other hubs are plain rings. Schedules are dotted.
_FILLED, _DOTTED = {"template"}, {"schedule"}
_LONGEST_NAME = 21


def accounts_per_dot(accounts: int) -> int:
    """How many accounts one dot stands for, so that a picture has at most about five hundred."""
    return next((step for step in _DOT_STEPS if accounts / step <= _MOST_DOTS), _DOT_STEPS[-1])


def folded(view: ClusterView) -> tuple[list[Group], list[Hub], list[Tie]]:
    """What fits: the largest groups and hubs; further groups become one, whose ties are summed."""
    ordered = sorted(view.groups, key=lambda group: (-group.accounts, group.key))
    hubs = sorted(view.hubs, key=lambda hub: (-hub.accounts, hub.key))[:MOST_HUBS]
    kept, rest = ordered, []
    if len(ordered) > MOST_GROUPS:
        kept, rest = ordered[: MOST_GROUPS - 1], ordered[MOST_GROUPS - 1 :]
        other = Group(
            "others",
            f"{len(rest)} more",
            sum(group.accounts for group in rest),
            sum(group.active for group in rest),
            "smaller places",
        )
        kept = [*kept, other]
    moved = {group.key: "others" for group in rest}
    summed: dict[tuple[str, str], int] = {}
    for tie in view.ties:
        pair = (moved.get(tie.group, tie.group), tie.hub)
        summed[pair] = summed.get(pair, 0) + tie.accounts
    known, drawn = {group.key for group in kept}, {hub.key for hub in hubs}
    ties = [
        Tie(group, hub, count) for (group, hub), count in summed.items() if group in known and hub in drawn and count
    ]
    return kept, hubs, ties


def _dots(group: Group, place: Place, per_dot: int, spacing: float) -> list[Svg]:
    """A sunflower of dots, ended and active spread evenly through it; few dots are drawn larger."""
    total = max(round(group.accounts / per_dot), 1)
    active = round(total * group.active / group.accounts) if group.accounts else 0
    paths: dict[str, list[str]] = {"dots ended": [], "dots": []}
    zoom = spacing / _DOT_STEP
    reach = max(place.radius - 3.5 * zoom, 0.0 if total == 1 else 2.0) / zoom
    for number in range(total):
        distance, angle = reach * sqrt((number + 0.5 * (total > 1)) / total), number * _GOLDEN_ANGLE
        on = (number + 1) * active // total > number * active // total
        x, y = distance * cos(angle), distance * sin(angle)
        paths["dots" if on else "dots ended"].append(f"M{short_number(x)} {short_number(y)}h.01")
    move = f"translate({short_number(place.x)} {short_number(place.y)}) scale({zoom:.3f})"
    return [
        node("path", {"class": name, "d": "".join(marks), "transform": move}) for name, marks in paths.items() if marks
    ]


def _link(key: str, *shapes: Svg, links: bool) -> Svg:
    return node("a", {"href": f"#id-{key}"}, *shapes) if links else node("g", None, *shapes)


def _cut(words: str) -> str:
    """A name that fits its column; the whole name stands in the title and the table."""
    return words if len(words) <= _LONGEST_NAME else words[: _LONGEST_NAME - 1].rstrip() + "…"


def _group(group: Group, place: Place, per_dot: int, spacing: float, *, links: bool) -> Svg:
    told = f"{group.name}{', ' + group.detail if group.detail else ''}: {count_words(group.accounts)} accounts, "
    told += f"{count_words(group.active)} active"
    foot = place.y + place.radius + 15
    x = min(max(place.x, 62.0), WIDTH - 62.0)
    words = [
        text(x, foot, _cut(group.name), name="bold halo", anchor="middle"),
        text(x, foot + 14, f"{count_words(group.accounts)} accounts", name="halo", anchor="middle"),
    ]
    if group.detail:
        words.append(text(x, foot + 28, _cut(group.detail), name="faint halo", anchor="middle"))
    well = node("circle", {"class": "well disc", "cx": place.x, "cy": place.y, "r": place.radius + 2})
    dots = _dots(group, place, per_dot, spacing)
    return _link(group.key, node("title", None, told), well, *dots, *words, links=links)


def _hub_class(kind: str) -> str:
    return "hub" if kind in _FILLED else "hub schedule" if kind in _DOTTED else "hub other"


def _hub(hub: Hub, place: Place, *, links: bool) -> Svg:
    called = f"{hub.name}, {hub.value}" if hub.value not in ("", hub.name) else hub.name
    told = f"{called}: {count_words(hub.accounts)} accounts, {hub.bits:.1f} bits"
    inside = holds_words(hub.name, place.radius)
    first = place.y - 6 if inside else place.y + place.radius + 13
    room, halo = place.radius >= 52, "" if inside else " halo"
    count = count_words(hub.accounts) + (" accounts" if room or not inside else "")
    words = [
        text(place.x, first, hub.name, name=f"bold{halo}", anchor="middle"),
        text(place.x, first + 14, count, name=halo.strip(), anchor="middle"),
    ]
    if inside:
        words.append(text(place.x, first + 28, f"{hub.bits:.1f} bits", name="faint", anchor="middle"))
    circle = {"cx": place.x, "cy": place.y, "r": place.radius}
    well, ring = node("circle", {"class": "well", **circle}), node("circle", {"class": _hub_class(hub.kind), **circle})
    return _link(hub.key, node("title", None, told), well, ring, *words, links=links)


def _ties(ties: Sequence[Tie], layout: Layout) -> Svg:
    most = max((tie.accounts for tie in ties), default=1)
    lines = []
    for tie in sorted(ties, key=lambda one: (-one.accounts, one.group, one.hub)):
        start, end = layout.groups[tie.group], layout.hubs[tie.hub]
        bend_x, bend_y = (start.x + end.x) / 2, (start.y + end.y) / 2 + (end.x - start.x) * 0.04
        course = "M{} {}Q{} {} {} {}".format(*map(short_number, (start.x, start.y, bend_x, bend_y, end.x, end.y)))
        width = max(_WIDEST_TIE * tie.accounts / most, 0.6)
        lines.append(node("path", {"class": "tie", "d": course, "stroke-width": width}))
    return node("g", {"class": "ties"}, *lines)


def _ignored(rows: Sequence[Ignored], top: float, *, links: bool) -> list[Svg]:
    shapes = []
    step = WIDTH / max(len(rows), 2)
    for position, row in enumerate(rows):
        x = 40.0 + position * step
        told = f"{row.name} is ignored: {count_words(row.bystanders)} accounts outside the cluster also use it"
        shapes.append(
            _link(
                row.key,
                node("title", None, told),
                node("circle", {"class": "hub void", "cx": x, "cy": top + 38, "r": 30}),
                text(x + 40, top + 28, row.name, name="bold"),
                text(x + 40, top + 43, f"Ignored, 0 bits: {count_words(row.bystanders)}"),
                text(x + 40, top + 57, "bystanders use it too"),
                links=links,
            )
        )
    return shapes


def _describe(view: ClusterView, groups: Sequence[Group], hubs: Sequence[Hub], per_dot: int) -> str:
    places = "; ".join(f"{group.name} {count_words(group.accounts)}" for group in groups)
    shared = "; ".join(f"{hub.name} {count_words(hub.accounts)} at {hub.bits:.1f} bits" for hub in hubs)
    told = f"{count_words(view.accounts)} accounts, one dot for {per_dot}, in {len(groups)} places: {places}. "
    told += f"Shared across them: {shared}." if hubs else "No identifier is shared across them."
    for row in view.ignored[:3]:
        told += f" {row.name} is ignored: {count_words(row.bystanders)} bystanders use it."
    return f"{told} {view.left_out}".strip()


def cluster_picture(view: ClusterView, *, key: str = "picture", links: bool = True) -> Svg:
    """The picture of ``view``. With ``links`` each shape leads to ``#id-<its key>`` in the table of its figures."""
    groups, hubs, ties = folded(view)
    per_dot = accounts_per_dot(view.accounts)
    layout = place_all(groups, hubs, ties, per_dot)
    shapes = [_ties(ties, layout)]
    shapes += [_hub(hub, layout.hubs[hub.key], links=links) for hub in hubs]
    shapes += [_group(group, layout.groups[group.key], per_dot, layout.dot_spacing, links=links) for group in groups]
    ignored = list(view.ignored[:3])
    shapes += _ignored(ignored, layout.height, links=links)
    height = layout.height + (_IGNORED_ROW if ignored else 0)
    title = f"Picture of cluster {view.ref} on {day_words(view.as_of)} {view.as_of.year}"
    told = _describe(view, groups, hubs, per_dot)
    role = "group" if links else "img"
    return picture(key, (WIDTH, height), title, told, *shapes, name="chart picture", role=role)
