"""Puts deadlines together: whose clocks run, and what became of them."""

from linkage_runtime.outbox import Outbox
from supervision_push.adapters.deadlines.mongo_clocks import MongoClocks
from supervision_push.adapters.deadlines.mongo_escalations import MongoEscalations
from supervision_push.adapters.deadlines.mongo_rounds import (
    breach_subject,
    case_subject,
    finding_subject,
)
from supervision_push.adapters.deadlines.mongo_supplements import (
    supplement_subject,
)
from supervision_push.adapters.pushes.push_documents import push_subject
from supervision_push.adapters.results.mongo_results import result_subject
from supervision_push.application.finish_left_behind import Sweep
from supervision_push.wiring import Wiring

_SUBJECTS = {
    "pushes": push_subject,
    "results": result_subject,
    "supplements": supplement_subject,
    "findings": finding_subject,
    "breaches": breach_subject,
    "cases": case_subject,
}
OWES = dict.fromkeys(_SUBJECTS, "authority") | {"pushes": "recipient"}
"""The field that says who owes."""


def clocks_of(wiring: Wiring) -> dict[str, MongoClocks]:
    """The clocks of every collection that has some, by its name."""
    return {
        name: MongoClocks(wiring.database[name], subject_of, outbox_of(wiring, name))
        for name, subject_of in _SUBJECTS.items()
    }


def outbox_of(wiring: Wiring, collection: str) -> Outbox:
    """What the documents of one collection hold to be published."""
    return Outbox(wiring.database[collection], wiring.publisher)


def escalations_of(wiring: Wiring) -> MongoEscalations:
    """What became a superior's business."""
    own = wiring.database["escalations"]
    return MongoEscalations(own, outbox_of(wiring, "escalations"))


def sweeps_of(wiring: Wiring) -> list[Sweep]:
    """What publishes the letters that a dying process left held."""
    return [outbox_of(wiring, name).sweep for name in (*_SUBJECTS, "pool", "escalations")]


async def create_clock_indexes(wiring: Wiring) -> None:
    """Idempotent."""
    await escalations_of(wiring).create_indexes()
    for clocks in clocks_of(wiring).values():
        await clocks.create_indexes()
