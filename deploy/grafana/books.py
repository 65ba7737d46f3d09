"""Whether the books balance, and what could not be settled."""

from deploy.grafana.panel import Ask, Look, Page, Panel

PANELS = (
    Panel(
        title="未平账",
        about="日志与各库不符之处;应为 0。 Differences between the log and the stores: must be 0.",
        unit="short",
        look=Look.NUMBER,
        asks=(Ask("sum by (stage) (linkage_unaccounted)", "{{stage}}"),),
        alerts=("LinkageUnaccounted",),
        traces="kind = consumer",
        quiet=True,
    ),
    Panel(
        title="对账滞后",
        about="上次对到末尾以来的时间,和尚未读到的记录。 Since the books were read to the end.",
        unit="s",
        asks=(Ask("max(linkage_books_lag_seconds)", "滞后 lag"),),
        alerts=("LinkageBooksStale",),
    ),
    Panel(
        title="在途",
        about="还在宽限期内、尚未到位的事项。 Claims younger than the grace, not fulfilled yet.",
        unit="short",
        asks=(Ask("sum(linkage_books_under_way)", "在途 under way"),),
        quiet=True,
    ),
    Panel(
        title="死信",
        about="每小时埋入的死信,按读者、主题与原因。 Dead letters of an hour, by reader and why.",
        unit="short",
        width=12,
        asks=(
            Ask(
                "sum by (reader, topic, outcome)"
                ' (increase(linkage_settled_total{outcome!="handled"}[1h])) > 0',
                "{{reader}} {{topic}} {{outcome}}",
            ),
        ),
        alerts=("LinkageDeadLetters",),
        traces="kind = consumer",
    ),
    Panel(
        title="决定冲突",
        about="同一文号下的第二份决定:另存,不丢。 Second contents of a decision: kept aside.",
        unit="short",
        width=6,
        asks=(Ask("sum(increase(linkage_ledger_conflicts_total[1h]))", "决定 decisions"),),
    ),
    Panel(
        title="结果冲突",
        about="同一编号下的第二份结果:另存,不丢。 Second contents of a result: kept aside.",
        unit="short",
        width=6,
        asks=(Ask("sum(increase(linkage_result_conflicts_total[1h]))", "结果 results"),),
        quiet=True,
    ),
)

BOOKS = Page(
    uid="linkage-reconcile",
    title="审管联动 · 对账与死信 Reconcile",
    about="账是否平,有什么办不了。 Do the books balance, and what could not be settled.",
    rows=(("账与死信 Books and dead letters", PANELS),),
)
