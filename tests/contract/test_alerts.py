"""Every alert can be acted on: who, what, where to look, what to do, and a test of its own."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from deploy.grafana.__main__ import PAGES
from deploy.grafana.panel import alerts_explained
from linkage_runtime.command.main import app
from linkage_runtime.stack.folder import deploy_folder
from tests.alert_rules import PROMETHEUS, alerts
from tests.watch_tools import run

ROOT = deploy_folder().parent
RUNBOOKS = sorted((deploy_folder() / "runbooks").glob("*.md"))
NAMES = sorted({rule["alert"] for rule in alerts()})
CASES = yaml.safe_load((PROMETHEUS / "tests" / "alerts.yml").read_text("utf-8"))["tests"]
CHAPTERS = ["含义 What it means", "查看 How to see it", "处置 What to do"]
each_alert = pytest.mark.parametrize(
    "rule", alerts(), ids=lambda rule: f"{rule['alert']}-{rule['labels']['severity']}"
)
each_runbook = pytest.mark.parametrize("runbook", RUNBOOKS, ids=lambda runbook: runbook.stem)


@each_alert
def test_an_alert_says_how_bad_it_is_for_whom_and_what_in_both_languages(
    rule: dict[str, Any],
) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["labels"]["team"] in {"platform", "duty"}
    for text in (rule["annotations"][name] for name in ("summary", "description")):
        assert re.search(r"[一-鿿]{2}", text)
        assert re.search(r"[A-Za-z]{3} .*[a-z]{2}", re.sub(r"\{\{.*?\}\}", "", text))


@each_alert
def test_an_alert_leads_to_its_runbook_and_to_the_panel_that_explains_it(
    rule: dict[str, Any],
) -> None:
    annotations = rule["annotations"]
    assert annotations["runbook_url"] == f"deploy/runbooks/{rule['alert']}.md"
    assert (ROOT / annotations["runbook_url"]).is_file()
    assert annotations["dashboard"] == alerts_explained(PAGES)[rule["alert"]]


@each_alert
def test_an_alert_has_a_test_in_which_it_is_quiet_fires_and_ends(rule: dict[str, Any]) -> None:
    fires = f'alertname="{rule["alert"]}",severity="{rule["labels"]["severity"]}"'
    asked = [
        [len(one["exp_samples"]) for one in case["promql_expr_test"] if fires in one["expr"]]
        for case in CASES
    ]
    assert [0, 1, 0] in asked


def test_there_is_no_runbook_without_an_alert() -> None:
    assert [runbook.stem for runbook in RUNBOOKS] == NAMES


@each_runbook
def test_a_runbook_says_what_how_to_see_it_what_to_do_and_when_it_is_over(runbook: Path) -> None:
    text = runbook.read_text("utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        *CHAPTERS,
        "结束 How to know it is over",
    ]
    for link in re.findall(r"\]\((.+?)\)", text):
        assert (runbook.parent / link).is_file()


def commands_in(text: str) -> list[list[str]]:
    """What follows ``linkage`` in blocks and inline code."""
    blocks = re.findall(r"```sh\n(.+?)```", text, re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    lines += re.findall(r"`([^`\n]+)`", re.sub(r"```.+?```", "", text, flags=re.DOTALL))
    return [shlex.split(line)[1:] for line in lines if line.startswith("linkage ")]


@each_runbook
def test_the_commands_of_a_runbook_exist_as_they_are_written(
    runbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("LINKAGE_KAFKA", "127.0.0.1:1")
    monkeypatch.setenv("LINKAGE_MONGO", "mongodb://127.0.0.1:1")
    for words in commands_in(runbook.read_text("utf-8")):
        command: Any = typer.main.get_command(app)
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        command.make_context(command.name, words)


def test_the_check_of_commands_would_notice_one_that_is_not_there() -> None:
    assert commands_in("`linkage trace X`\n```sh\nlinkage nonsense\n```") == [
        ["nonsense"],
        ["trace", "X"],
    ]


def test_prometheus_and_alertmanager_take_their_configuration() -> None:
    run("promtool", "check", "config", str(PROMETHEUS / "prometheus.yml"))
    run("amtool", "check-config", str(PROMETHEUS / "alertmanager.yml"))


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ({"team": "platform", "severity": "critical"}, "platform-team"),
        ({"team": "duty", "authority": "other"}, "duty-office-of-the-region"),
        (
            {"team": "duty", "authority": "11450721XN0721119Y"},
            "duty-office-11450721XN0721119Y",
        ),
    ],
)
def test_an_alert_reaches_who_can_mend_it(labels: dict[str, str], receiver: str) -> None:
    config = f"--config.file={PROMETHEUS / 'alertmanager.yml'}"
    said = run(
        "amtool", "config", "routes", "test", config, *(f"{k}={v}" for k, v in labels.items())
    )
    assert said.split()[0] == receiver
