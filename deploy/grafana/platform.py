"""Kafka, MongoDB and the processes, as the processes feel them."""

from deploy.grafana.panel import Ask, Page, Panel, times

_RATE = "$__rate_interval"
_READER = 'reader=~"$reader"'

OBJECTIVES = (
    Panel(
        title="错误预算消耗速度",
        about="1 表示恰好用完;14.4 以上立即处理。 1: it just lasts; above 14.4: act now.",
        unit="short",
        asks=(
            Ask("linkage:slo_burn:rate5m", "{{slo}} 5m"),
            Ask("linkage:slo_burn:rate1h", "{{slo}} 1h"),
        ),
        alerts=("LinkageObjectiveBurnsFast", "LinkageObjectiveBurnsSlowly"),
        traces="status = error",
    ),
    Panel(
        title="请求",
        about="每秒请求,按状态。 Requests, by class of status.",
        unit="reqps",
        asks=(Ask(f"sum by (status) (rate(linkage_http_requests_total[{_RATE}]))", "{{status}}"),),
        traces="kind = server",
    ),
    Panel(
        title="应答耗时",
        about="到开始应答为止,不含长轮询。 Until an answer began, without long polls.",
        unit="s",
        asks=times('linkage_http_request_seconds_bucket{route!~".*(entries|events)"}'),
        traces="kind = server && duration > 300ms",
    ),
)
KAFKA = (
    Panel(
        title="积压条数",
        about="尚未确认的消息。 Messages not acknowledged yet.",
        unit="short",
        asks=(
            Ask(
                f"sum by (reader, topic) (linkage_lag_messages{{{_READER}}})",
                "{{reader}} {{topic}}",
            ),
        ),
    ),
    Panel(
        title="积压时长",
        about="手上这批最早一条消息的年龄。 Age of the oldest message in hand.",
        unit="s",
        asks=(
            Ask(
                f"max by (reader, topic) (linkage_lag_seconds{{{_READER}}})",
                "{{reader}} {{topic}}",
            ),
        ),
        alerts=("LinkageLag",),
        traces="kind = consumer",
    ),
    Panel(
        title="分区",
        about="已分到的分区;0 表示无人读取。 Partitions assigned; 0: nobody reads.",
        unit="short",
        asks=(
            Ask(
                f"sum by (reader, topic) (linkage_partitions_assigned{{{_READER}}})",
                "{{reader}} {{topic}}",
            ),
        ),
        alerts=("LinkageTopicUnread",),
        traces="kind = consumer",
        quiet=True,
    ),
    Panel(
        title="办结",
        about="每秒办结的消息,按结果。 Messages settled, by outcome.",
        unit="ops",
        asks=(
            Ask(
                f"sum by (reader, outcome) (rate(linkage_settled_total{{{_READER}}}[{_RATE}]))",
                "{{reader}} {{outcome}}",
            ),
        ),
    ),
    Panel(
        title="每批条数",
        about="一起办结的消息数。 Messages settled together.",
        unit="short",
        asks=times(f"linkage_batch_messages_bucket{{{_READER}}}"),
    ),
    Panel(
        title="每批耗时",
        about="一批的结果落库所需时间,主要是 MongoDB。"
        " Time to make a batch's effects durable: mostly MongoDB.",
        unit="s",
        asks=times(f"linkage_settle_seconds_bucket{{{_READER}}}"),
        traces="kind = consumer && duration > 300ms",
    ),
    Panel(
        title="重试与停住",
        about="手上这批试了几次;停住为 1,需要人处理。 Attempts at the batch in hand; 1: stuck.",
        unit="short",
        width=12,
        asks=(
            Ask(
                f"max by (reader, topic) (linkage_batch_attempts{{{_READER}}})",
                "{{reader}} {{topic}}",
            ),
            Ask(
                f"max by (reader, topic) (linkage_partition_stuck{{{_READER}}})",
                "停住 stuck {{reader}} {{topic}}",
            ),
        ),
        alerts=("LinkagePartitionStuck",),
        quiet=True,
        traces="kind = consumer && duration > 1s",
    ),
    Panel(
        title="faust 计数",
        about="每秒收到与交给处理的消息,再均衡次数。 Messages in, events handled, rebalances.",
        unit="ops",
        width=12,
        asks=(
            Ask(f"sum(rate(faust_messages_received_total[{_RATE}]))", "收到 received"),
            Ask(f"sum(rate(faust_events_total[{_RATE}]))", "处理 handled"),
        ),
    ),
)
PROCESSES = (
    Panel(
        title="就绪检查",
        about="1 为通过:MongoDB 主节点、分区、积压已知。 1: the check says yes.",
        unit="short",
        asks=(Ask("min by (job, role, check) (linkage_ready)", "{{job}} {{role}} {{check}}"),),
        alerts=("LinkageNotReady", "LinkageProcessDown"),
        quiet=True,
    ),
    Panel(
        title="CPU",
        about="各进程占用的核数。 处理器 Cores used by each process.",
        unit="short",
        asks=(
            Ask(
                f"sum by (job, role) (rate(process_cpu_seconds_total[{_RATE}]))", "{{job}} {{role}}"
            ),
        ),
    ),
    Panel(
        title="内存",
        about="各进程常驻内存。 Resident memory of each process.",
        unit="bytes",
        asks=(Ask("max by (job, role) (process_resident_memory_bytes)", "{{job}} {{role}}"),),
    ),
    Panel(
        title="版本",
        about="各进程运行的版本。 The version that each process runs.",
        unit="short",
        asks=(Ask("count by (job, version) (linkage_build_info)", "{{job}} {{version}}"),),
        quiet=True,
    ),
    Panel(
        title="日历余量",
        about="已加载的节假日安排还能用多久。 How far the loaded holiday notices reach.",
        unit="s",
        asks=(Ask("max(linkage_calendar_horizon_seconds)", "余量 horizon"),),
        alerts=("LinkageCalendarEnds",),
        quiet=True,
    ),
    Panel(
        title="证书余量",
        about="配置的证书还有多久到期;没有配置则为空。"
        " Time until configured certificates expire; empty where none is configured.",
        unit="s",
        asks=(
            Ask(
                "min by (certificate) (linkage_certificate_expiry_timestamp_seconds) - time()",
                "{{certificate}}",
            ),
        ),
        alerts=("LinkageCertificateExpires",),
        quiet=True,
    ),
    Panel(
        title="密钥余量",
        about="第一个 API 密钥还有多久到期;无到期的密钥则为无穷。"
        " Time until the first API key expires; infinite where none does.",
        unit="s",
        asks=(Ask("min(linkage_api_key_expiry_timestamp_seconds) - time()", "API 密钥 first key"),),
        alerts=("LinkageKeyExpires",),
        quiet=True,
    ),
    Panel(
        title="丢失的访问日志",
        about="写不下去的行,多因磁盘已满。 Lines that could not be written.",
        unit="short",
        asks=(
            Ask(
                "sum by (job, role) (increase(linkage_access_log_lost_total[10m]))",
                "{{job}} {{role}}",
            ),
        ),
        alerts=("LinkageAccessLogLost",),
        quiet=True,
    ),
)

PLATFORM = Page(
    uid="linkage-platform",
    title="审管联动 · 平台 Platform",
    about="Kafka、MongoDB 与各进程。 Kafka, MongoDB and the processes.",
    since="now-1h",
    variables=(("reader", "读者 Reader", "label_values(linkage_settled_total, reader)"),),
    rows=(("目标 Objectives", OBJECTIVES), ("Kafka", KAFKA), ("进程 Processes", PROCESSES)),
)
