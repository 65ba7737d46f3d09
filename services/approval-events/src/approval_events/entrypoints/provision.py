"""Creates this service's indexes and exits: ``python -m approval_events.entrypoints.provision``."""

import asyncio

from approval_events.adapters.assembly import adapters_for, close, create_indexes
from linkage_runtime.logs import configure_logs
from linkage_runtime.settings import RuntimeSettings


def main() -> None:
    """Done again, it changes nothing."""
    settings = RuntimeSettings()
    configure_logs("approval-events.provision", settings.log_level)
    asyncio.run(_provision(settings))


async def _provision(settings: RuntimeSettings) -> None:
    adapters = adapters_for(settings)
    try:
        await create_indexes(adapters)
    finally:
        await close(adapters)


if __name__ == "__main__":
    main()
