"""Which read models of this service the log alone makes, and how they are made again."""

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from motor.motor_asyncio import AsyncIOMotorClient

from approval_events.adapters.assembly import adapters_over, create_indexes
from approval_events.bootstrap_worker import SERVICE, handlers_for
from linkage_contracts.topics import Topic
from linkage_runtime.mongo import Collection, Database, database
from linkage_runtime.outbox import Outbox
from linkage_runtime.publisher import KafkaPublisher
from linkage_runtime.rebuild.parts import Model, NobodyTold, Rebuilding
from linkage_runtime.settings import RuntimeSettings
from linkage_runtime.settlement import Handle


def rebuilding(
    client: AsyncIOMotorClient[dict[str, Any]], settings: RuntimeSettings, publisher: KafkaPublisher
) -> Rebuilding:
    """Everything but who opened personal data, which no event tells."""
    nobody = cast("KafkaPublisher", NobodyTold())

    def handlers(own: Database) -> Mapping[Topic, Handle]:
        return handlers_for(adapters_over(own, client, settings, nobody))

    async def indexes(own: Database) -> None:
        await create_indexes(adapters_over(own, client, settings, nobody))

    async def sweep(old: Collection) -> object:
        return await Outbox(old, publisher).empty()

    # How often a page was written depends on how its facts came together.
    counted, acted_on = frozenset({"rev"}), partial(Model, sweep=sweep)
    return Rebuilding(
        service=SERVICE,
        database=database(client, "approval_events"),
        models={
            "decisions": Model(),
            "conflicts": Model(),
            "linkages": Model(beside=counted),
            "findings": acted_on(beside=counted),
            "breaches": acted_on(beside=counted),
            "commitments": Model(beside=counted),
            "tolerances": acted_on(beside=counted),
            "incoming_results": acted_on(),
            "ratings": Model(),
        },
        handlers=handlers,
        create_indexes=indexes,
        kept=("openings",),
    )
