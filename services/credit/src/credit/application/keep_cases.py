"""Keep cases (信用待办): what waits for which authority follows from the acts of a party."""

from collections.abc import Iterable

from credit.domain.cases import cases_of
from credit.ports import ActLedger, CaseLedger, FactLedger
from linkage_contracts.credit_acts import CaseEvent
from linkage_contracts.envelope import Event


async def keep_cases(
    events: Iterable[Event], *, facts: FactLedger, acts: ActLedger, cases: CaseLedger
) -> None:
    """Make anew the cases of the parties that these events are about, once those are stored."""
    for party in sorted({e.partitionkey for e in events if isinstance(e, CaseEvent)}):
        known = await facts.of_party(party)
        authority_of = {fact.fact_id: fact.authority for fact in known}
        await cases.save(cases_of(await acts.of_party(party), authority_of))
