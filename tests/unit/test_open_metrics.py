"""Duties by authority: those that are open, and those that were done, in time or late."""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from linkage_contracts.codes import Clock
from linkage_runtime.metrics import Bounded
from linkage_runtime.places import Places
from supervision_push.adapters.deadlines import clock_metrics, open_metrics
from supervision_push.adapters.deadlines.clock_metrics import declare_ended
from supervision_push.adapters.deadlines.open_clocks import OpenClocks, Standing
from supervision_push.adapters.deadlines.open_metrics import show_authorities, show_open
from supervision_push.adapters.pushes.push_metrics import count_steps
from supervision_push.domain.push import Push
from supervision_push.domain.steps import Recall, Receipt
from tests.unit.push_builders import NOON, a_catalogue, a_push

CATALOGUE = a_catalogue()
AUTHORITIES = CATALOGUE.authorities
REGULATOR = a_push().recipient


def open_now(authority: str, standing: Standing, clock: Clock = Clock.RECEIPT) -> float | None:
    labels = {"authority": authority, "clock": clock, "standing": standing}
    return REGISTRY.get_sample_value("linkage_clocks_open", labels)


def oldest(authority: str) -> float | None:
    labels = {"authority": authority, "clock": Clock.RECEIPT}
    return REGISTRY.get_sample_value("linkage_clocks_oldest_age_seconds", labels)


def owed(authority: str, days: int = 3, *, item: str | None = None, **counts: int) -> OpenClocks:
    return OpenClocks(
        authority=authority,
        clock=Clock.RECEIPT,
        item=item,
        counts={one: counts.get(one, 0) for one in Standing},
        since=NOON - timedelta(days=days),
    )


def test_every_authority_of_the_catalogue_is_there_from_the_start_and_goes_back_to_0() -> None:
    show_open(AUTHORITIES, [], NOON)
    assert (open_now(REGULATOR, Standing.OVERDUE), oldest(REGULATOR)) == (0, 0)
    show_open(AUTHORITIES, [owed(REGULATOR, overdue=2, in_time=5)], NOON)
    assert (open_now(REGULATOR, Standing.OVERDUE), oldest(REGULATOR)) == (2, 3 * 86_400)
    assert open_now(REGULATOR, Standing.IN_TIME) == 5
    show_open(AUTHORITIES, [], NOON)
    assert (open_now(REGULATOR, Standing.OVERDUE), oldest(REGULATOR)) == (0, 0)


def test_authorities_beyond_the_bound_are_added_up_as_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bound = Bounded(1)
    monkeypatch.setattr(open_metrics, "label_of", bound)
    monkeypatch.setattr(clock_metrics, "label_of", bound)
    rows = [owed("first", overdue=1), owed("b", 5, overdue=2), owed("c", 4, overdue=3)]
    show_open([], [owed("first", overdue=1)], NOON)
    show_open([], rows, NOON)
    assert open_now("other", Standing.OVERDUE) == 5
    assert oldest("other") == 5 * 86_400


def placed(by: str, label: str, place: str) -> float | None:
    labels = {label: place, "clock": Clock.RECEIPT, "standing": Standing.OVERDUE}
    return REGISTRY.get_sample_value(f"linkage_clocks_open_by_{by}", labels)


def test_what_is_open_is_told_by_region_and_by_item_group_and_goes_back_to_0(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places = Places()
    monkeypatch.setattr(open_metrics, "PLACES", places)
    places.learn(CATALOGUE)
    item = CATALOGUE.items[0]
    region = CATALOGUE.authority_by_id[REGULATOR].region
    shown = ("region", "region", region), ("group", "item_group", item.group)
    show_open(AUTHORITIES, [], NOON)
    assert [placed(*one) for one in shown] == [0, 0]
    rows = [
        owed(REGULATOR, overdue=2, item=item.code),
        owed(REGULATOR, overdue=1, item="000199999000"),
        owed("unknown", overdue=4),
    ]
    show_open(AUTHORITIES, rows, NOON)
    assert open_now(REGULATOR, Standing.OVERDUE) == 3
    assert [placed(*one) for one in shown] == [3, 2]
    assert (placed("region", "region", "other"), placed("group", "item_group", "other")) == (4, 1)
    show_open(AUTHORITIES, [], NOON)
    assert [placed(*one) for one in shown] == [0, 0]


def test_an_authority_that_was_renamed_is_told_once() -> None:
    renamed = [AUTHORITIES[0].model_copy(update={"name": "更名后的局"}), *AUTHORITIES[1:]]
    for authorities in (AUTHORITIES, renamed):
        show_authorities(authorities)
    names = [
        one.labels["name"]
        for family in REGISTRY.collect()
        for one in family.samples
        if one.name == "linkage_authority_info"
    ]
    assert sorted(names) == sorted(one.name for one in renamed)


def ended(outcome: str, clock: Clock = Clock.RECEIPT) -> float:
    labels = {"authority": REGULATOR, "clock": clock, "outcome": outcome}
    return REGISTRY.get_sample_value("linkage_clocks_ended_total", labels) or 0.0


def moved(after: Push) -> list[tuple[Push, Push]]:
    return [(a_push(), after)]


def test_a_receipt_is_counted_in_time_or_late_for_who_owed_it() -> None:
    declare_ended(AUTHORITIES)
    before = ended("in_time"), ended("late")
    due = next(one for one in a_push().clocks if one.clock is Clock.RECEIPT).due_at
    count_steps(moved(a_push().receive(Receipt(at=due, by="clerk"))))
    assert (ended("in_time"), ended("late")) == (before[0] + 1, before[1])
    count_steps(moved(a_push().receive(Receipt(at=due + timedelta(seconds=1), by="clerk"))))
    assert (ended("in_time"), ended("late")) == (before[0] + 1, before[1] + 1)


def test_a_recall_stops_clocks_but_does_no_duty() -> None:
    declare_ended(AUTHORITIES)
    before = [ended(outcome, clock) for outcome in ("in_time", "late") for clock in Clock]
    count_steps(moved(a_push().recall(Recall(at=NOON, ended_by="e", reason="许可已撤销"))))
    assert [ended(outcome, clock) for outcome in ("in_time", "late") for clock in Clock] == before
