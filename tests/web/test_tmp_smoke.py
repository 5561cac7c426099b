import pytest
from django.urls import reverse
from tests.factories import approved, submitted, desk, find_everybody, person
from tests.web.pages import client_of, case_pages, client_with
pytestmark = pytest.mark.django_db

def show(client, url, expect=200):
    r = client.get(url)
    body = getattr(r, "content", b"")
    print(r.status_code, url)
    assert r.status_code == expect, (url, r.status_code, body[-1500:])
    return r

def test_smoke(settings, tmp_path):
    at, decision = submitted(60)
    c = client_of(at.investigator)
    lead = client_of(at.lead)
    for url in case_pages(at.case).values(): show(c, url)
    ref = at.case.ref
    for name in ("case_findings","case_upload","case_extract","case_establish","case_people","case_policy","case_close","case_submit","case_packet"):
        show(c, reverse("web:"+name, args=[ref]))
    show(c, reverse("web:case_reopen", args=[ref])); show(c, reverse("web:case_move", args=[ref,"triage"]))
    show(c, reverse("web:cases")); show(c, reverse("web:case_new")); show(c, reverse("web:decisions")); show(c, reverse("web:packets"))
    show(c, reverse("web:policies"))
    item = at.case.items.first()
    for n in ("case_item","case_item_rely"): show(c, reverse("web:"+n, args=[ref,item.pk]))
    show(lead, reverse("web:case_item_withdraw", args=[ref,item.pk]))
    rv = client_of(at.reviewer)
    for n in ("decision","decision_targets","decision_changes","decision_void"): show(rv, reverse("web:"+n, args=[ref,1]))
    show(c, reverse("web:decision", args=[ref,1])); show(c, reverse("web:decision_withdraw", args=[ref,1]))
    show(rv, reverse("web:decisions"))
    a = client_with("auditor"); show(a, reverse("web:audit"))
    from enforcement.audit.models import Event
    show(a, reverse("web:audit_event", args=[Event.objects.last().pk]))
    adm = client_with("administrator"); show(adm, reverse("web:connectors")); show(adm, reverse("web:policies")); show(adm, reverse("web:policy_publish", args=["usage-terms"])); show(adm, reverse("web:policy", args=["usage-terms", 14]))
    show(adm, reverse("web:audit"))
