"""What is measured, shown and told on a stack that works: no metric, panel or alert on paper."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cache

import httpx
import pytest

from deploy.grafana.__main__ import PAGES
from deploy.grafana.panel import Ask, Panel
from linkage_contracts.topics import DECISIONS
from linkage_runtime.books.quiet import await_quiet
from linkage_runtime.command.seed import seed
from linkage_runtime.demo.acts import show_the_rules
from linkage_runtime.demo.deadlines import show_deadlines
from linkage_runtime.demo.findings import show_findings
from linkage_runtime.demo.run import FILES, clients_at_work, import_files, make_sample
from linkage_runtime.publisher import KafkaPublisher
from linkage_runtime.stack.folder import StackFolder
from linkage_runtime.stack.local import RunningStack, StackPlan, local_stack
from tests import metric_table
from tests.alert_rules import metrics_in, rules
from tests.story.organisations import REGULATOR, Organisation
from tests.story.watchers import Gateway, Prometheus, watching
from tests.watch_tools import run, tool

pytestmark = pytest.mark.story

ASKED = [
    pytest.param(panel, ask, id=f"{page.uid}-{number}-{place}")
    for page in PAGES
    for number, panel in page.panels.items()
    for place, ask in enumerate(panel.asks)
]
PATIENCE_SECONDS = 90.0
PUSH = "supervision-push"
CONDITIONAL = ("linkage_certificate_expiry",)
"""Answers only where something is configured that this stack has not."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A stack that carried the demo's sample, and who watched it."""

    running: RunningStack
    prometheus: Prometheus
    gateway: Gateway
    first: dict[str, str]
    """What each process exported before anything was sent."""
    start: float
    carried: float
    """When everything that moves had been moved."""


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    tool("prometheus")
    folder = StackFolder(tmp_path_factory.mktemp("watched"))
    gateway = Gateway()
    with ExitStack() as parts:
        running = parts.enter_context(local_stack(StackPlan(folder=folder), seed=seed, tell=print))
        address = parts.enter_context(gateway.serving())
        prometheus = parts.enter_context(watching(running, address))
        start = time.time()
        # A look at everything before it begins.
        eventually(lambda: len(prometheus.ask("up == 1")) == len(running.services.running))
        first = {name: httpx.get(url).text for name, url in running.stack.metrics.items()}
        carry_the_sample(running, folder)
        yield Watched(running, prometheus, gateway, first, start, time.time())


def carry_the_sample(running: RunningStack, folder: StackFolder) -> None:
    """What the demo does, a receiver that is not there, and a message that nobody can read."""
    stack, sample = running.stack, folder.root / "sample"
    make_sample(sample, rows=300)
    with clients_at_work(stack, folder):
        with closing(Organisation(stack, REGULATOR)) as regulator:
            body = {"channel": "webhook", "endpoint": "http://127.0.0.1:9/"}
            assert regulator.post(PUSH, "/v1/subscriptions", body).status_code == 201
        import_files(stack, sample, FILES)
        await_quiet(stack.kafka, quiet=2, patience=60)
        for show in (show_the_rules, show_deadlines, show_findings):
            show(stack)
        asyncio.run(poison(stack.kafka))
        await_quiet(stack.kafka, quiet=2, patience=60)


async def poison(kafka: str) -> None:
    publisher = KafkaPublisher(kafka)
    await publisher.send(DECISIONS.name, [(b"nobody", b"not an event", ())])
    await publisher.close()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_promtool_has_nothing_to_say_about_the_metrics_of_any_process(watched: Watched) -> None:
    for url in watched.running.stack.metrics.values():
        assert run("promtool", "check", "metrics", text=httpx.get(url).text) == ""


def test_the_page_of_metrics_names_each_with_its_labels_and_where_it_is(watched: Watched) -> None:
    urls = watched.running.stack.metrics
    texts = {process: httpx.get(url).text for process, url in urls.items()}
    assert metric_table.told() == metric_table.exported(texts)


def test_every_metric_is_there_before_anything_happens(watched: Watched) -> None:
    silent = metric_table.silent(watched.first)
    assert {one for one in silent if not one.startswith(CONDITIONAL)} == set()


@cache
def declared(urls: tuple[str, ...]) -> frozenset[str]:
    """The names of all metrics of all processes."""
    lines = [line for url in urls for line in httpx.get(url).text.splitlines()]
    return frozenset(line.split()[2] for line in lines if line.startswith("# TYPE "))


def test_every_metric_that_a_rule_or_a_panel_names_is_one_of_a_process(watched: Watched) -> None:
    exprs = [rule["expr"] for rule in rules()]
    exprs += [ask.expr for page in PAGES for panel in page.panels.values() for ask in panel.asks]
    exprs += [query for page in PAGES for _, _, query in page.variables]
    wanted = {name for expr in exprs for name in metrics_in(expr)}
    assert wanted - declared(tuple(watched.running.stack.metrics.values())) == set()
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    assert {name for expr in exprs for name in re.findall(r"\blinkage:\S+?:\w+", expr)} <= recorded


def asked(expr: str) -> str:
    """As Grafana would ask it, of a run of minutes."""
    expr = expr.replace("$__rate_interval", "10s").replace("$__range", "10m")
    return re.sub(r"\$\{?\w+\}?", ".*", expr)


@pytest.mark.parametrize(("panel", "ask"), ASKED)
def test_a_panel_answers_and_moves_when_the_demo_does(
    watched: Watched, panel: Panel, ask: Ask
) -> None:
    expr = asked(ask.expr)
    if any(name in expr for name in CONDITIONAL):
        assert watched.prometheus.ask(expr) == []
        return
    while not (panel.quiet or moved(watched, expr)):
        assert time.time() < watched.carried + PATIENCE_SECONDS
        time.sleep(0.5)
    assert watched.prometheus.over(expr, watched.start, time.time())


def moved(watched: Watched, expr: str) -> bool:
    """Whether one of its lines had two values, one and none (NaN), or came up on the way."""
    end = time.time()
    for line in watched.prometheus.over(expr, watched.start, end):
        began, values = float(line["values"][0][0]), {value for _, value in line["values"]}
        if len(values) > 1 or (values != {"NaN"} and began > watched.start + 10):
            return True
    return False


def test_a_dead_letter_is_told_to_the_platform_team_by_its_webhook(watched: Watched) -> None:
    def told() -> bool:
        return bool(watched.gateway.told("/platform", alertname="LinkageDeadLetters"))

    eventually(told)
    (alert, *_) = watched.gateway.told("/platform", reader="credit")
    assert alert["labels"]["topic"] == DECISIONS.name
    assert alert["annotations"]["runbook_url"] == "deploy/runbooks/LinkageDeadLetters.md"
    assert alert["status"] == "firing"


def test_what_an_authority_owes_is_told_to_its_duty_office(watched: Watched) -> None:
    def told() -> bool:
        return bool(watched.gateway.told("/duty", alertname="LinkageDeadlineOverdue"))

    eventually(told)
    alert = watched.gateway.told("/duty", alertname="LinkageDeadlineOverdue")[0]
    assert alert["labels"]["authority"] in watched.running.stack.keys
    assert alert["labels"]["name"] in alert["annotations"]["summary"]


def test_lag_is_0_at_rest(watched: Watched) -> None:
    eventually(
        lambda: all(
            float(one["value"][1]) == 0 for one in watched.prometheus.ask("linkage_lag_messages")
        )
    )


def test_a_process_that_dies_is_noticed_until_it_is_back(watched: Watched) -> None:
    dead = watched.running.services.running["credit.api"]
    noticed = 'ALERTS{alertname="LinkageProcessDown",job="credit",role="api"}'
    dead.child.kill()
    eventually(lambda: bool(watched.prometheus.ask(noticed)))
    dead.start()
    eventually(lambda: not watched.prometheus.ask(noticed))
