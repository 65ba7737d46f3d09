"""``python -m credit.entrypoints.provision``: makes this service's indexes, and ends."""

import asyncio

from credit.bootstrap import open_stores
from credit.settings import CreditSettings
from linkage_runtime.mongo import transient_errors


async def provision(settings: CreditSettings) -> None:
    """Make what is missing; what is there stays as it is."""
    stores = open_stores(settings)
    with transient_errors():
        await stores.facts.create_indexes()
        await stores.ratings.create_indexes()
        await stores.acts.create_indexes()
        await stores.draws.create_indexes()
    stores.client.close()


def main() -> None:
    """Provision and exit."""
    asyncio.run(provision(CreditSettings()))


if __name__ == "__main__":
    main()
