"""Webhook secrets under a new master key, one by one beside all that goes on."""

from linkage_runtime.mongo import Collection, transient_errors
from supervision_push.adapters.subscriptions.sealed_secrets import SealedSecrets

_SECRETS = ("sealed_secret", "old_secret")


async def seal_secrets_anew(subscriptions: Collection, secrets: SealedSecrets) -> tuple[int, int]:
    """How many were sealed anew, of how many.

    Raises:
        UnreadableSecretError: no master key that is set opens one of them.
    """
    anew = seen = 0
    with transient_errors():
        async for one in subscriptions.find({}, dict.fromkeys(_SECRETS, True)):
            for field in _SECRETS:
                if (box := one.get(field)) is None:
                    continue
                seen += 1
                if (sealed := secrets.sealed_anew(one["_id"], box)) is not None:
                    # Where it was rotated meanwhile, the new one stays. The revision lets everybody
                    # who holds the subscription read it again.
                    done = await subscriptions.update_one(
                        {"_id": one["_id"], field: box},
                        {"$set": {field: sealed}, "$inc": {"revision": 1}},
                    )
                    anew += done.modified_count
    return anew, seen
