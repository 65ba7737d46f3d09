"""Every alert by Prometheus' own test of rules: it fires, it does not fire, it ends."""

from tests.alert_rules import PROMETHEUS
from tests.watch_tools import run


def test_every_alert_fires_when_it_should_and_only_then_and_ends() -> None:
    run("promtool", "check", "rules", *map(str, (PROMETHEUS / "rules").glob("*.yml")))
    run("promtool", "test", "rules", *map(str, (PROMETHEUS / "tests").glob("*.yml")))
