"""Regions and item groups as labels: by name as far as the catalogue names them, within a bound."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from approval_events.adapters.prometheus_measurements import PrometheusMeasurements, declare_places
from linkage_runtime.places import PLACES, Places, declare_act_places
from supervision_push.adapters.pushes.push_metrics import count_steps
from supervision_push.domain.steps import Receipt
from tests.unit.push_builders import NOON, a_catalogue, a_push

CATALOGUE = a_catalogue()
REGULATOR = CATALOGUE.authority_by_id[a_push().recipient]
ITEM = CATALOGUE.item_by_code[a_push().items[0].code]


@pytest.fixture(autouse=True)
def _known() -> Iterator[None]:
    declare_places(CATALOGUE)
    yield
    PLACES.__init__()  # type: ignore[misc]


def sample(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def test_a_township_is_told_as_the_nearest_region_that_has_an_authority() -> None:
    assert PLACES.region(REGULATOR.region + "003") == REGULATOR.region
    assert [PLACES.region(one) for one in ("110101", "", "x' or 1=1")] == ["other"] * 3


def test_items_of_one_group_count_once_and_those_off_the_catalogue_as_other() -> None:
    assert PLACES.groups_of([ITEM.code, ITEM.code]) == {ITEM.group}
    assert PLACES.groups_of([ITEM.code, "000199999000"]) == {ITEM.group, "other"}
    assert PLACES.groups_of([]) == {"other"}


def test_beyond_their_bounds_places_are_told_together() -> None:
    places = Places(regions=1, groups=1)
    places.learn(CATALOGUE)
    assert len(places.regions) == len(places.groups) == 2
    assert "other" in places.regions & places.groups
    assert {places.region_of(one.id) for one in CATALOGUE.authorities} == places.regions


def test_answers_are_counted_by_region_and_item_group_from_0() -> None:
    measurements = PrometheusMeasurements()
    region, group = (
        ("linkage_decisions_by_region_total", {"region": REGULATOR.region}),
        ("linkage_decisions_by_group_total", {"item_group": ITEM.group}),
    )
    assert sample(region[0], **region[1], status="conflict") == 0
    assert sample(group[0], **group[1], status="conflict") == 0
    before = [sample(name, **labels, status="rejected") or 0 for name, labels in (region, group)]
    measurements.placed(
        [
            ("rejected", REGULATOR.region, [ITEM.code]),
            ("rejected", REGULATOR.region, [ITEM.code, ITEM.code]),
            ("rejected", "", []),
        ]
    )
    after = [sample(name, **labels, status="rejected") for name, labels in (region, group)]
    assert after == [one + 2 for one in before]


def test_how_long_a_receipt_took_is_told_by_region_and_item_group() -> None:
    gap = "accepted_to_received"
    declare_act_places([gap], of_items={gap})
    names = (
        ("linkage_act_gap_by_region_seconds", {"region": REGULATOR.region}),
        ("linkage_act_gap_by_group_seconds", {"item_group": ITEM.group}),
    )

    def counted(part: str, **bound: str) -> list[float]:
        found = [sample(name + part, gap=gap, **labels, **bound) for name, labels in names]
        assert None not in found
        return [one or 0 for one in found]

    days = {le: counted("_bucket", le=str(86_400.0 * le)) for le in (1, 4)}
    signed = a_push().receive(Receipt(at=NOON + timedelta(days=3), by="clerk"))
    count_steps([(a_push(), signed)])
    assert counted("_bucket", le="345600.0") == [one + 1 for one in days[4]]
    assert counted("_bucket", le="86400.0") == days[1]
