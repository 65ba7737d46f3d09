"""The ledger of commitments: promised, verified by when and how, kept or broken."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approval_events.domain.commitment import Commitment, CommitmentState, is_about_commitment
from approval_events.domain.drafting import coded
from approval_events.domain.readings import facts_of
from approval_events.domain.submission import SentCommitment
from linkage_contracts import breaches as b
from linkage_contracts.codes import ActionOutcome, DecisionKind, Duty, VerificationMethod
from linkage_contracts.decisions import Commitment as Promise
from linkage_contracts.envelope import Event
from tests.unit.approval_builders import BUREAU, PARTY_CODE, SUPERVISOR
from tests.unit.approval_desk import UNKNOWN, Desk
from tests.unit.approval_loops import DECISION, decided
from tests.unit.breach_desk import BREACH, reported, returned, stepped, suspected
from tests.unit.commitments_desk import checked, committed

State = CommitmentState


def commitment_of(*events: Event) -> Commitment:
    commitment = Commitment(decision_id=DECISION, facts={})
    for fact in facts_of(events):
        if is_about_commitment_at_all(fact):
            commitment = commitment.merge([fact])
    return commitment


def is_about_commitment_at_all(fact: Any) -> bool:
    return fact.kind in {"decided", "fed_back"} | _BREACHES and is_about_commitment(fact)


_BREACHES = {fact.kind for fact in facts_of([suspected(), returned()])} | {
    fact.kind for step in b.BreachEvent.__args__ for fact in facts_of([stepped(step)])
}


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], State.COMMITTED),
        ([checked("符合", duty=Duty.INSPECTION)], State.COMMITTED),
        ([checked("kept")], State.FULFILLED),
        ([checked("已履行")], State.FULFILLED),
        ([checked("基本属实")], State.CHECKED),
        ([checked("broken")], State.SUSPECTED),
        ([checked("broken", 25), checked("kept", 26)], State.FULFILLED),
        ([suspected()], State.SUSPECTED),
        ([suspected(), stepped(b.BreachHeard)], State.SUSPECTED),
        ([suspected(), stepped(b.BreachFound)], State.BROKEN),
        ([suspected(), reported(ActionOutcome.BREACH_CONFIRMED)], State.BROKEN),
        ([suspected(), stepped(b.BreachFound), stepped(b.BreachMended, 50)], State.BROKEN),
        ([checked("broken"), suspected(), stepped(b.BreachDismissed)], State.FULFILLED),
        ([suspected(), returned()], State.COMMITTED),
        ([committed("annulled", 25, DecisionKind.ANNULLED)], State.ENDED),
        ([checked("kept"), committed("annulled", 25, DecisionKind.ANNULLED)], State.FULFILLED),
    ],
)
def test_a_commitment_stands_where_its_checks_and_breaches_put_it(
    events: list[Event], state: CommitmentState
) -> None:
    for order in permutations([committed(), *events]):
        assert commitment_of(*order).state is state


EVENTS: list[Event] = [
    *(committed(), committed("renewed", 25, DecisionKind.RENEWED, Promise(text="新的承诺"))),
    *(checked("kept", 25), checked("broken", 26), suspected(), stepped(b.BreachDismissed)),
]


@settings(deadline=None)
@given(st.permutations(EVENTS))
def test_the_newest_promise_is_told_in_whatever_order_versions_come(events: list[Event]) -> None:
    promised = commitment_of(*events, *events).promised
    assert promised is not None
    assert promised.detail["commitment"] == {"text": "新的承诺"}
    assert commitment_of(*events).state is State.FULFILLED


@pytest.mark.parametrize(
    ("words", "method"),
    [
        ("书面核查", VerificationMethod.WRITTEN),
        ("网络核验", VerificationMethod.ONLINE),
        ("实地", VerificationMethod.ON_SITE),
        ("公示核查", VerificationMethod.PUBLICITY),
        ("on_site", VerificationMethod.ON_SITE),
        ("书面和实地核查", "书面和实地核查"),
        ("委托第三方", "委托第三方"),
        (None, None),
    ],
)
def test_a_method_is_a_code_where_the_words_are_one_and_the_words_where_not(
    words: str | None, method: str | None
) -> None:
    sent = SentCommitment(text="x", method=words)
    promise = coded(sent)
    assert promise is not None
    assert promise.method == method
    assert type(promise) is Promise
    read = Promise.model_validate_json(promise.model_dump_json())
    assert (read, type(read.method)) == (promise, type(method))
    # Words of before the codes stay as they were told.
    assert Promise.model_validate_json('{"text":"x","method":"实地"}').method == "实地"


async def told(desk: Desk, *events: Event) -> None:
    await desk.commitments.note(facts_of(events))


async def test_a_commitment_says_by_when_and_how_it_is_verified_and_what_came_out() -> None:
    desk = Desk()
    await told(desk, committed(), checked("broken"), suspected())
    body = (await desk.call("GET", f"/v1/commitments/{DECISION}")).json()
    assert (body["state"], body["promise"], body["method"]) == (
        *("suspected", "三十日内配齐消防设施", "on_site"),
    )
    # Two months after the decision of 20 November, where neither it nor the item says otherwise.
    assert (body["verify_by"], body["authority"]) == ("2027-01-20", BUREAU)
    assert [check["outcome"] for check in body["checks"]] == ["broken"]
    assert body["breaches"] == [{"breach_id": BREACH, "state": "suspected"}]
    named = committed(promise=Promise(text="x", verify_by=date(2026, 12, 1)))
    other = Desk()
    await told(other, named)
    body = (await other.call("GET", f"/v1/commitments/{DECISION}")).json()
    assert body["verify_by"] == "2026-12-01"


async def test_its_bureau_who_checks_it_and_oversight_see_a_commitment() -> None:
    desk = Desk()
    await told(desk, committed(), checked("kept"), decided("other"))
    for key, status in (("bureau", 200), ("supervisor", 200), ("oversight", 200), ("other", 403)):
        answer = await desk.call("GET", f"/v1/commitments/{DECISION}", key=key)
        assert answer.status_code == status
    assert (await desk.call("GET", f"/v1/commitments/{UNKNOWN}")).status_code == 404
    for query, count in (
        ("", 1),
        ("?state=fulfilled", 1),
        ("?state=broken", 0),
        (f"?party={PARTY_CODE}", 1),
        (f"?party={SUPERVISOR}", 0),
        (f"?after={DECISION}", 0),
    ):
        page = (await desk.call("GET", f"/v1/commitments{query}")).json()
        assert len(page["commitments"]) == count, query
    assert (await desk.call("GET", "/v1/commitments", key="other")).json()["commitments"] == []
