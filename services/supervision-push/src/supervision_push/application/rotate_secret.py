"""Give a webhook a new secret; the old one signs beside it until receivers have changed over."""

from collections.abc import Callable
from datetime import datetime, timedelta

from linkage_runtime.errors import PermanentError
from supervision_push.application.change_subscription import Edit, change_subscription
from supervision_push.application.subscribe import new_secret
from supervision_push.application.subscription_ports import Subscriptions
from supervision_push.domain.subscription import Subscription


class NoSecretError(PermanentError):
    """Only webhooks are signed."""


async def rotate_secret(
    edit: Edit,
    *,
    subscriptions: Subscriptions,
    seal: Callable[[str, str], bytes],
    clock: Callable[[], datetime],
    overlap: timedelta,
) -> tuple[Subscription, str]:
    """The subscription and the new secret, in clear this once.

    Raises:
        NoSecretError: it is no webhook.
        UnknownSubscriptionError: the organisation has no such subscription.
    """
    secret = new_secret()
    sealed, until = seal(edit.subscription_id, secret), clock() + overlap

    def step(there: Subscription) -> Subscription:
        if there.endpoint is None:
            raise NoSecretError("只有 webhook 订阅有密钥 (only a webhook has a secret)")
        return there.rotated(sealed, until)

    after = await change_subscription(edit, step, subscriptions=subscriptions, clock=clock)
    return after, secret
