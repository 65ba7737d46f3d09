"""Feeds and subscriptions: is everybody told, and who does not listen."""

from deploy.grafana.panel import Ask, Page, Panel

_RATE = "$__rate_interval"
_REFUSED = 'name = "POST webhook" && span.http.response.status_code >= 300'

DELIVERY = (
    Panel(
        title="写入清单",
        about="每秒写入各单位清单的条目,按种类。 Entries written to feeds, by kind.",
        unit="ops",
        asks=(
            Ask(f"topk(10, sum by (type) (rate(linkage_feed_entries_total[{_RATE}])))", "{{type}}"),
        ),
    ),
    Panel(
        title="送达条目",
        about="每秒送达并被接收的条目,按渠道。 Entries handed over and accepted, by channel.",
        unit="ops",
        asks=(
            Ask(
                "sum by (channel)"
                f' (rate(linkage_feed_delivered_entries_total{{channel=~"$channel"}}[{_RATE}]))',
                "{{channel}}",
            ),
        ),
    ),
    Panel(
        title="投递结果",
        about="每秒投递尝试,按结果。 Attempts by how they ended.",
        unit="ops",
        asks=(
            Ask(
                "sum by (outcome)"
                f' (rate(linkage_feed_deliveries_total{{channel=~"$channel"}}[{_RATE}]))',
                "{{outcome}}",
            ),
        ),
        traces='name = "POST webhook"',
    ),
    Panel(
        title="投递失败原因",
        about="失败的原因,以及应由哪一方处理。 Failures by cause, and whose they are to mend.",
        unit="ops",
        width=12,
        asks=(
            Ask(
                "sum by (side, cause)"
                f' (rate(linkage_feed_delivery_failures_total{{channel=~"$channel"}}[{_RATE}]))',
                "{{side}} {{cause}}",
            ),
        ),
        traces=_REFUSED,
    ),
    Panel(
        title="事件流",
        about="当前打开的事件流(SSE)。 Event streams that are open.",
        unit="short",
        width=12,
        asks=(Ask("sum(linkage_feed_streams)", "打开 open"),),
        quiet=True,
    ),
)
HEALTH = (
    Panel(
        title="订阅状态",
        about="订阅按状态。 Subscriptions by state.",
        unit="short",
        asks=(Ask("sum by (state) (linkage_subscriptions)", "{{state}}"),),
        alerts=("LinkageSubscriptionDisabled",),
        traces=_REFUSED,
    ),
    Panel(
        title="有问题的订阅",
        about="停用、对方故障、本平台故障、有搁置条目。"
        " Disabled, in trouble by side, or with parked entries.",
        unit="short",
        asks=(Ask("sum by (ailment) (linkage_subscriptions_ailing)", "{{ailment}}"),),
        alerts=("LinkageReceiverFailing", "LinkageDeliveryFailing", "LinkageEntriesParked"),
        traces=_REFUSED,
    ),
    Panel(
        title="最久等待",
        about="有问题的订阅中最早一条未送达的条目已等待多久。"
        " Age of the oldest entry that an ailing subscription waits for.",
        unit="s",
        asks=(Ask("max(linkage_subscription_lag_seconds)", "等待 waiting"),),
    ),
    Panel(
        title="无人读取的清单",
        about="有消息却既无订阅也不拉取的单位。 Organisations that do not read their feed.",
        unit="short",
        asks=(Ask("sum(linkage_feeds_unread)", "单位 organisations"),),
        alerts=("LinkageFeedUnread",),
        traces='name =~ "GET /v1/feeds/.*"',
        quiet=True,
    ),
    Panel(
        title="系统所作变更",
        about="投递程序自行停用、暂停、恢复、搁置。 What deliverers did to subscriptions.",
        unit="short",
        asks=(
            Ask("sum by (change) (increase(linkage_subscription_changes_total[1h]))", "{{change}}"),
        ),
    ),
    Panel(
        title="联络员消息",
        about="通知联络员的成败,和联系不上的单位。 Digests to liaisons, and who cannot be told.",
        unit="short",
        asks=(
            Ask("sum by (outcome) (increase(linkage_notices_total[1h]))", "{{outcome}}"),
            Ask("max(linkage_notices_failing)", "联系不上 failing"),
        ),
        alerts=("LinkageLiaisonsNotTold",),
        quiet=True,
    ),
)

FEEDS = Page(
    uid="linkage-feeds",
    title="审管联动 · 清单与订阅 Feeds",
    about="是否都已告知,谁没有在听。 Is everybody told, and who does not listen.",
    variables=(
        ("channel", "渠道 Channel", "label_values(linkage_feed_deliveries_total, channel)"),
    ),
    rows=(("投递 Delivery", DELIVERY), ("订阅 Subscriptions", HEALTH)),
)
