"""Gather facts: what a batch of events tells about parties, each fact kept once."""

from collections.abc import Iterable
from dataclasses import dataclass

from credit.application.keep_cases import keep_cases
from credit.domain.derivation import facts_of
from credit.domain.facts import Fact
from credit.ports import ActLedger, CaseLedger, FactLedger
from linkage_contracts.envelope import Event
from linkage_contracts.topics import CREDIT_ACTS


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredFacts:
    """What a batch told."""

    parties: frozenset[str]
    """Every party that it touched, also where its facts were known: a repeat must rate again."""
    new: tuple[Fact, ...]


async def gather_facts(
    events: Iterable[Event], *, facts: FactLedger, acts: ActLedger, cases: CaseLedger
) -> GatheredFacts:
    """Store the facts of a batch in one write, acts on facts as they stand in another.

    What authorities have to decide follows from those; mostly there is nothing.
    """
    events = tuple(events)
    await acts.add([event for event in events if isinstance(event, CREDIT_ACTS.event_types)])
    told = {fact.fact_id: fact for event in events for fact in facts_of(event)}
    new = await facts.add(tuple(told.values()))
    await keep_cases(events, facts=facts, acts=acts, cases=cases)
    return GatheredFacts(parties=frozenset(fact.party for fact in told.values()), new=new)
