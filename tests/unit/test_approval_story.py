"""The story of a linkage, and who may read it."""

import pytest

from approval_events.application.tell_story import (
    LinkageUnknownError,
    NotPartOfItError,
    Reader,
    tell_story,
)
from approval_events.domain.readings import facts_of
from linkage_contracts.codes import DecisionKind
from tests.unit.approval_builders import (
    BUREAU,
    OTHER_BUREAU,
    OVERSIGHT,
    SUPERVISOR,
)
from tests.unit.approval_fakes import (
    FakeCatalogues,
    FakeLedger,
)
from tests.unit.approval_loops import (
    ALL_DUTIES,
    DECISION,
    decided,
    forwarded,
    found,
    opened,
    overdue,
    received,
    report_forwarded,
    reported,
    result_received,
    returned,
)

EVENTS = (
    *(report_forwarded(), reported(), result_received(), forwarded(), found(requests=True)),
    *(received(), opened(owes=ALL_DUTIES), decided()),
)


async def ledger() -> FakeLedger:
    ledger = FakeLedger()
    await ledger.record(facts_of(EVENTS))
    return ledger


def reader(*organisations: str, oversees: bool = False) -> Reader:
    return Reader(organisations=frozenset(organisations), oversees=oversees)


async def test_the_story_is_told_in_order_with_who_and_how_long() -> None:
    told = await tell_story(
        DECISION, reader(BUREAU), ledger=await ledger(), catalogues=FakeCatalogues()
    )
    assert [(step.what, step.who, step.after_seconds) for step in told.steps] == [
        ("linkage.decision.issued.v1", "灵山县行政审批局", 0),
        ("linkage.push.opened.v1", "灵山县市场监督管理局", 60),
        ("linkage.push.received.v1", "灵山县市场监督管理局 李监管", 180),
        ("linkage.result.clue-raised.v1", "灵山县市场监督管理局", 1200),
        ("linkage.result.forwarded.v1", "灵山县行政审批局", 1260),
        ("linkage.action.result-received.v1", "灵山县行政审批局 王审批", 1320),
        ("linkage.action.reported.v1", "灵山县行政审批局 王审批", 1380),
        ("linkage.report.forwarded.v1", "灵山县市场监督管理局", 1440),
    ]


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (decided(), "granted 灵审批〔2026〕1号 2026-11-20"),
        (decided("x", 0, DecisionKind.ANNULLED), "撤1号"),
        (opened(owes=ALL_DUTIES), "receipt、enrolment、inspection"),
        (returned(), "非职责"),
        (found(requests=True), "annul"),
        (reported(), "annulled 已撤销"),
        (overdue(), "receipt 期限 due: 2026-11-24"),
    ],
)
async def test_each_step_says_what_it_was_about(event: object, words: str) -> None:
    ledger = FakeLedger()
    await ledger.record(facts_of([decided(), event]))  # type: ignore[list-item]
    told = await tell_story(DECISION, reader(BUREAU), ledger=ledger, catalogues=FakeCatalogues())
    assert any(words in step.detail for step in told.steps)


@pytest.mark.parametrize(
    "who",
    [reader(BUREAU), reader(SUPERVISOR), reader("platform", BUREAU), reader("x", oversees=True)],
)
async def test_those_who_are_part_of_it_may_read_it(who: Reader) -> None:
    told = await tell_story(DECISION, who, ledger=await ledger(), catalogues=FakeCatalogues())
    assert told.linkage.decision_id == DECISION


@pytest.mark.parametrize("organisation", [OTHER_BUREAU, OVERSIGHT])
async def test_others_may_not(organisation: str) -> None:
    with pytest.raises(NotPartOfItError):
        await tell_story(
            DECISION, reader(organisation), ledger=await ledger(), catalogues=FakeCatalogues()
        )


async def test_an_unknown_linkage_is_not_known_yet() -> None:
    with pytest.raises(LinkageUnknownError):
        await tell_story(DECISION, reader(BUREAU), ledger=FakeLedger(), catalogues=FakeCatalogues())
