"""``python -m credit.entrypoints.provision``: makes this service's indexes, and ends.

It ends badly where a scorecard was changed after it came into force.
"""

import asyncio
import sys

from credit.adapters.scorecard_files import read_scorecards
from credit.application.refuse_changed_scorecards import (
    ChangedScorecardError,
    refuse_changed_scorecards,
)
from credit.bootstrap import open_stores
from credit.settings import CreditSettings
from linkage_runtime.mongo import transient_errors


async def provision(settings: CreditSettings) -> None:
    """Make what is missing; what is there stays as it is."""
    stores = open_stores(settings)
    cards = read_scorecards(settings.scorecards).cards
    with transient_errors():
        await stores.facts.create_indexes()
        await stores.ratings.create_indexes()
        await stores.acts.create_indexes()
        await stores.cases.create_indexes()
        await stores.draws.create_indexes()
    await refuse_changed_scorecards(cards, versions=stores.versions)
    stores.client.close()


def main() -> None:
    """Provision and exit."""
    try:
        asyncio.run(provision(CreditSettings()))
    except ChangedScorecardError as error:
        sys.exit(f"✗ {error}")


if __name__ == "__main__":
    main()
