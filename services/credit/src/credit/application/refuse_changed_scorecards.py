"""Refuse scorecards that were changed after they came into force: a rating names its version."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from credit.domain.scorecard import Scorecard, State
from linkage_runtime.errors import PermanentError


class ChangedScorecardError(PermanentError):
    """A version says something else than when it came into force."""


class VersionsInForce(Protocol):
    """What each version said when it came into force."""

    async def keep(self, digests: Mapping[str, str]) -> Mapping[str, str]:
        """Note those that are new; returns what is noted of all these."""


async def refuse_changed_scorecards(
    cards: Iterable[Scorecard], *, versions: VersionsInForce
) -> None:
    """Note what came into force, once; a draft may change, and a retired one only be left out.

    Raises:
        ChangedScorecardError: ratings by it would not be what they say, and not be told anew.
        TransientError: MongoDB is away.
    """
    digests = {card.version: card.digest for card in cards if card.state is State.PUBLISHED}
    kept = await versions.keep(digests)
    if changed := sorted(version for version in digests if kept[version] != digests[version]):
        raise ChangedScorecardError(
            f"{'、'.join(changed)}: 施行后内容有改动，请恢复原文，改动以新版本号施行 "
            "(changed since it came into force: restore it, and publish the change under the "
            "next number)"
        )
