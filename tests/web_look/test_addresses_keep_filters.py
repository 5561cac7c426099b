from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory

from enforcement.web.templatetags.addresses import changed_query, query_less


def rendered(template, query="", **context):
    request = RequestFactory().get(f"/alerts/{query}")
    return Template("{% load dossier %}" + template).render(Context({"request": request, **context}))


def test_changing_one_thing_keeps_the_rest_and_starts_paging_anew():
    assert changed_query(QueryDict("state=new&state=triaging&after=77"), severity="high") == (
        "?state=new&state=triaging&severity=high"
    )


def test_none_removes_a_filter():
    assert changed_query(QueryDict("state=new"), state=None) == "?"


def test_a_chip_removes_its_own_value_alone():
    assert query_less(QueryDict("state=new&state=triaging"), "state", "new") == "?state=triaging"


def test_a_query_cannot_break_out_of_an_attribute():
    shown = rendered('<a href="{% query_url state="new" %}">', '?q="><script>')
    assert "<script>" not in shown
    assert shown.count('"') == 2


def test_sorting_turns_on_the_second_press_and_says_its_order():
    first = rendered('{% sort_head "exchanges" "Exchanges" "num" %}')
    assert 'href="?sort=-exchanges"' in first
    assert "aria-sort" not in first
    second = rendered('{% sort_head "exchanges" "Exchanges" "num" %}', "?sort=-exchanges")
    assert 'aria-sort="descending"' in second
    assert 'href="?sort=exchanges"' in second
    assert "↓" in second


def test_a_get_form_carries_the_other_filters():
    shown = rendered('{% hidden_query "sort" %}', "?sort=x&state=new&after=9")
    assert shown == '<input type="hidden" name="state" value="new">'


def test_crumbs_end_in_the_reference():
    shown = rendered('{% crumbs "C-2026-0147" "Cases" "/cases/" %}')
    assert shown.index("Cases") < shown.index("C-2026-0147")
    assert 'aria-current="page"' in shown
