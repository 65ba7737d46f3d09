"""``POST /v1/feeds/{organisation}:replay``: for an organisation that lost its database."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from linkage_runtime.access import Caller, Scope
from linkage_runtime.http.access import caller_with
from linkage_runtime.http.problems import ProblemError
from linkage_runtime.sent import PlausibleMoment, no_resident_id
from supervision_push.adapters.feeds.http_feeds import cursor_in
from supervision_push.application.replay_to_organisation import (
    Again,
    ReplayedToOrganisation,
    ReplayPorts,
    ReplayToOrganisation,
    replay_to_organisation,
)
from supervision_push.domain.cursor import BadCursorError, Cursor, OtherEpochError

_Text = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]


class WantedReplay(BaseModel):
    """From a cursor, or from a time; one of the two."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[str | None, StringConstraints(max_length=200)] = None
    since: PlausibleMoment | None = None
    by: Annotated[_Text, AfterValidator(no_resident_id)]
    """Who asks for it: an account or staff number."""
    why: _Text
    dry_run: Annotated[bool, Field(description="Only count; the default.")] = True

    @property
    def start(self) -> Cursor | datetime:
        """Where it begins.

        Raises:
            ProblemError: neither or both are given.
        """
        if (self.cursor is None) == (self.since is None):
            raise ProblemError(422, "cursor 和 since 须填其一 (give a cursor or a time, not both)")
        return self.since if self.cursor is None and self.since else cursor_in(self.cursor or "")


def replays_router(ports: ReplayPorts) -> APIRouter:
    """The route; for the operator alone."""
    router = APIRouter(tags=["feeds 信息流"])

    @router.post("/v1/feeds/{organisation}:replay", summary="重发 Deliver a feed again")
    async def replay(
        organisation: str,
        wanted: WantedReplay,
        _: Annotated[Caller, Depends(caller_with(Scope.ADMINISTER))],
    ) -> dict[str, Any]:
        """Counts; without ``dry_run`` every subscription that is sent entries goes back."""
        command = ReplayToOrganisation(
            organisation=organisation,
            start=wanted.start,
            by=wanted.by,
            why=wanted.why,
            dry_run=wanted.dry_run,
        )
        try:
            return _view(await replay_to_organisation(command, ports=ports), command)
        except (OtherEpochError, BadCursorError) as error:
            raise ProblemError(422, str(error)) from error

    return router


def _view(done: ReplayedToOrganisation, command: ReplayToOrganisation) -> dict[str, Any]:
    first, last = done.stretch.first, done.stretch.last
    return {
        "entries": done.stretch.entries,
        "first_at": first.stored_at if first else None,
        "last_at": last.stored_at if last else None,
        "cursor": done.stretch.after.encode(),
        "subscriptions": [_again_view(one, command) for one in done.again],
    }


def _again_view(one: Again, command: ReplayToOrganisation) -> dict[str, Any]:
    subscription = one.subscription
    return {
        "id": subscription.id,
        "name": subscription.name,
        "channel": subscription.channel,
        "state": subscription.state,
        "entries": one.entries,
        "is_sent": one.sent,
        "replaying": one.sent and one.entries > 0 and not command.dry_run,
    }
