"""Puts deadlines together: whose clocks run, and who may move them."""

from functools import partial

from fastapi import APIRouter

from linkage_runtime.clock import now
from linkage_runtime.outbox import Outbox
from supervision_push.adapters.deadlines.http_deadlines import deadlines_router
from supervision_push.adapters.deadlines.http_escalations import EscalationViews, escalations_router
from supervision_push.adapters.deadlines.http_supplements import supplements_router
from supervision_push.adapters.deadlines.mongo_clocks import MongoClocks
from supervision_push.adapters.deadlines.mongo_escalations import MongoEscalations
from supervision_push.adapters.deadlines.mongo_rounds import (
    breach_subject,
    case_subject,
    finding_subject,
)
from supervision_push.adapters.deadlines.mongo_supplements import (
    MongoSupplements,
    supplement_subject,
)
from supervision_push.adapters.pushes.push_documents import push_subject
from supervision_push.adapters.results.mongo_results import result_subject
from supervision_push.application.answer_escalations import answer_escalation
from supervision_push.application.finish_left_behind import Sweep
from supervision_push.application.move_deadlines import move_deadlines
from supervision_push.bootstrap import schedule_of
from supervision_push.wiring import Wiring

_SUBJECTS = {
    "pushes": push_subject,
    "results": result_subject,
    "supplements": supplement_subject,
    "findings": finding_subject,
    "breaches": breach_subject,
    "cases": case_subject,
}
_FIXED = frozenset({"cases"})
"""Whose deadlines nobody moves: credit shows the same day by the same term."""
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


def deadline_routers(wiring: Wiring) -> list[APIRouter]:
    """``/v1/pushes/…/clocks/…`` and so on, and ``/v1/escalations``."""
    answers = partial(answer_escalation, escalations=escalations_of(wiring))
    views = EscalationViews(wiring.database["escalations"])
    return [
        escalations_router(answers, views, now),
        supplements_router(MongoSupplements(wiring.database)),
        *(
            deadlines_router(
                name,
                partial(
                    move_deadlines,
                    clocks=clocks,
                    catalogues=wiring.catalogues,
                    schedule=schedule_of(wiring),
                    limits=wiring.settings.limits,
                ),
                wiring.settings.limits,
                now,
            )
            for name, clocks in clocks_of(wiring).items()
            if name not in _FIXED
        ),
    ]
