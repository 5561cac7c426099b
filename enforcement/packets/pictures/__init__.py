"""Charts and pictures as SVG text: pure functions from plain data, the same for page and packet.

Shapes carry classes, never colours: a page colours them by its style sheet, a packet by ``palette.for_paper``. Each
picture has a title and a description computed from its data.
"""

from enforcement.packets.pictures.cluster import cluster_picture
from enforcement.packets.pictures.days import day_chart
from enforcement.packets.pictures.hours import hour_map
from enforcement.packets.pictures.marks import marks_of
from enforcement.packets.pictures.models import ClusterView, DayLine, DayMark, Group, Hub, Ignored, Threshold, Tie
from enforcement.packets.pictures.palette import for_paper
from enforcement.packets.pictures.small import bits_bar, meter, sparkline

__all__ = [
    "ClusterView",
    "DayLine",
    "DayMark",
    "Group",
    "Hub",
    "Ignored",
    "Threshold",
    "Tie",
    "bits_bar",
    "cluster_picture",
    "day_chart",
    "for_paper",
    "hour_map",
    "marks_of",
    "meter",
    "sparkline",
]
