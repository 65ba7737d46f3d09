"""Where results and actions are forwarded, with everything in memory."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from linkage_contracts.actions import AnyActionEvent
from linkage_contracts.codes import Clock
from linkage_contracts.results import AnyResultEvent
from linkage_runtime.working_days import WorkCalendar
from supervision_push.application.forward_actions import forward_actions
from supervision_push.application.forward_results import FoundResult, forward_results
from supervision_push.domain.terms import Schedule, Terms
from tests.unit.results_fakes import NOON, Log, MemoryResults, OneCatalogue

SCHEDULE = Schedule(
    terms=Terms(
        working_days={
            Clock.RESULT_RECEIPT: 2,
            Clock.ACTION_REPORT: 10,
            Clock.BREACH_FINDING: 10,
            Clock.BREACH_HANDLING: 10,
        },
        commitment_check_months=2,
        warn_after=0.8,
        escalate_working_days=2,
    ),
    calendar=WorkCalendar.load(Path("deploy/calendar")),
)


@dataclass
class Office:
    """Both forwarders, with everything in memory."""

    results: MemoryResults = field(default_factory=MemoryResults)
    log: Log = field(default_factory=Log)

    async def results_in(self, *events: AnyResultEvent) -> None:
        await forward_results(
            [FoundResult(event=event, body=event.to_bytes()) for event in events],
            results=self.results,
            publish=self.log,
            schedule=SCHEDULE,
            clock=lambda: NOON + timedelta(seconds=3),
        )

    async def actions_in(self, *events: AnyActionEvent) -> None:
        await forward_actions(
            events,
            results=self.results,
            catalogues=OneCatalogue(),
            publish=self.log,
            schedule=SCHEDULE,
            clock=lambda: NOON + timedelta(seconds=3),
        )
