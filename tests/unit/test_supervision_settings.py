"""The settings of supervision-push."""

from ipaddress import ip_network

import pytest

from linkage_contracts.codes import Clock
from supervision_push.settings import Settings

_OWN_DAY = {Clock.COMMITMENT_CHECK, Clock.BREACH_MENDING}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in {
        "LINKAGE_KAFKA": "127.0.0.1:9092",
        "LINKAGE_MONGO": "mongodb://127.0.0.1/",
        "LINKAGE_PORT": "8000",
        "LINKAGE_MASTER_KEY": "A" * 43 + "=",
    }.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_every_clock_has_a_term_in_working_days_but_those_that_end_on_a_day_of_their_own(
    environment: pytest.MonkeyPatch,
) -> None:
    assert set(Settings().terms.working_days) == set(Clock) - _OWN_DAY


def test_a_place_sets_its_own_terms(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LINKAGE_RECEIPT_WORKING_DAYS", "1")
    assert Settings().terms.working_days[Clock.RECEIPT] == 1


def test_webhook_networks_are_comma_separated(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("LINKAGE_WEBHOOK_NETWORKS", "10.0.0.0/8, 127.0.0.0/8")
    assert Settings().webhook_networks == (ip_network("10.0.0.0/8"), ip_network("127.0.0.0/8"))
