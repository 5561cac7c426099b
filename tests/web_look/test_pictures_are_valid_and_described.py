import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from lxml import etree

from enforcement.packets import pictures
from enforcement.packets.pictures.cluster import accounts_per_dot
from enforcement.packets.pictures.hours import heat_step
from enforcement.packets.pictures.layout import place_all
from enforcement.packets.pictures.small import trend_words
from tests.web_look.samples import DAYS, EXCHANGES, HOURS, cluster_view

SPACE = "{http://www.w3.org/2000/svg}"


def drawn():
    threshold = pictures.Threshold(1_000_000, "rule CT-04")
    marks = [pictures.DayMark(DAYS[20], "a", "case opened")]
    line = pictures.DayLine(EXCHANGES)
    return {
        "cluster": pictures.cluster_picture(cluster_view()),
        "days": pictures.day_chart(DAYS, EXCHANGES, key="d", title="Days", threshold=threshold, marks=marks, line=line),
        "hours": pictures.hour_map(HOURS, key="h", title="Hours"),
        "spark": pictures.sparkline(EXCHANGES),
        "meter": pictures.meter([(3, ""), (2, "c")], total=10, label="5 of 10"),
        "bits": pictures.bits_bar(12.2, need=12),
    }


PICTURES = drawn()


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_valid_xml_without_style_script_or_colour(name):
    etree.fromstring(PICTURES[name])
    assert not re.search(r"style=|<style|<script|\son\w+=|#[0-9a-fA-F]{3,6}\b|rgb\(", PICTURES[name])


@pytest.mark.parametrize("name", PICTURES)
def test_the_same_data_gives_the_same_bytes(name):
    assert drawn()[name] == PICTURES[name]


@pytest.mark.parametrize("name", ["cluster", "days", "hours"])
def test_a_picture_has_a_title_and_a_description_that_it_points_to(name):
    root = etree.fromstring(PICTURES[name])
    ids = {root.find(f"{SPACE}title").get("id"), root.find(f"{SPACE}desc").get("id")}
    assert set(root.get("aria-labelledby").split()) == ids


def test_the_description_of_days_is_computed_from_the_data():
    told = etree.fromstring(PICTURES["days"]).find(f"{SPACE}desc").text
    over = sum(1 for value in EXCHANGES if value > 1_000_000)
    assert f"{sum(EXCHANGES):,} in all" in told
    assert f"highest {max(EXCHANGES):,}" in told
    assert f"{over} of {len(DAYS)} days are over 1,000,000, the threshold of rule CT-04." in told
    assert "a, 12 May: case opened." in told


def test_the_description_of_a_cluster_names_places_hubs_and_bystanders():
    told = etree.fromstring(PICTURES["cluster"]).find(f"{SPACE}desc").text
    assert "Tollgate Relay 9,870" in told
    assert "Schedule S-07 21,344 at 2.6 bits" in told
    assert "9,310 bystanders" in told


def test_names_from_outside_are_escaped():
    view = cluster_view()
    group = replace(view.groups[0], name="<b onclick=x>&")
    etree.fromstring(pictures.cluster_picture(replace(view, groups=[group])))


def test_area_follows_accounts():
    view = cluster_view()
    layout = place_all(view.groups, view.hubs, view.ties, accounts_per_dot(view.accounts))
    shares = [hub.accounts / layout.hubs[hub.key].radius ** 2 for hub in view.hubs]
    assert max(shares) == pytest.approx(min(shares))


@pytest.mark.parametrize("number", [0, 1, 2, 5, 9, 14, 40])
def test_any_number_of_places_and_hubs_stays_on_the_sheet(number):
    groups = [pictures.Group(f"g{n}", f"Place {n}", 100 + n, 50, "192.0.2.0/24") for n in range(number)]
    hubs = [pictures.Hub(f"h{n}", f"Template {n}", "template", 40 + 30 * n, 4.0) for n in range(number)]
    ties = [pictures.Tie(group.key, hub.key, 10) for group in groups for hub in hubs]
    view = pictures.ClusterView("CL-1", DAYS[0], 120 * number, groups, hubs, ties)
    root = etree.fromstring(pictures.cluster_picture(view))
    width, height = (float(side) for side in root.get("viewBox").split()[2:])
    for circle in root.iter(f"{SPACE}circle"):
        x, y, radius = (float(circle.get(part)) for part in ("cx", "cy", "r"))
        assert -4 <= x - radius <= x + radius <= width + 4
        assert -4 <= y - radius <= y + radius <= height + 4


def test_hubs_of_a_usual_cluster_do_not_touch():
    view = cluster_view()
    places = list(place_all(view.groups, view.hubs, view.ties, 50).hubs.values())
    for position, one in enumerate(places):
        for other in places[position + 1 :]:
            assert ((one.x - other.x) ** 2 + (one.y - other.y) ** 2) ** 0.5 > one.radius + other.radius


def test_twenty_five_thousand_accounts_are_about_five_hundred_dots():
    marks = re.findall(r'class="dots[^"]*" d="([^"]*)"', PICTURES["cluster"])
    assert 400 < sum(mark.count("M") for mark in marks) <= 520


def test_on_paper_the_same_picture_carries_its_own_colours():
    paper = pictures.for_paper(pictures.cluster_picture(cluster_view(), links=False))
    root = etree.fromstring(paper)
    used = {name for shape in root.iter() for name in (shape.get("class") or "").split()} - {
        "chart",
        "picture",
        "ties",
        "disc",
    }
    rules = root.find(f"{SPACE}style").text
    assert all(f".{name}{{" in rules for name in used)
    assert "light-dark" not in paper
    assert "var(" not in paper


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0] * 45, "none"),
        ([5] * 45, "level"),
        (list(range(45)), "rising"),
        (list(range(45, 0, -1)), "falling"),
        ([1] * 20 + [90] * 3 + [1] * 22, "one burst"),
        ([*range(40), 0, 0, 0, 0, 0], "rising, then none"),
    ],
)
def test_a_sparkline_says_its_course(values, words):
    assert trend_words(values) == words


def test_nothing_is_step_zero_of_the_heat_and_little_is_not():
    assert [heat_step(value, 100) for value in (0, 1, 50, 100)] == [0, 1, 3, 5]


def test_a_chart_without_days_still_says_so():
    empty = pictures.day_chart([], [], key="e", title="Days")
    assert "No exchanges on any of these days." in empty


def test_days_and_values_must_match():
    with pytest.raises(ValueError, match="one value for each day"):
        pictures.day_chart([date(2026, 1, 1) + timedelta(n) for n in range(3)], [1, 2], key="x", title="Days")
