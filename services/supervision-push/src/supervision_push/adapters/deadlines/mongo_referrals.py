"""To whom breaches were referred, as their clocks' documents keep it."""

from collections.abc import Mapping, Sequence

from linkage_runtime.mongo import Collection, find_by


class MongoReferrals:
    """``Referrals`` over ``breaches``."""

    def __init__(self, breaches: Collection) -> None:
        self._breaches = breaches

    async def of_breaches(self, breach_ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """See ``Referrals``."""
        found = await find_by(self._breaches, "_id", breach_ids, projection=["referred_to"])
        return {one["_id"]: tuple(sorted(one.get("referred_to", {}))) for one in found}
