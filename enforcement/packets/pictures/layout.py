"""Where groups and hubs of a cluster picture stand: groups round the edge, hubs in the middle, nothing overlapping.

Deterministic: the same view gives the same places. Work grows with shapes (about twenty), not with accounts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, sin, sqrt

from enforcement.packets.pictures.models import Group, Hub, Tie

WIDTH = 700.0
LARGEST_RADIUS = 76.0
INSIDE_RADIUS = 40.0  # from here on a hub holds its own words
CHARACTER_WIDTH = 6.4
_EDGE = 66.0  # half a label's width: columns of groups stand this far in
_MIDDLE = (150.0, WIDTH - 150.0)
_LABEL_ROOM = 46.0  # three lines under a disc
_FILLED = 0.37  # share of the middle that hubs, words included, may cover
_STEPS = 640
_WIDEST_GROUP = 58.0
_DOT_SPACING = (4.4, 9.0)  # of many dots, and of few


@dataclass
class Place:
    """A circle on the sheet, in user units. ``room`` is the radius kept free round a point ``drop`` below it."""

    x: float
    y: float
    radius: float
    room: float
    drop: float = 0.0


@dataclass(frozen=True)
class Layout:
    """Places by key, the height of the sheet, and how far apart dots stand."""

    groups: dict[str, Place]
    hubs: dict[str, Place]
    height: float
    dot_spacing: float = _DOT_SPACING[0]


def holds_words(name: str, radius: float) -> bool:
    """Whether a hub's name fits inside its circle."""
    return radius >= INSIDE_RADIUS and len(name) * CHARACTER_WIDTH <= 2 * radius - 6


def _room(hub: Hub, radius: float) -> tuple[float, float]:
    if holds_words(hub.name, radius):
        return radius + 9, 0.0
    # The circle and two lines of words under it, as one circle round the middle of both.
    half_name = max(len(hub.name) * CHARACTER_WIDTH, 76.0) / 2
    return max(radius + 20, half_name) + 6, 19.0


def _heights(groups: Sequence[Group], hubs: Sequence[Hub]) -> float:
    return max(430.0 + 30.0 * max(len(hubs) - 5, 0), 150.0 * min((len(groups) + 1) // 2, 3), 300.0)


def dot_spacing(groups: Sequence[Group], per_dot: int) -> float:
    """How far apart dots stand, one distance for all groups: few dots are drawn large, many small."""
    most = max((group.accounts for group in groups), default=1) / per_dot
    return min(max(_WIDEST_GROUP / sqrt(max(most, 1.0)), _DOT_SPACING[0]), _DOT_SPACING[1])


def group_scale(groups: Sequence[Group], per_dot: int) -> float:
    """Radius of a group = scale x sqrt(accounts), so that areas of groups compare and dots stand evenly."""
    scale = dot_spacing(groups, per_dot) / sqrt(per_dot)
    return min(scale, _WIDEST_GROUP / sqrt(max((group.accounts for group in groups), default=1) or 1))


def hub_scale(hubs: Sequence[Hub], height: float) -> float:
    """Radius of a hub = scale x sqrt(accounts), one scale for all hubs: the largest that leaves room for words."""
    scale = LARGEST_RADIUS / sqrt(max([*(hub.accounts for hub in hubs), 1]))
    box = (_MIDDLE[1] - _MIDDLE[0]) * height * _FILLED
    while sum(pi * _room(hub, scale * sqrt(hub.accounts))[0] ** 2 for hub in hubs) > box and scale > 0.01:
        scale *= 0.96
    return scale


def _sides(groups: Sequence[Group]) -> tuple[list[Group], list[Group], list[Group], list[Group]]:
    """Left, right, top and bottom: the six largest in the columns, weight balanced; the rest in rows."""
    ordered = sorted(groups, key=lambda group: (-group.accounts, group.key))
    left, right = ordered[:6:4] + ordered[3:6:4], ordered[1:6:4] + ordered[2:6:4]
    if len(ordered) > 4:
        left, right = [ordered[0], *ordered[3:5]], [*ordered[1:3], *ordered[5:6]]
    rest = ordered[6:]
    return left, right, rest[1::2], rest[::2]


def _column(groups: Sequence[Group], x: float, scale: float, top: float, bottom: float) -> dict[str, Place]:
    radii = [max(scale * sqrt(group.accounts), 9.0) for group in groups]
    needed = sum(2 * radius + _LABEL_ROOM for radius in radii)
    gap = max((bottom - top - needed) / (len(groups) + 1), 2.0)
    places, y = {}, top + gap
    for group, radius in zip(groups, radii, strict=True):
        places[group.key] = Place(x, y + radius, radius, max(radius + 16, 52.0), 18.0)
        y += 2 * radius + _LABEL_ROOM + gap
    return places


def _row(groups: Sequence[Group], y: float, scale: float) -> dict[str, Place]:
    step = (_MIDDLE[1] - _MIDDLE[0] + 60) / max(len(groups), 1)
    return {
        group.key: Place(
            _MIDDLE[0] - 30 + (position + 0.5) * step, y, max(scale * sqrt(group.accounts), 9.0), 60.0, 20.0
        )
        for position, group in enumerate(groups)
    }


def _start(hub: Hub, position: int, ties: Sequence[Tie], rings: dict[str, Place], middle: tuple[float, float]) -> Place:
    """On a spiral from the middle, drawn towards the groups that hold the hub."""
    held = [(tie.accounts, rings[tie.group]) for tie in ties if tie.hub == hub.key and tie.group in rings]
    total = sum(accounts for accounts, _ in held)
    turn = position * 2.4 + 0.6  # the golden angle: no two hubs start on one line
    x, y = middle[0] + 46 * sqrt(position + 1) * cos(turn), middle[1] + 46 * sqrt(position + 1) * sin(turn)
    if total:
        x = 0.7 * x + 0.3 * sum(accounts * place.x for accounts, place in held) / total
        y = 0.7 * y + 0.3 * sum(accounts * place.y for accounts, place in held) / total
    return Place(x, y, 0.0, 0.0)


def _push_apart(moving: Place, other: Place, share: float) -> None:
    dx, dy = moving.x - other.x, moving.y + moving.drop - other.y - other.drop
    gap = hypot(dx, dy) or 0.1
    overlap = moving.room + other.room - gap
    if overlap <= 0:
        return
    moving.x += dx / gap * overlap * share
    moving.y += dy / gap * overlap * share
    if share < 1:
        other.x -= dx / gap * overlap * share
        other.y -= dy / gap * overlap * share


def _settle(hubs: list[Place], rings: list[Place], top: float, bottom: float) -> None:
    for step in range(_STEPS):
        for position, hub in enumerate(hubs):
            for other in hubs[position + 1 :]:
                _push_apart(hub, other, 0.3)
            for ring in rings:
                _push_apart(hub, ring, 1.0)
            if step < _STEPS // 2:
                hub.x += (WIDTH / 2 - hub.x) * 0.004
                hub.y += ((top + bottom) / 2 - hub.y) * 0.004
            hub.x = min(max(hub.x, _MIDDLE[0] - 16 + hub.room), _MIDDLE[1] + 16 - hub.room)
            hub.y = min(max(hub.y, top + hub.radius + 4), bottom - hub.room - hub.drop)


def _trimmed(places: list[Place], height: float) -> float:
    """Moves everything up under the upper edge; the height that is then needed, words included."""
    if not places:
        return height
    spare = min(place.y - place.radius for place in places) - 6
    for place in places:
        place.y -= spare
    return max(place.y + place.radius + (_LABEL_ROOM + 4 if place.drop else 8) for place in places)


def place_all(groups: Sequence[Group], hubs: Sequence[Hub], ties: Sequence[Tie], per_dot: int) -> Layout:
    """Places for every group and hub. The sheet grows in height with their number."""
    inner = _heights(groups, hubs)
    left, right, above, below = _sides(groups)
    scale, inside_scale = group_scale(groups, per_dot), hub_scale(hubs, inner)
    reach = max((scale * sqrt(group.accounts) for group in (*above, *below)), default=0.0)
    top = 2 * reach + _LABEL_ROOM + 14 if above else 2.0
    bottom = top + inner
    height = bottom + (2 * reach + _LABEL_ROOM + 12 if below else 0.0)
    edge = _EDGE if hubs or len(groups) > 1 else WIDTH / 2
    rings = _column(left, edge, scale, 4.0, height) | _column(right, WIDTH - _EDGE, scale, 4.0, height)
    rings |= _row(above, reach + 6, scale) | _row(below, bottom + reach + 8, scale)
    inside: dict[str, Place] = {}
    for position, hub in enumerate(hubs):
        place = _start(hub, position, ties, rings, (WIDTH / 2, (top + bottom) / 2))
        place.radius = max(inside_scale * sqrt(hub.accounts), 7.0)
        place.room, place.drop = _room(hub, place.radius)
        inside[hub.key] = place
    _settle(list(inside.values()), list(rings.values()), top, bottom)
    height = _trimmed([*rings.values(), *inside.values()], height)
    return Layout(rings, inside, height, dot_spacing(groups, per_dot))
