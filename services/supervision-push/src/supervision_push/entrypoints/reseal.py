"""Seals anew under the current master key: ``linkage master-key reseal`` runs this."""

import asyncio

from linkage_runtime.logs import configure_logs
from supervision_push.adapters.subscriptions.mongo_secrets import seal_secrets_anew
from supervision_push.adapters.subscriptions.sealed_secrets import SealedSecrets
from supervision_push.bootstrap import unwire, wire
from supervision_push.settings import Settings


def main() -> None:
    """See ``linkage master-key reseal --help``."""
    settings = Settings()
    configure_logs("supervision-push-reseal", settings.log_level)
    asyncio.run(reseal(settings))


async def reseal(settings: Settings) -> None:
    """Personal keys, then webhook secrets; says of how many, so that nothing left is 0."""
    wiring = wire(settings)
    try:
        people = await wiring.vault.seal_anew()
        secrets = SealedSecrets(settings.master)
        webhooks = await seal_secrets_anew(wiring.database["subscriptions"], secrets)
    finally:
        await unwire(wiring)
    for zh, en, (anew, seen) in (
        ("自然人密钥", "personal keys", people),
        ("webhook 密钥", "webhook secrets", webhooks),
    ):
        print(f"{zh}: {seen} 个中重新封存 {anew} 个  {en}: {anew} of {seen} sealed anew")  # noqa: T201


if __name__ == "__main__":
    main()
