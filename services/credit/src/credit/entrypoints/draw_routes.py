"""Random inspections (双随机): announce a draw, open it, look at it, check it."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from credit.application.draw_sample import AnnounceDraw, Draw, DrawRefusedError
from credit.domain.sampling import Share, Visit
from credit.domain.scorecard import Scorecards
from credit.entrypoints.answers import NOTICE
from credit.entrypoints.wiring import Service
from linkage_contracts.ids import Id
from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError

router = APIRouter(prefix="/v1/draws", tags=["双随机 random inspections"])

By = Annotated[Caller, Depends(caller_with(Scope.DRAW_SAMPLES))]


class ShareRequest(BaseModel):
    """One authority that draws, and from whom."""

    model_config = ConfigDict(extra="forbid")

    authority: str = Field(min_length=1, max_length=64)
    domain: str = Scorecards.GENERAL


class DrawRequest(BaseModel):
    """Several authorities draw together, so that whom they share gets one visit (综合查一次)."""

    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    authorities: tuple[ShareRequest, ...] = Field(min_length=1, max_length=50)


class OpeningRequest(BaseModel):
    """A word that nobody could know at the announcement, such as that day's lottery numbers."""

    model_config = ConfigDict(extra="forbid")

    word: str = Field(min_length=1, max_length=200)


class DrawAnswer(BaseModel):
    """A draw; the seed and the visits once it is opened."""

    notice: str = NOTICE
    draw_id: str
    title: str
    by: str
    on: date
    plan: str
    authorities: tuple[Share, ...]
    parties: int
    population_digest: str
    commitment: str
    """SHA-256 of the seed: may be published, and proves afterwards that the seed was this one."""
    announced_at: datetime
    opened_at: datetime | None
    seed: str | None
    word: str | None
    visits: tuple[Visit, ...]
    left_alone: tuple[str, ...]
    """Whom other draws drew since the announcement: they are not drawn again."""

    @classmethod
    def of(cls, draw: Draw) -> "DrawAnswer":
        """The draw as it is shown."""
        return cls(
            draw_id=draw.draw_id,
            title=draw.title,
            by=draw.by,
            on=draw.on,
            plan=draw.plan.version,
            authorities=draw.shares,
            parties=draw.parties,
            population_digest=draw.population_digest,
            commitment=draw.commitment,
            announced_at=draw.announced_at,
            opened_at=draw.opened_at,
            seed=draw.seed if draw.opened_at else None,
            word=draw.word,
            visits=draw.visits,
            left_alone=draw.left_alone,
        )


class CheckAnswer(BaseModel):
    """Whether population, seed and visits are what was announced and drawn."""

    draw_id: str
    holds: bool
    broken: tuple[str, ...]


@router.post("", status_code=201)
async def announce(asked: DrawRequest, by: By, credit: Service) -> DrawAnswer:
    """Freeze who may be drawn, and commit to a seed that nobody sees yet."""
    shares = tuple(Share(authority=a.authority, domain=a.domain) for a in asked.authorities)
    command = AnnounceDraw(title=asked.title, shares=shares, by=by.organisation)
    try:
        return DrawAnswer.of(await credit.draws.announce(command))
    except DrawRefusedError as error:
        raise ProblemError(422, str(error)) from error


@router.post("/{draw_id}/opening")
async def open_(draw_id: Id, asked: OpeningRequest, by: By, credit: Service) -> DrawAnswer:
    """Draw, by whoever announced it; done again with the same word it is the same draw."""
    known = await _known(draw_id, credit)
    if known.by != by.organisation:
        raise ProblemError(403, "由发起单位开启 (only who announced it may open it)")
    try:
        return DrawAnswer.of(await credit.draws.open(known.draw_id, asked.word))
    except DrawRefusedError as error:
        raise ProblemError(409, str(error)) from error


@router.get("/{draw_id}")
async def show(draw_id: Id, _: By, credit: Service) -> DrawAnswer:
    """A draw as it stands."""
    return DrawAnswer.of(await _known(draw_id, credit))


@router.get("/{draw_id}/check")
async def check(draw_id: Id, _: By, credit: Service) -> CheckAnswer:
    """Draw again from what was kept, and compare."""
    known = await _known(draw_id, credit)
    broken = await credit.draws.check(known.draw_id)
    return CheckAnswer(draw_id=known.draw_id, holds=not broken, broken=broken)


async def _known(draw_id: str, credit: Service) -> Draw:
    known = await credit.draws.of_id(draw_id)
    if known is None:
        raise ProblemError(404, "没有此次抽查 (no such draw)")
    return known
