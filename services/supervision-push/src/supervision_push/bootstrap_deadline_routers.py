"""Puts the routes of deadlines together: who may move them, and who answers for them."""

from functools import partial

from fastapi import APIRouter

from linkage_runtime.clock import now
from supervision_push.adapters.deadlines.http_deadlines import deadlines_router
from supervision_push.adapters.deadlines.http_escalations import EscalationViews, escalations_router
from supervision_push.adapters.deadlines.http_supplements import supplements_router
from supervision_push.adapters.deadlines.mongo_supplements import MongoSupplements
from supervision_push.application.answer_escalations import answer_escalation
from supervision_push.application.move_deadlines import move_deadlines
from supervision_push.bootstrap import schedule_of
from supervision_push.bootstrap_deadlines import clocks_of, escalations_of
from supervision_push.wiring import Wiring

_FIXED = frozenset({"cases"})
"""Whose deadlines nobody moves: credit shows the same day by the same term."""


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
