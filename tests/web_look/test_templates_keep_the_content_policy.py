import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

from tests.web_look.samples import gallery_context

pytestmark = pytest.mark.urls("tests.web_look.addresses")
ROOT = Path(settings.BASE_DIR) / "templates"
PAGES = sorted(str(page.relative_to(ROOT)) for page in ROOT.rglob("*.html"))
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Tree(HTMLParser):
    """Checks that tags nest, and collects what a page must not hold."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.faults, self.ids, self.refs = [], [], [], []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.faults += [f"{tag} {name}" for name in given if name == "style" or name.startswith(("on", "hx-on"))]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.faults.append(f"inline {tag}")
        self.ids += [given["id"]] if "id" in given else []
        self.refs += [
            one for name in ("aria-labelledby", "aria-describedby", "for") for one in (given.get(name) or "").split()
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> out of place")


def read(page):
    tree = Tree()
    tree.feed(page)
    return tree


def gallery(**cookies):
    request = RequestFactory().get("/cases/1/?sort=-exchanges&state=new")
    request.COOKIES.update(cookies)
    request.htmx, request.user = False, AnonymousUser()
    return render_to_string("components/gallery.html", gallery_context(), request=request)


@pytest.mark.parametrize("page", PAGES)
def test_a_template_compiles(page):
    get_template(page)


@pytest.mark.parametrize("page", PAGES)
def test_a_template_holds_no_inline_style_script_or_colour(page):
    text = (ROOT / page).read_text()
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"|hx-on|<script(?![^>]*\ssrc=)|javascript:", text)
    assert not re.search(r"(fill|stroke|color)=\"(#|rgb)", text)


def test_the_gallery_of_components_is_well_formed():
    tree = read(gallery())
    assert tree.faults == []
    assert tree.open == []


def test_labels_in_the_gallery_lead_to_something():
    tree = read(gallery())
    assert set(tree.refs) <= set(tree.ids)


def test_a_stored_choice_of_look_stands_on_the_html_element():
    assert '<html lang="en" data-theme="dark" data-density="relaxed" data-keys="off">' in gallery(
        theme="dark", density="relaxed", keys="off"
    )


def test_an_unknown_choice_of_look_is_ignored():
    assert '<html lang="en">' in gallery(theme='"><script>', density="huge")


def test_htmx_brings_neither_styles_nor_evaluation():
    page = gallery()
    assert '"includeIndicatorStyles":false' in page
    assert '"allowEval":false' in page


def test_a_confirmation_is_a_page_or_a_fragment_of_the_same_words():
    context = {"question": "Dismiss 4 alerts?", "submit": "Dismiss 4 alerts", "keep": "Keep them", "ids": [1, 2]}
    answers = {}
    for htmx in (False, True):
        request = RequestFactory().get("/alerts/dismiss/")
        request.htmx, request.user = htmx, AnonymousUser()
        answers[htmx] = render_to_string("components/confirm.html", context, request=request)
    assert "<html" in answers[False]
    assert "<html" not in answers[True]
    for answer in answers.values():
        assert read(answer).faults == []
        assert "Dismiss 4 alerts?" in answer
        assert 'name="ids" value="2"' in answer


def test_a_progress_panel_polls_until_the_end_state():
    job = gallery_context()["job_running"]
    running = render_to_string("components/progress.html", {"job": job, "poll_url": "/imports/1/progress/"})
    ended = render_to_string("components/progress.html", {"job": job | {"state": "done"}, "poll_url": ""})
    assert 'hx-trigger="every 2s"' in running
    assert "hx-" not in ended
    assert "<progress" not in ended


def test_a_failed_field_names_itself_keeps_its_value_and_points_to_its_error():
    shown = render_to_string("components/form.html", {"form": gallery_context()["form"], "submit": "Close case…"})
    assert 'value="14 Feb 2026"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'aria-describedby="id_day_helptext id_day_error"' in shown
    assert 'href="#id_day"' in shown
    assert "Your decision is missing. Fill it in." in shown
