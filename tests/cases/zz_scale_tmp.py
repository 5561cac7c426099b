import time, pytest, io
from tests.factories import *
from enforcement.cases.selection import Selection
from enforcement.cases.services import *
from enforcement.decisions.services import *
from enforcement.decisions.selectors import get_decision
from enforcement.cases.selectors import *
pytestmark = pytest.mark.django_db
def test_scale():
    def t(name, f):
        s=time.perf_counter(); r=f(); print(f"{name}: {time.perf_counter()-s:.2f}s"); return r
    made=ring(25000); threshold(policy_version())
    from django.db import connection
    connection.cursor().execute("ANALYZE")
    (case,)=t("open", lambda: evaluate_thresholds(RULE))
    print(case.why_opened)
    t("evaluate again", lambda: evaluate_thresholds(RULE))
    inv=person("investigator"); rev=person("reviewer"); rev2=person("reviewer")
    move_case(inv, case=case,to="triage"); move_case(inv,case=case,to="investigating")
    t("preview", lambda: preview_findings(inv, case=case, selection=Selection(), clauses=["4.2","4.5"]))
    r=t("set violating", lambda: set_finding(inv, case=case, selection=Selection(), finding="violating", reason="r", clauses=["4.2","4.5"]))
    print(r.changed, r.left)
    t("set unclear", lambda: set_finding(inv, case=case, selection=Selection(finding="none"), finding="unclear", reason="r"))
    from enforcement.evidence.services import add_upload
    add_upload(inv, case=case, stream=io.BytesIO(b"x"), filename="x.txt")
    d=t("submit", lambda: submit_decision(inv, case=case, action_kind="suspend", summary="s"))
    print(d.targets_count, d.approvals_needed, d.snapshot.bytes)
    t("view", lambda: get_decision(rev, case_ref=case.ref, round=1))
    t("approve", lambda: approve_decision(rev, decision=d, digest=d.digest, reason="x"))
    t("approve2", lambda: approve_decision(rev2, decision=d, digest=d.digest, reason="x"))
    t("get_case", lambda: get_case(rev, ref=case.ref))
    t("list_subjects", lambda: list_subjects(rev, case=case, finding="violating"))
    t("export", lambda: sum(1 for _ in subjects_for_export(rev, case=case)))
