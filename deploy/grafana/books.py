"""Whether the books balance, and what could not be settled."""

from deploy.grafana.panel import Ask, Page, Panel

PANELS = (
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
