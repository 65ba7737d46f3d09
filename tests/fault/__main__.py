"""``make fault-long``: random faults upon one another under a random load, until time is up."""

import json
import random
import shutil
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from linkage_runtime.command.console import console
from linkage_runtime.stack.folder import StackFolder
from tests.fault.faults import NAMES, freeze, kill, lose, stop, trouble_the_webhook
from tests.fault.ground import proxied_ground
from tests.fault.poison import odd_but_good, poison
from tests.fault.receiver import Mood
from tests.fault.stage import Stage, stage

ROOT = Path(".linkage")
_AT_ONCE = 4
"""The most faults in one round; after each round everything is counted."""


def fault_long(
    minutes: Annotated[float, typer.Option(help="How long.")] = 60.0,
    seed: Annotated[int | None, typer.Option(help="Repeats the chances of a run.")] = None,
) -> None:
    """Go on until time is up, or until something is lost, doubled, disordered or dead."""
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    console.print(f"seed {seed}")
    folder = StackFolder((ROOT / "fault-long").resolve())
    shutil.rmtree(folder.root, ignore_errors=True)
    end = time.monotonic() + 60 * minutes
    chance = random.Random(seed)  # noqa: S311 -- repeatable, not secret
    rounds: list[dict[str, object]] = []
    with (
        proxied_ground(folder) as ground,
        stage(folder, ground, chance=chance, tell=console.print) as world,
    ):
        while time.monotonic() < end:
            rounds.append(_round(world, len(rounds) + 1))
            table = {"seed": seed, "minutes": minutes, "rounds": rounds}
            text = json.dumps(table, ensure_ascii=False, indent=2) + "\n"
            (ROOT / "fault-long.json").write_text(text, encoding="utf-8")


def _round(world: Stage, number: int) -> dict[str, object]:
    chance, begun = world.chance, time.monotonic()
    copies = chance.randint(1, 3)
    sent = world.traffic.emit(chance.randint(50, 300), copies=copies)
    sent += world.traffic.ask_for_eligibility(300)
    done = []
    for name, fault in chance.sample(sorted(_faults(world).items()), chance.randint(1, _AT_ONCE)):
        console.print(f"round {number}: {name}")
        sent += world.traffic.emit(chance.randint(40, 80), copies=copies)
        if name.startswith("kill credit.api"):
            sent += world.traffic.ask_for_eligibility(300)
        fault()
        done.append(name)
    verdict = world.finish(sent, patience=300)
    decisions = verdict.counts["decisions on the log"]
    seconds = round(time.monotonic() - begun, 1)
    console.print(f"round {number}: {decisions} decisions so far, all accounted for, {seconds} s")
    return {"faults": done, "copies": copies, "seconds": seconds, "counts": verdict.counts}


def _faults(world: Stage) -> dict[str, Callable[[], object]]:
    return {
        **{f"kill {name}": partial(kill, world, name) for name in NAMES},
        **{f"stop {name}": partial(stop, world, name) for name in NAMES},
        "kafka killed": partial(lose, world, world.broker, away=world.chance.uniform(0, 45)),
        "database killed": partial(lose, world, world.database, away=world.chance.uniform(0, 45)),
        "kafka frozen": partial(freeze, world.broker.child, seconds=world.chance.uniform(1, 30)),
        "database frozen": partial(
            freeze, world.database.child, seconds=world.chance.uniform(1, 30)
        ),
        **{
            f"freeze {name}": partial(
                freeze, world.process(name).child, seconds=world.chance.uniform(1, 30)
            )
            for name in NAMES
        },
        "poison": partial(poison, world.ground.address, world.book),
        "odd but good": partial(odd_but_good, world.ground.address, world.book),
        **{
            f"webhook {mood}": partial(trouble_the_webhook, world, mood)
            for mood in Mood
            if mood is not Mood.WELL
        },
    }


if __name__ == "__main__":
    typer.run(fault_long)
