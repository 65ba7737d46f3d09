"""What both halves of this service are built from: made once per process by ``bootstrap.wire``."""

from dataclasses import dataclass
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from linkage_runtime.access import ApiKeys
from linkage_runtime.catalogue_store import MongoCatalogues
from linkage_runtime.mongo import Database
from linkage_runtime.outbox import Outbox
from linkage_runtime.personal_data import PersonalVault
from linkage_runtime.publisher import KafkaPublisher
from linkage_runtime.working_days import WorkCalendar
from supervision_push.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """The connections and reference data of one process."""

    settings: Settings
    client: AsyncIOMotorClient[dict[str, Any]]
    database: Database
    """``supervision_push``, with all collections of this service."""
    publisher: KafkaPublisher
    catalogues: MongoCatalogues
    api_keys: ApiKeys
    vault: PersonalVault
    calendar: WorkCalendar
    outbox: Outbox
    """Of ``pushes``."""
    pool_outbox: Outbox
    """Of ``pool``."""
