"""Credit: where parties stand, and what moved them."""

from deploy.grafana.panel import Ask, Look, Page, Panel, times

PANELS = (
    Panel(
        title="风险类别分布",
        about="各类别当事人数,仅供内部监管参考。 Parties in each class; for supervision only.",
        unit="short",
        look=Look.BARS,
        asks=(Ask("sum by (risk_class) (linkage_credit_parties)", "{{risk_class}}"),),
    ),
    Panel(
        title="评级变化",
        about="每小时首评、升、降、类别不变的评级。 Ratings that changed in an hour, and how.",
        unit="short",
        asks=(
            Ask(
                "sum by (change) (increase(linkage_credit_ratings_changed_total[1h]))", "{{change}}"
            ),
        ),
    ),
    Panel(
        title="信用事实",
        about="每小时新记入的事实,按种类。 Facts stored in an hour, by kind.",
        unit="short",
        asks=(
            Ask("topk(10, sum by (kind) (increase(linkage_credit_facts_total[1h])))", "{{kind}}"),
        ),
    ),
    Panel(
        title="发布到评级",
        about="事件发布后多久反映到评级。 From an event's publication to its rating.",
        unit="s",
        width=12,
        asks=times('linkage_gap_seconds_bucket{gap="published_to_rated"}'),
    ),
    Panel(
        title="资格查询",
        about="告知承诺资格查询的次数与耗时。 Eligibility asked, and how long answers took.",
        unit="s",
        width=12,
        asks=times('linkage_http_request_seconds_bucket{route="/v1/eligibility"}'),
    ),
)

CREDIT = Page(
    uid="linkage-credit",
    title="审管联动 · 信用 Credit",
    about="当事人所处类别,以及因何变动。 Where parties stand, and what moved them.",
    rows=(("信用 Credit", PANELS),),
)
