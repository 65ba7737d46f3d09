"""Creates the indexes of this service's collections, and ends; done twice, it changes nothing."""

import asyncio

from linkage_runtime.logs import configure_logs
from supervision_push.bootstrap import create_push_indexes, unwire, wire
from supervision_push.bootstrap_deadlines import create_clock_indexes
from supervision_push.bootstrap_feeds import create_feed_indexes
from supervision_push.settings import Settings


def main() -> None:
    """Create what is missing."""
    settings = Settings()
    configure_logs("supervision-push-provision", settings.log_level)
    asyncio.run(provision(settings))


async def provision(settings: Settings) -> None:
    """All indexes of both halves."""
    wiring = wire(settings)
    try:
        await create_push_indexes(wiring)
        await create_feed_indexes(wiring.database)
        await create_clock_indexes(wiring)
    finally:
        await unwire(wiring)


if __name__ == "__main__":
    main()
