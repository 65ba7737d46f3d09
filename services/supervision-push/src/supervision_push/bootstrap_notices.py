"""Puts telling liaisons together: the ways that are configured, and the timekeeper's round."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial

from linkage_runtime.clock import now
from supervision_push.adapters.feeds.feed_metrics import NOTICES, NOTICES_FAILING
from supervision_push.adapters.feeds.feed_partition import partition_of
from supervision_push.adapters.feeds.mongo_watermarks import MongoWatermarks
from supervision_push.adapters.notices.mongo_notices import MongoNotices
from supervision_push.adapters.notices.notice_gateways import CommandNotifier, HttpNotifier
from supervision_push.adapters.notices.notice_mail import MailNotifier
from supervision_push.adapters.notices.notice_text import NoticeText
from supervision_push.application.notice_ports import Notifier
from supervision_push.application.notify_liaisons import NoticePorts, notify_liaisons
from supervision_push.domain.digest import Via
from supervision_push.settings import Settings
from supervision_push.wiring import Wiring

LOOK_EVERY = timedelta(seconds=30)
"""How soon escalated work is told of."""


def notifiers_of(settings: Settings) -> Mapping[Via, Notifier]:
    """The ways of telling that the operator configured."""
    text = NoticeText(link=settings.notify_link)
    ways: dict[Via, Notifier] = {}
    if settings.notify_command:
        ways[Via.COMMAND] = CommandNotifier(settings.notify_command, text)
    if settings.notify_http:
        token = settings.notify_http_token
        url = settings.notify_http.get_secret_value()
        ways[Via.HTTP] = HttpNotifier(url, token.get_secret_value() if token else None, text)
    if settings.notify_smtp:
        server = settings.notify_smtp.get_secret_value()
        ways[Via.EMAIL] = MailNotifier(server, settings.notify_from, text)
    return ways


def notice_round(wiring: Wiring) -> Callable[[], Awaitable[bool]]:
    """One look at all organisations, for the timekeeper."""
    notices, settings = MongoNotices(wiring.database), wiring.settings
    ports = NoticePorts(
        readers=notices,
        feed=notices,
        watermarks=MongoWatermarks(wiring.database),
        notifiers=notifiers_of(settings),
        partition_of=partial(partition_of, partitions=settings.partitions),
        clock=now,
        every=timedelta(minutes=settings.notify_every_minutes),
    )

    async def act() -> bool:
        notified = await notify_liaisons(by=ports)
        NOTICES.labels("sent").inc(notified.sent)
        NOTICES.labels("failed").inc(notified.failed)
        NOTICES_FAILING.set(notified.failing)
        return False

    return act
