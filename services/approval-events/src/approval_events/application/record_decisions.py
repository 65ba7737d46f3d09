"""Enter the log's decisions into the books: the first content stands, a second is kept and told."""

from collections.abc import Mapping, Sequence

from approval_events.application.close_findings import close_findings
from approval_events.application.finding_ports import FindingBooks
from approval_events.application.matter_ports import MatterBooks
from approval_events.application.ports import (
    ConflictRecord,
    Conflicts,
    DecisionBooks,
    Ledger,
    Measurements,
    Publisher,
)
from approval_events.domain.differences import differences
from approval_events.domain.readings import facts_of
from linkage_contracts.actions import Conflict, ConflictFound
from linkage_contracts.decisions import DecisionEvent
from linkage_contracts.ids import stable_id
from linkage_contracts.topics import ACTIONS
from linkage_runtime.clock import now


async def record_decisions(
    events: Sequence[DecisionEvent],
    *,
    decisions: DecisionBooks,
    conflicts: Conflicts,
    findings: FindingBooks,
    matters: Sequence[MatterBooks],
    ledger: Ledger,
    publisher: Publisher,
    measurements: Measurements,
) -> None:
    """Keep each decision event once, and let its linkage know of it.

    Of two contents under one id the one that stands earlier on the log is kept. The other is told
    to the bureau under an id of its own, so once, however often this runs.
    """
    firsts = {event.id: event for event in reversed(events)}
    known = await decisions.add(list(firsts.values()))
    others = [e for e in events if e is not firsts[e.id] or e.id in known]
    digests = {id_: event.data.digest for id_, event in firsts.items()}
    if others:
        digests |= await decisions.digests([event.id for event in others])
    suspects = [event for event in others if event.data.digest != digests[event.id]]
    if suspects:
        records = await _conflicts(suspects, decisions)
        measurements.conflicts(await conflicts.add(records))
        # Told again even if it was kept before: nobody knows whether it was told then.
        await publisher.publish(ACTIONS, [_told(record) for record in records])
    facts = list(facts_of(event for event in events if event.data.digest == digests[event.id]))
    await ledger.record(facts)
    for books in matters:
        await books.note(facts)
    await close_findings(
        facts,
        findings=findings,
        decisions=decisions,
        publisher=publisher,
        measurements=measurements,
    )


async def _conflicts(
    suspects: Sequence[DecisionEvent], decisions: DecisionBooks
) -> list[ConflictRecord]:
    kept = await decisions.events([event.id for event in suspects])
    records: Mapping[str, ConflictRecord] = {
        record.conflict_id: record
        for event in suspects
        if (record := _conflict(kept[event.id], event)) is not None
    }
    return list(records.values())


def _conflict(kept: DecisionEvent, other: DecisionEvent) -> ConflictRecord | None:
    found = differences(kept.data, other.data)
    if not found:
        return None
    return ConflictRecord(
        conflict_id=stable_id("conflict", other.id, other.data.digest),
        kept_digest=kept.data.digest,
        differences=tuple(difference.pointer for difference in found),
        other=other,
    )


def _told(record: ConflictRecord) -> ConflictFound:
    other = record.other
    return ConflictFound(
        id=record.conflict_id,
        source=other.source,
        subject=other.subject,
        time=other.recordedtime,
        recordedtime=now(),
        partitionkey=other.partitionkey,
        emitter="linkage",
        data=Conflict(
            decision_id=other.subject,
            event_id=other.id,
            authority=other.data.authority.id,
            document_number=other.data.document_number,
            kept_digest=record.kept_digest,
            other_digest=other.data.digest,
            differences=record.differences,
        ),
    )
