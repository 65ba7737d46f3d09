"""Puts together what changes something: acts on credit facts, and draws of whom to inspect."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from credit.application.acting import ActRecorded
from credit.application.amend_facts import correct_fact, withdraw_fact
from credit.application.apply_for_repair import apply_for_repair, withdraw_application
from credit.application.decide_repair import decide_repair, revoke_repair
from credit.application.draw_sample import (
    AnnounceDraw,
    Draw,
    DrawLedger,
    announce_draw,
    check_draw,
    open_draw,
)
from credit.application.handle_objections import (
    decide_objection,
    raise_objection,
    withdraw_objection,
)
from credit.application.keep_lists import enter_list, leave_list
from credit.application.record_overdue import record_overdue
from credit.domain.lists import Lists
from credit.domain.sampling import SamplingPlan
from credit.domain.scorecard import Scorecard, Scorecards
from credit.ports import ActLedger, AllFacts, FactLedger, Publisher
from linkage_runtime.clock import now

Acting = Callable[[Any], Awaitable[ActRecorded]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acts:
    """The acts on credit facts: each takes its command and puts it on the log."""

    withdraw: Acting
    correct: Acting
    raise_objection: Acting
    decide_objection: Acting
    withdraw_objection: Acting
    enter_list: Acting
    leave_list: Acting
    record_overdue: Acting
    apply_for_repair: Acting
    withdraw_application: Acting
    decide_repair: Acting
    revoke_repair: Acting


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Random inspections: announce, open, look at, check."""

    announce: Callable[[AnnounceDraw], Awaitable[Draw]]
    open: Callable[[str, str], Awaitable[Draw]]
    of_id: Callable[[str], Awaitable[Draw | None]]
    check: Callable[[str], Awaitable[tuple[str, ...]]]


def build_acts(
    facts: FactLedger, acts: ActLedger, publisher: Publisher, general: Scorecard, lists: Lists
) -> Acts:
    """Every act over these stores, at the time that it is asked for."""

    def acting(use_case: Callable[..., Awaitable[ActRecorded]], **more: object) -> Acting:
        async def do(command: object) -> ActRecorded:
            return await use_case(command, facts=facts, publisher=publisher, at=now(), **more)

        return do

    return Acts(
        withdraw=acting(withdraw_fact),
        correct=acting(correct_fact),
        raise_objection=acting(raise_objection),
        decide_objection=acting(decide_objection),
        withdraw_objection=acting(withdraw_objection),
        enter_list=acting(enter_list, lists=lists),
        leave_list=acting(leave_list),
        record_overdue=acting(record_overdue),
        apply_for_repair=acting(apply_for_repair, acts=acts, scorecard=general),
        withdraw_application=acting(withdraw_application, acts=acts),
        decide_repair=acting(decide_repair, acts=acts),
        revoke_repair=acting(revoke_repair, acts=acts),
    )


def build_draws(
    facts: AllFacts, draws: DrawLedger, scorecards: Scorecards, plan: SamplingPlan
) -> Draws:
    """Every act on draws over these stores, at the time that it is asked for."""

    async def announce(command: AnnounceDraw) -> Draw:
        return await announce_draw(
            command, facts=facts, draws=draws, scorecards=scorecards, plan=plan, at=now()
        )

    async def open_(draw_id: str, word: str) -> Draw:
        return await open_draw(draw_id, word, draws=draws, at=now())

    return Draws(
        announce=announce,
        open=open_,
        of_id=draws.of_id,
        check=partial(check_draw, draws=draws),
    )
