"""Hour of week: seven days by 24 hours in six steps of one hue."""

from collections.abc import Sequence

from enforcement.packets.pictures.svg import Svg, node, picture, text

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LEFT, HEAD = 34.0, 22.0
CELL_WIDTH, CELL_HEIGHT = 18.4, 22.0
STEPS = 6


def heat_step(value: float, highest: float) -> int:
    """0 for nothing, else 1..5 by fifths of the highest cell."""
    if value <= 0 or highest <= 0:
        return 0
    return min(int(value / highest * (STEPS - 1)) + 1, STEPS - 1)


def _busiest_hours(counts: Sequence[Sequence[float]], length: int = 8) -> tuple[int, float]:
    """The run of ``length`` hours of the day, round midnight too, that holds most; its start and its share 0..1."""
    by_hour = [sum(row[hour] for row in counts) for hour in range(24)]
    total = sum(by_hour) or 1
    sums = [sum(by_hour[(start + offset) % 24] for offset in range(length)) for start in range(24)]
    start = max(range(24), key=lambda hour: sums[hour])
    return start, sums[start] / total


def hour_map(counts: Sequence[Sequence[float]], *, key: str, title: str, unit: str = "exchanges") -> Svg:
    """``counts`` is 7 rows (Monday first) of 24 hours, UTC. Raises ValueError for another shape."""
    if len(counts) != 7 or any(len(row) != 24 for row in counts):
        raise ValueError("An hour map needs 7 days of 24 hours.")
    highest = max(max(row) for row in counts)
    shapes = [text(LEFT + hour * CELL_WIDTH, 14.0, f"{hour:02}", name="faint") for hour in range(0, 24, 3)]
    for weekday, row in enumerate(counts):
        top = HEAD + weekday * CELL_HEIGHT
        shapes.append(text(0.0, top + 15, DAYS[weekday]))
        shapes += [
            node(
                "rect",
                {
                    "class": f"h{heat_step(value, highest)}",
                    "x": LEFT + hour * CELL_WIDTH,
                    "y": top,
                    "width": CELL_WIDTH - 1.5,
                    "height": CELL_HEIGHT - 1.5,
                    "rx": 1.5,
                },
            )
            for hour, value in enumerate(row)
        ]
    size = (LEFT + 24 * CELL_WIDTH, HEAD + 7 * CELL_HEIGHT)
    if highest <= 0:
        return picture(key, size, title, f"No {unit} in any hour.", *shapes, name="chart hours")
    start, share = _busiest_hours(counts)
    weekday, hour = max(((d, h) for d in range(7) for h in range(24)), key=lambda cell: counts[cell[0]][cell[1]])
    told = (
        f"{share:.0%} of {unit} fall between {start:02}:00 and {(start + 8) % 24:02}:00 UTC. "
        f"The busiest hour is {_DAY_NAMES[weekday]}, {hour:02}:00 to {(hour + 1) % 24:02}:00."
    ).replace("%", " per cent")
    return picture(key, size, title, told, *shapes, name="chart hours")
