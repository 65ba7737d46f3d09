"""All adapters of one process, made from its settings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from approval_events.adapters.mongo_breaches import MongoBreaches
from approval_events.adapters.mongo_commitments import MongoCommitments
from approval_events.adapters.mongo_decisions import MongoConflicts, MongoDecisions
from approval_events.adapters.mongo_findings import MongoFindings
from approval_events.adapters.mongo_incoming_results import MongoIncomingResults
from approval_events.adapters.mongo_ledger import MongoLedger
from approval_events.adapters.mongo_openings import MongoOpenings
from approval_events.adapters.mongo_ratings import MongoRatings
from approval_events.adapters.mongo_tolerances import MongoTolerances
from approval_events.adapters.prometheus_measurements import PrometheusMeasurements
from approval_events.adapters.vault_people import VaultPeople
from linkage_contracts.codes import Clock
from linkage_runtime.access import ApiKeys
from linkage_runtime.cached_catalogues import CachedCatalogues
from linkage_runtime.catalogue_store import MongoCatalogues
from linkage_runtime.mongo import Database, connect, database, transient_errors
from linkage_runtime.outbox import Outbox
from linkage_runtime.personal_data import PersonalVault
from linkage_runtime.publisher import KafkaPublisher
from linkage_runtime.settings import RuntimeSettings
from linkage_runtime.working_days import WorkCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapters:
    """What one process works with."""

    client: AsyncIOMotorClient[dict[str, Any]]
    publisher: KafkaPublisher
    measurements: PrometheusMeasurements
    calendar: WorkCalendar
    catalogues: CachedCatalogues
    decisions: MongoDecisions
    conflicts: MongoConflicts
    ledger: MongoLedger
    findings: MongoFindings
    breaches: MongoBreaches
    commitments: MongoCommitments
    tolerances: MongoTolerances
    check_months: int
    """Months to the check of a commitment that names no day, as the other side's clocks have it."""
    breach_terms: Mapping[Clock, int]
    """Working days for a step of a breach, as the other side's clocks have them."""
    results: MongoIncomingResults
    ratings: MongoRatings
    openings: MongoOpenings
    people: VaultPeople
    api_keys: ApiKeys


def adapters_for(settings: RuntimeSettings) -> Adapters:
    """Connect to nothing yet: each connection is made when it is first used."""
    client = connect(settings.mongo.get_secret_value())
    publisher = KafkaPublisher(settings.kafka, settings.kafka_access)
    return adapters_over(database(client, "approval_events"), client, settings, publisher)


def adapters_over(
    own: Database,
    client: AsyncIOMotorClient[dict[str, Any]],
    settings: RuntimeSettings,
    publisher: KafkaPublisher,
) -> Adapters:
    """The same over the collections given: those that serve, or those of a rebuild."""
    access = database(client, "linkage_access")
    incoming, found, broken = own["incoming_results"], own["findings"], own["breaches"]
    return Adapters(
        client=client,
        publisher=publisher,
        measurements=PrometheusMeasurements(),
        calendar=WorkCalendar.load(settings.calendar_dir),
        catalogues=CachedCatalogues(
            MongoCatalogues(database(client, "linkage_reference")["catalogues"])
        ),
        decisions=MongoDecisions(own["decisions"]),
        conflicts=MongoConflicts(own["conflicts"]),
        ledger=MongoLedger(own["linkages"]),
        findings=MongoFindings(found, Outbox(found, publisher)),
        breaches=MongoBreaches(broken, Outbox(broken, publisher)),
        commitments=MongoCommitments(own["commitments"]),
        tolerances=MongoTolerances(own["tolerances"], Outbox(own["tolerances"], publisher)),
        check_months=settings.commitment_check_months,
        breach_terms={
            Clock.BREACH_HEARING: settings.breach_hearing_working_days,
            Clock.BREACH_FINDING: settings.breach_finding_working_days,
            Clock.BREACH_HANDLING: settings.breach_handling_working_days,
        },
        results=MongoIncomingResults(incoming, Outbox(incoming, publisher)),
        ratings=MongoRatings(own["ratings"]),
        openings=MongoOpenings(own["openings"]),
        people=VaultPeople(PersonalVault(access["personal_keys"], settings.master)),
        api_keys=ApiKeys(access["api_keys"]),
    )


async def create_indexes(adapters: Adapters) -> None:
    """Create what queries need; done again, changes nothing."""
    with transient_errors():
        for store in (
            adapters.decisions,
            adapters.conflicts,
            adapters.ledger,
            adapters.findings,
            adapters.breaches,
            adapters.commitments,
            adapters.tolerances,
            adapters.results,
            adapters.openings,
        ):
            await store.create_indexes()


async def close(adapters: Adapters) -> None:
    """Flush what is on its way to Kafka, and disconnect."""
    await adapters.publisher.close()
    adapters.client.close()
