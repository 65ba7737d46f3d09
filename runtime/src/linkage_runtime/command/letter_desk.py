"""Where `linkage dead-letters` works: the letters meant, what was done about them, and acting."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import typer

from linkage_runtime.clock import SHANGHAI
from linkage_runtime.command.connection import Place
from linkage_runtime.command.console import complain, console
from linkage_runtime.errors import LinkageError
from linkage_runtime.letters.act_on_letters import Plan, Reason, carry_out, plan
from linkage_runtime.letters.kafka_letters import read_letters
from linkage_runtime.letters.letter import Letter, Which
from linkage_runtime.letters.mongo_acts import DATABASE, Act, Done, MongoLetterActs
from linkage_runtime.mongo import connect, database
from linkage_runtime.publisher import KafkaPublisher

_DONE = {Done.REPLAYED: "已重放 replayed", Done.DISCARDED: "已作废 discarded"}


@dataclass(frozen=True, slots=True)
class Desk:
    """What every subcommand works with."""

    letters: list[Letter]
    acts: Mapping[str, Act]
    book: MongoLetterActs
    publisher: KafkaPublisher

    @property
    def waiting(self) -> list[Letter]:
        """Those on which nobody acted, or whose replay was interrupted."""
        over = {id_ for id_, act in self.acts.items() if act.published}
        return [one for one in self.letters if one.id not in over]

    def only(self, letter: str) -> Letter:
        """The one that was asked for.

        Raises:
            LinkageError: there is none.
        """
        if not self.letters:
            raise LinkageError(f"没有此死信 (no such dead letter): {letter}")
        return self.letters[0]

    def state(self, letter: Letter) -> str:
        """What was done about it, by whom and why."""
        return told(self.acts.get(letter.id))

    async def do(self, planned: Plan, reason: Reason, *, yes: bool) -> None:
        """Say what is to be done, and do it if it was said so."""
        for one, act in planned.over:
            console.print(f"– {one.id}: {told(act)}", markup=False, soft_wrap=True)
        for one, why in planned.refused:
            console.print(f"✗ {one.id}: {why}", style="red", markup=False, soft_wrap=True)
        for one in planned.letters:
            console.print(f"→ {one.id} {one.event_id or ''}", markup=False, soft_wrap=True)
        if yes:
            number = await carry_out(planned, reason, acts=self.book, publisher=self.publisher)
            console.print(f"{number} 封{_DONE[planned.done]}")
        else:
            number = len(planned.letters)
            console.print(f"{number} 封将处置;加 --yes 执行 (would be acted on: add --yes)")
        if planned.refused:
            raise typer.Exit(1)


def at_desk(place: Place, which: Which, work: Callable[[Desk], Awaitable[None]]) -> None:
    """Gather the letters that are meant, and work on them."""

    async def run(kafka: str, mongo: str) -> None:
        client, publisher = connect(mongo), KafkaPublisher(kafka)
        try:
            book = MongoLetterActs(database(client, DATABASE))
            letters = [one for one in await read_letters(kafka) if one in which]
            acts = await book.of(one.id for one in letters)
            await work(Desk(letters, acts, book, publisher))
        finally:
            await publisher.close()
            client.close()

    try:
        asyncio.run(run(*place.found()))
    except LinkageError as error:
        complain(error)
        raise typer.Exit(1) from error


def act_on(done: Done, place: Place, which: Which, reason: Reason, *, yes: bool) -> None:
    """Do the same about all that are meant."""

    async def act(desk: Desk) -> None:
        await desk.do(plan(done, desk.letters, desk.acts), reason, yes=yes)

    at_desk(place, which, act)


def told(act: Act | None) -> str:
    """An act, for a person."""
    if act is None:
        return "待处置 waiting"
    left = "" if act.published else "(中断,请重做 interrupted: do it again)"
    edited = "(更正后 edited)" if act.edited else ""
    return f"{_DONE[act.done]}{edited}{left} {act.by} {when(act.at)}: {act.why}"


def when(at: datetime) -> str:
    """A moment, as clerks read it."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
