"""Tolerance supplements (容缺): when they are due, and what settles them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from linkage_contracts.catalogue import Catalogue
from linkage_contracts.codes import Clock, DecisionKind
from linkage_contracts.decisions import DecisionEvent, Tolerance
from linkage_contracts.generate import ROOT
from linkage_contracts.tolerances import ToleranceSupplemented
from linkage_contracts.topics import PROGRESS
from supervision_push.adapters.deadlines.mongo_supplements import (
    supplement_document,
    supplement_subject,
)
from supervision_push.application.open_supplements import open_supplements, settle_supplements
from supervision_push.domain.ending import ending_of
from supervision_push.domain.supplement import Settled, Superseding, Supplement
from tests.unit.clock_fakes import FakeClocks, chase
from tests.unit.push_builders import (
    BUREAU,
    FACTORY,
    FOOD,
    OVERSIGHT,
    a_catalogue,
    a_decision,
    a_schedule,
    arrived,
)
from tests.unit.push_fakes import FakeCatalogues, FakePublisher, FakeRecalls

PLAN = Tolerance(missing=("平面图",))
CONTRACT = Tolerance(missing=("租赁合同",))


@dataclass
class FakeSupplements:
    """See ``Supplements``."""

    stored: dict[str, Supplement] = field(default_factory=dict)
    settled: dict[str, datetime] = field(default_factory=dict)

    async def open(self, supplements: Sequence[Supplement]) -> None:
        """See the port."""
        for one in supplements:
            self.stored.setdefault(one.supplement_id, one)

    async def settle(self, settled: Sequence[Settled]) -> None:
        """See the port."""
        self.settled |= {one.supplement_id: one.at for one in settled}
        await self.stop_settled(list(self.settled))

    async def stop_settled(self, supplement_ids: Sequence[str]) -> None:
        """See the port."""
        for key in self.stored.keys() & self.settled.keys() & set(supplement_ids):
            one = self.stored[key]
            self.stored[key] = replace(one, clock=one.clock.stopped(self.settled[key]))

    async def stop(self, superseding: Sequence[Superseding]) -> None:
        """See the port."""
        for later in superseding:
            for key, one in self.stored.items():
                earlier = one.decision_id == later.decision_id and one.version < later.version
                if earlier and key != later.carries_on:
                    self.stored[key] = replace(one, clock=one.clock.stopped(later.at))

    @property
    def running(self) -> list[tuple[str, ...]]:
        return [one.missing for one in self.stored.values() if one.clock.runs]


def promising(days: int, regime: str = "after_supplement") -> Catalogue:
    content = a_catalogue().model_dump()
    for item in content["items"]:
        item["promised_days"] = days if item["code"] == FOOD else 20
        item["tolerance"] = regime
    return Catalogue.model_validate(content)


async def took(*events: DecisionEvent, catalogue: Catalogue | None = None) -> FakeSupplements:
    supplements, recalls = FakeSupplements(), FakeRecalls()
    for event in events:
        await recalls.put([ending for ending in [ending_of(event)] if ending])
        await open_supplements(
            arrived(event),
            supplements=supplements,
            recalls=recalls,
            catalogues=FakeCatalogues(catalogue or a_catalogue()),
            schedule=a_schedule(),
        )
    return supplements


def lacking(tolerance: Tolerance | None = PLAN, **more: Any) -> DecisionEvent:
    return a_decision(a_catalogue(), tolerance=tolerance, **more)


def amended(tolerance: Tolerance | None = None, day: int = 25) -> DecisionEvent:
    on = date(2026, 11, day)
    return a_decision(a_catalogue(), DecisionKind.AMENDED, on=on, tolerance=tolerance)


@pytest.mark.parametrize(
    ("promised", "items", "expected"),
    [(8, (FOOD,), 6), (30, (FOOD,), 20), (1, (FOOD,), 1), (8, (FOOD, FACTORY), 6), (8, ("?",), 20)],
)
async def test_it_is_due_some_days_before_the_promised_term_and_within_twenty(
    promised: int, items: tuple[str, ...], expected: int
) -> None:
    catalogue = promising(promised)
    event = a_decision(catalogue, items=items, tolerance=PLAN)
    (one,) = (await took(event, catalogue=catalogue)).stored.values()
    assert (one.clock.clock, one.clock.working_days) == (Clock.TOLERANCE_SUPPLEMENT, expected)
    assert one.clock.counts_from == date(2026, 11, 23)


async def test_where_the_licence_came_first_the_promised_term_bounds_nothing() -> None:
    catalogue = promising(8, "licence_first")
    event = a_decision(catalogue, tolerance=PLAN)
    (one,) = (await took(event, catalogue=catalogue)).stored.values()
    assert one.clock.working_days == 20


async def test_it_runs_from_the_acceptance_where_the_decision_names_its_day() -> None:
    event = lacking(accepted_on=date(2026, 11, 20))
    (one,) = (await took(event)).stored.values()
    assert one.clock.counts_from == date(2026, 11, 20)


async def test_it_is_due_by_the_day_that_the_decision_names() -> None:
    by = date(2026, 12, 10)
    supplements = await took(lacking(Tolerance(missing=("平面图",), supplement_by=by)))
    (one,) = supplements.stored.values()
    assert one.clock.due_on == by


async def test_what_lacks_nothing_or_was_refused_opens_none() -> None:
    refused = a_decision(a_catalogue(), DecisionKind.REFUSED, tolerance=PLAN)
    assert (await took(lacking(None), refused)).stored == {}


async def test_a_later_version_without_the_tolerance_settles_it() -> None:
    assert (await took(lacking())).running == [("平面图",)]
    assert (await took(lacking(), amended())).running == []


async def test_a_later_version_that_still_lacks_it_changes_nothing() -> None:
    supplements = await took(lacking(), amended(PLAN))
    assert supplements.running == [("平面图",)]
    assert len(supplements.stored) == 1


async def test_a_later_version_that_lacks_something_else_opens_another() -> None:
    assert (await took(lacking(), amended(CONTRACT))).running == [("租赁合同",)]


async def test_the_first_version_read_again_opens_nothing_that_was_settled() -> None:
    first = lacking()
    assert (await took(first, amended(), first)).running == []
    assert (await took(first, amended(CONTRACT), first)).running == [("租赁合同",)]


@pytest.mark.parametrize(
    "kind", [DecisionKind.ANNULLED, DecisionKind.WITHDRAWN, DecisionKind.DEREGISTERED]
)
async def test_an_ending_settles_it_in_whatever_order_they_are_read(kind: DecisionKind) -> None:
    ended = a_decision(a_catalogue(), kind, on=date(2026, 11, 26), tolerance=PLAN)
    for order in permutations([lacking(), ended]):
        assert (await took(*order)).running == []


async def test_versions_of_one_day_that_came_in_one_batch_are_kept_in_order() -> None:
    supplements, first, second = FakeSupplements(), lacking(), amended(day=23)
    await open_supplements(
        arrived(first, second),
        supplements=supplements,
        recalls=FakeRecalls(),
        catalogues=FakeCatalogues(a_catalogue()),
        schedule=a_schedule(),
    )
    assert first.recordedtime == second.recordedtime
    assert supplements.running == []


async def test_the_bureau_is_warned_pressed_and_escalated_like_anybody() -> None:
    (one,) = (await took(lacking())).stored.values()
    publisher = FakePublisher()
    clocks = FakeClocks.of(supplement_subject(supplement_document(one)))
    for at in (one.clock.warn_at, one.clock.escalate_at + timedelta(minutes=1)):
        await chase(clocks, publisher, at)
    assert [event.type.split(".")[2] for event in publisher.feed_of(BUREAU)] == [
        "warned",
        "overdue",
        "escalated",
    ]
    assert len(publisher.feed_of(OVERSIGHT)) == 1
    told: Any = publisher.on(PROGRESS)[0]
    assert (told.data.clock, told.data.decision_id) == ("tolerance_supplement", one.decision_id)
    assert told.data.push_id is None


async def test_the_bureaus_word_stops_it_whichever_comes_first() -> None:
    event = lacking()
    (one,) = (await took(event)).stored.values()
    golden = ROOT / "examples" / "linkage.action.tolerance-supplemented.v1.json"
    said = ToleranceSupplemented.model_validate_json(golden.read_bytes())
    word = said.data.model_copy(update={"supplement_id": one.supplement_id})
    said = said.model_copy(update={"data": word})
    for first in (True, False):
        supplements = FakeSupplements()
        if first:
            await settle_supplements([said], supplements=supplements)
        await open_supplements(
            arrived(event),
            supplements=supplements,
            recalls=FakeRecalls(),
            catalogues=FakeCatalogues(a_catalogue()),
            schedule=a_schedule(),
        )
        assert bool(supplements.running) is not first
        await settle_supplements([said], supplements=supplements)
        assert supplements.running == []
