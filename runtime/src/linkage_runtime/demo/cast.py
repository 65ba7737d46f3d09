"""Who takes part in the demo: three regulators, each on another channel, and two bureaus."""

import sys
from dataclasses import dataclass

from linkage_runtime.stack.folder import StackFolder, deploy_folder
from linkage_runtime.stack.local import Stack
from linkage_runtime.stack.process import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Regulator:
    """A supervising authority of the sample catalogue, and the program that plays it."""

    organisation: str
    program: str
    hand_over_to: str
    """Whom it suggests when it returns a push: the market regulator of the same county."""


REGULATORS = (
    Regulator(  # 灵山县卫生健康局
        organisation="11450721XN0721135L",
        program="regulator_polling.py",
        hand_over_to="11450721XN0721119Y",
    ),
    Regulator(  # 钦北区卫生健康局
        organisation="11450703XN070313XU",
        program="regulator_kafka.py",
        hand_over_to="11450703XN07031139",
    ),
    Regulator(  # 浦北县卫生健康局
        organisation="11450722XN0722138K",
        program="regulator_webhook.py",
        hand_over_to="11450722XN0722111U",
    ),
)
BUREAUS = ("11450721XN0721012K", "11450722XN0722015J")
"""灵山县 and 浦北县 行政审批局."""


def client_commands(stack: Stack, folder: StackFolder) -> list[Command]:
    """The client programs, each told only addresses and its own key."""
    approval, push = stack.urls["approval-events"], stack.urls["supervision-push"]
    commands = []
    for regulator in REGULATORS:
        own = ("--kafka", stack.kafka) if regulator.program == "regulator_kafka.py" else ()
        commands.append(
            _command(
                folder,
                regulator.program,
                regulator.organisation,
                *("--url", push, "--key", stack.keys[regulator.organisation]),
                *("--hand-over-to", regulator.hand_over_to, *own),
            )
        )
    for bureau in BUREAUS:
        urls = ("--approval-url", approval, "--feed-url", push)
        commands.append(_command(folder, "bureau.py", bureau, *urls, "--key", stack.keys[bureau]))
    return commands


def _command(folder: StackFolder, program: str, organisation: str, *options: str) -> Command:
    name = f"{program.removesuffix('.py')}.{organisation}"
    path = deploy_folder().parent / "demo" / program
    return Command(
        name=name,
        argv=(sys.executable, str(path), "--organisation", organisation, *options),
        log=folder.log(name),
        pid_file=folder.pid_file(name),
    )
