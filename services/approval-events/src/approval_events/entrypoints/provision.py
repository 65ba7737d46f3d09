"""Creates this service's indexes and exits: ``python -m approval_events.entrypoints.provision``."""

import asyncio

from approval_events.adapters.assembly import adapters_for, close, create_indexes
from approval_events.settings import Settings
from linkage_runtime.logs import configure_logs


def main() -> None:
    """Done again, it changes nothing."""
    settings = Settings()
    configure_logs("approval-events.provision", settings.log_level)
    asyncio.run(_provision(settings))


async def _provision(settings: Settings) -> None:
    adapters = adapters_for(settings)
    try:
        await create_indexes(adapters)
    finally:
        await close(adapters)


if __name__ == "__main__":
    main()
