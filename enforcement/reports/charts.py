"""The Altair charts, for pages. They live with the packet, which prints the same ones and may not import reports."""

from enforcement.packets.charts import Theme, TimelineData, timeline_chart, timeline_data, timeline_svg

__all__ = ["Theme", "TimelineData", "timeline_chart", "timeline_data", "timeline_svg"]
