"""``python -m tests.benchmark.credit``: eligibility at the counter, and a pass over all parties.

In one process: the API over ASGI, without a network, on the embedded database; the figures are of
the service's own work. Each is printed, none is a test.
"""

import asyncio
import base64
import os
import random
import resource
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from statistics import quantiles

import httpx
from pydantic import SecretStr

from approval_events.adapters.http_credit import Breaker, HttpCredit, NoCredit
from approval_events.application.accept_decisions import AcceptDecisions, accept_decisions
from approval_events.application.ask_credit import Credit, CreditDesk
from credit.adapters.mongo_facts import MongoFacts
from credit.application.try_scorecard import try_scorecard
from credit.bootstrap import build_credit
from credit.domain.current import current_rating
from credit.domain.facts import Fact, FactKind, Sanction
from credit.entrypoints.api import build
from credit.settings import CreditSettings
from linkage_contracts.codes import PenaltyKind
from linkage_contracts.identity import uscc_check_digit
from linkage_runtime.catalogue_store import MongoCatalogues, read_catalogue
from linkage_runtime.command.console import console
from linkage_runtime.mongo import connect, database
from linkage_runtime.stack.embedded import embedded_mongo
from linkage_runtime.stack.folder import StackFolder
from tests.unit.approval_builders import EMITTER, NOW, YARDSTICK, row
from tests.unit.approval_fakes import Door
from tests.unit.credit_builders import MEASURES, SAMPLE, TODAY, a_fact, scorecard
from tests.unit.credit_desk import KeysInMemory
from tests.unit.noted import NotedRequests

FACTS_EACH = 10
STORED_PARTIES = 2_000
PASSED_PARTIES = int(os.environ.get("PARTIES", "100000"))
ASKED = 4_000
BATCH = 500
TOLERANT_ITEM = "000131901000"
_KINDS = (
    *(FactKind.LICENCE_GRANTED, FactKind.COMMITMENT_MADE, FactKind.INSPECTION_CONFORMS),
    *(FactKind.INSPECTION_FAILS, FactKind.PENALTY_IMPOSED, FactKind.RECTIFICATION_QUALIFIED),
    *(FactKind.BREACH_FOUND, FactKind.BREACH_CONFIRMED, FactKind.LISTED),
)


def party_of(number: int) -> str:
    """A credit code of its own."""
    base = f"91450721MA{number:07}"
    return base + uscc_check_digit(base)


def facts_of(number: int) -> tuple[Fact, ...]:
    """One party's facts, the same each time; most parties have no breach and no list."""
    chance = random.Random(number)  # noqa: S311 -- repeatable, not secret
    kinds = chance.choices(_KINDS, weights=(9, 4, 9, 3, 2, 2, 1, 0.3, 0.1), k=FACTS_EACH)
    sanction = Sanction(kinds=(PenaltyKind.FINE,), fine=Decimal(chance.randrange(50_000)))
    return tuple(
        replace(
            a_fact(kind, f"{number} {nth}", day=TODAY - timedelta(days=chance.randrange(1_500))),
            party=party_of(number),
            sanction=sanction if kind is FactKind.PENALTY_IMPOSED else None,
        )
        for nth, kind in enumerate(kinds)
    )


class MadeFacts:
    """All facts of a city, made as they are read: only one party's are held."""

    async def by_party(self) -> AsyncIterator[tuple[Fact, ...]]:
        """The facts of each party."""
        for number in range(PASSED_PARTIES):
            yield facts_of(number)


async def ask(mongo: str) -> None:
    """Time each answer of ``POST /v1/eligibility``."""
    client = connect(mongo)
    facts = MongoFacts(database(client, "credit")["facts"])
    await facts.create_indexes()
    for number in range(STORED_PARTIES):
        await facts.add(facts_of(number))
    catalogue = read_catalogue(SAMPLE.parents[1] / "catalogue")
    reference = database(client, "linkage_reference")
    await MongoCatalogues(reference["catalogues"]).put_in_force(catalogue)
    client.close()
    settings = CreditSettings(
        kafka="127.0.0.1:1",
        mongo=SecretStr(mongo),
        master_key=SecretStr(base64.b64encode(bytes(32)).decode()),
        scorecards=SAMPLE.parent,
    )
    credit = replace(build_credit(settings), api_keys=KeysInMemory())
    transport = httpx.ASGITransport(app=build(credit, NotedRequests()))
    headers = {"Authorization": "Bearer all"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://credit", headers=headers
    ) as http:
        times = await _ask_all(http)
        of_many = await _ask_at_once(http)
        await pass_the_door(NoCredit())
        without = await pass_the_door(NoCredit())
        with_credit = await pass_the_door(HttpCredit(http, timedelta(seconds=9), Breaker()))
    cuts = quantiles(times, n=100)
    console.print(
        f"eligibility: {len(times)} answers, one at a time, of {STORED_PARTIES} parties: "
        f"p50 {cuts[49]:.1f} ms, p99 {cuts[98]:.1f} ms, most {max(times):.1f} ms"
    )
    console.print(
        f"eligibility at the door: {BATCH} questions of one request, "
        f"{of_many / BATCH * 1_000:.2f} ms CPU a question (the database not in it)"
    )
    console.print(
        f"a decision on a commitment at the door, {BATCH} to a request: "
        f"{without * 1_000:.2f} ms CPU without credit, {with_credit * 1_000:.2f} ms with it, "
        "credit's own work in it"
    )


async def _ask_all(http: httpx.AsyncClient) -> list[float]:
    chance, times = random.Random(1), list[float]()  # noqa: S311 -- repeatable, not secret
    for _ in range(ASKED):
        party = party_of(chance.randrange(STORED_PARTIES))
        question = {"party": party, "item": TOLERANT_ITEM, "use": "tolerance"}
        begun = time.perf_counter()
        answer = await http.post("/v1/eligibility", json=question)
        times.append((time.perf_counter() - begun) * 1_000)
        answer.raise_for_status()
    return times


async def pass_the_door(credit: CreditDesk) -> float:
    """CPU seconds a decision on a commitment costs the door, 500 to a request; Kafka not in it."""
    door = Door()
    asked = Credit(desk=credit, copies=door.credit)
    rows = [
        row(
            number,
            document_number=f"灵审批〔2026〕{number}号",
            party={"kind": "legal_person", "name": "x", "code": party_of(number)},
            commitment={"text": "按告知承诺书"},
        )
        for number in range(BATCH)
    ]
    begun = time.process_time()
    answers = await accept_decisions(
        AcceptDecisions(rows=rows, emitter=EMITTER, at=NOW),
        catalogues=door.catalogues,
        decisions=door.recent,
        credit=asked,
        people=door.people,
        yardstick=YARDSTICK,
        publisher=door.publisher,
        measurements=door.measurements,
    )
    seconds = time.process_time() - begun
    assert {answer.status for answer in answers} == {"accepted"}
    return seconds / BATCH


async def _ask_at_once(http: httpx.AsyncClient) -> float:
    """CPU seconds of one bulk question."""
    questions = [
        {"party": party_of(number), "item": TOLERANT_ITEM, "use": "tolerance"}
        for number in range(BATCH)
    ]
    begun = time.process_time()
    for _ in range(10):
        answer = await http.post("/v1/eligibility:batch", json={"questions": questions})
        answer.raise_for_status()
    return (time.process_time() - begun) / 10


async def pass_over_all() -> None:
    """Rate every party by the sample, and say how fast and in how much memory."""
    begun = time.perf_counter()
    async for _ in MadeFacts().by_party():
        pass
    making = time.perf_counter() - begun
    begun = time.perf_counter()
    trial = await try_scorecard(scorecard(), None, TODAY, facts=MadeFacts())
    seconds = time.perf_counter() - begun - making
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_024
    facts = trial.parties * FACTS_EACH
    console.print(
        f"one pass: {trial.parties} parties, {facts} facts in {seconds:.1f} s: "
        f"{trial.parties / seconds:.0f} parties/s, {facts / seconds:.0f} facts/s, {most} MiB"
    )


def rate_as_the_worker_does() -> None:
    """What the stored rating of a party costs, its course through the days with it."""
    parties = [facts_of(number) for number in range(STORED_PARTIES)]
    begun = time.process_time()
    for known in parties:
        current_rating(known[0].party, known, MEASURES, TODAY)
    each = (time.process_time() - begun) / len(parties)
    console.print(f"stored rating of {FACTS_EACH} facts: {each * 1_000_000:.0f} µs CPU a party")


def main() -> None:
    """Measure all."""
    with tempfile.TemporaryDirectory() as folder, embedded_mongo(StackFolder(Path(folder))) as uri:
        asyncio.run(ask(uri))
    asyncio.run(pass_over_all())
    rate_as_the_worker_does()


if __name__ == "__main__":
    main()
