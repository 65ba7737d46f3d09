"""Both loops, stage by stage and authority by authority."""

from deploy.grafana.panel import Ask, Look, Page, Panel, times

_WHERE = 'name=~"$name",region=~"$region"'
_RATE = "$__rate_interval"


def _gap(name: str, kind: str = "gap") -> str:
    return f'linkage_{kind}_seconds_bucket{{gap="{name}"}}'


def _median(label: str, by: str) -> str:
    buckets = f'linkage_act_gap_by_{by}_seconds_bucket{{gap="accepted_to_received"}}'
    median = f"histogram_quantile(0.5, sum by ({label}, le) (increase({buckets}[$__range])))"
    return f"topk(20, {median} > 0)"


STAGES = (
    Panel(
        title="受理与退回",
        about="每秒受理、已知、退件的报送。 Submissions by the answer that they got.",
        unit="ops",
        asks=(Ask(f"sum by (status) (rate(linkage_submissions_total[{_RATE}]))", "{{status}}"),),
    ),
    Panel(
        title="退件原因",
        about="报送因何被退,按规则。 What submissions were turned away for, by rule.",
        unit="ops",
        asks=(
            Ask(
                f"topk(10, sum by (rule) (rate(linkage_submission_faults_total[{_RATE}])))",
                "{{rule}}",
            ),
        ),
    ),
    Panel(
        title="推送各步",
        about="每秒有多少推送走到这一步。 Pushes that took each step.",
        unit="ops",
        asks=(Ask(f"sum by (step) (rate(linkage_pushes_total[{_RATE}]))", "{{step}}"),),
    ),
    Panel(
        title="受理到上清单、到送达",
        about="机器走完的两段:目标是五秒内上清单、六十秒内送达。"
        " What machines take: the objectives are 5 s to the feed and 60 s to delivery.",
        unit="s",
        width=12,
        asks=times(_gap("accepted_to_feed"), _gap("accepted_to_delivered")),
        traces='name = "POST /v1/decisions" && kind = server',
    ),
    Panel(
        title="受理到签收、到反馈",
        about="由人走完的两段,以工作日计。 What people take, in working days.",
        unit="s",
        width=12,
        asks=times(
            _gap("accepted_to_received", "act_gap"), _gap("accepted_to_fed_back", "act_gap")
        ),
    ),
    Panel(
        title="决定到受理、送达到签收",
        about="部门报送是否及时;送达后多久签收。 How soon bureaus submit, and regulators sign.",
        unit="s",
        width=12,
        asks=times(
            _gap("decided_to_accepted", "act_gap"), _gap("delivered_to_received", "act_gap")
        ),
    ),
    Panel(
        title="结果到签收、到处置",
        about="第二环:审批部门多久签收结果、多久反馈处置。"
        " Loop two: until the bureau received a result, and until it acted.",
        unit="s",
        width=12,
        asks=times(_gap("result_to_received", "act_gap"), _gap("result_to_acted", "act_gap")),
    ),
)
DEADLINES = (
    Panel(
        title="在办义务按期限",
        about="按时、临期、逾期、中止各多少。 Open duties by how their deadline stands.",
        unit="short",
        asks=(Ask(f"sum by (standing) (linkage:clocks_open:max{{{_WHERE}}})", "{{standing}}"),),
    ),
    Panel(
        title="逾期按义务",
        about="逾期的是哪一种义务。 Which duties are late.",
        unit="short",
        asks=(
            Ask(
                f'sum by (clock) (linkage:clocks_open:max{{standing="overdue",{_WHERE}}})',
                "{{clock}}",
            ),
        ),
    ),
    Panel(
        title="待认领与督办未答复",
        about="没有部门认领的决定,和没有答复的督办。 The pool, and escalations without an answer.",
        unit="short",
        asks=(
            Ask("max(linkage_pool_waiting)", "待认领 pool"),
            Ask("max(linkage_escalations_unanswered)", "督办未答复 unanswered"),
        ),
        alerts=("LinkagePoolUnclaimed", "LinkageEscalationUnanswered"),
        traces='kind = server && name =~ "POST /v1/(pool|escalations).*"',
    ),
    Panel(
        title="各部门逾期明细",
        about="每个部门每种义务逾期多少。 Overdue by authority and duty.",
        unit="short",
        look=Look.TABLE,
        width=12,
        asks=(
            Ask(
                "topk(50, sum by (name, clock)"
                f' (linkage:clocks_open:max{{standing="overdue",{_WHERE}}}) > 0)'
            ),
        ),
        alerts=("LinkageDeadlineOverdue",),
        traces='kind = server && name =~ "POST /v1/(pushes|results).*"',
    ),
    Panel(
        title="最久未办",
        about="每个部门最早一项未办义务的年龄。 Age of each authority's oldest open duty.",
        unit="s",
        look=Look.TABLE,
        width=12,
        asks=(
            Ask(
                "topk(50, max by (name, clock)"
                f" (linkage:clocks_oldest_age_seconds:max{{{_WHERE}}}) > 0)"
            ),
        ),
    ),
    Panel(
        title="预警、催办、督办",
        about="每小时发出的期限通知,按级别。 Deadlines told of in an hour, by level.",
        unit="short",
        width=12,
        asks=(Ask("sum by (level) (increase(linkage_deadlines_total[1h]))", "{{level}}"),),
    ),
    Panel(
        title="违反审批规则",
        about="已受理但违反审批规则的决定。 Decisions accepted that break a rule of approval.",
        unit="short",
        width=12,
        asks=(
            Ask(
                "topk(10, sum by (rule) (increase(linkage_decisions_irregular_total[1h])))",
                "{{rule}}",
            ),
        ),
    ),
)

# Several timekeepers count the same.
_OPEN_BY = "sum by ({0}, standing) (max by ({0}, clock, standing) (linkage_clocks_open_by_{1}))"
PLACES = (
    Panel(
        title="各区域报送",
        about="各区域受理、已知、退件的报送。 Submissions by region, and the answer that they got.",
        unit="ops",
        width=12,
        asks=(
            Ask(
                "topk(20, sum by (region, status)"
                f" (rate(linkage_decisions_by_region_total[{_RATE}])))",
                "{{region}} {{status}}",
            ),
        ),
    ),
    Panel(
        title="各类事项报送",
        about="各类事项受理、已知、退件的报送。 Submissions by item group, and their answer.",
        unit="ops",
        width=12,
        asks=(
            Ask(
                "topk(20, sum by (item_group, status)"
                f" (rate(linkage_decisions_by_group_total[{_RATE}])))",
                "{{item_group}} {{status}}",
            ),
        ),
    ),
    Panel(
        title="各区域在办义务",
        about="各区域在办义务,按期限。 Open duties by region and how their deadline stands.",
        unit="short",
        look=Look.TABLE,
        width=12,
        asks=(Ask(f"topk(50, {_OPEN_BY.format('region', 'region')} > 0)"),),
    ),
    Panel(
        title="各类事项在办义务",
        about="监管部门在办义务,按事项大类。 Open duties of regulators, by item group.",
        unit="short",
        look=Look.TABLE,
        width=12,
        asks=(Ask(f"topk(50, {_OPEN_BY.format('item_group', 'group')} > 0)"),),
    ),
    Panel(
        title="各区域签收用时",
        about="受理到签收的中位用时,按监管部门所在区域。"
        " The median time to a receipt, by the regulator's region.",
        unit="s",
        width=12,
        asks=(Ask(_median("region", "region"), "{{region}}"),),
    ),
    Panel(
        title="各类事项签收用时",
        about="受理到签收的中位用时,按事项大类。 The median time to a receipt, by item group.",
        unit="s",
        width=12,
        asks=(Ask(_median("item_group", "group"), "{{item_group}}"),),
    ),
)

LOOPS = Page(
    uid="linkage-loops",
    title="审管联动 · 双环 Loops",
    about="每一步、每个部门。 Every stage, every authority.",
    variables=(
        ("region", "区域 Region", "label_values(linkage_authority_info, region)"),
        ("name", "部门 Authority", 'label_values(linkage_authority_info{region=~"$region"}, name)'),
    ),
    rows=(("环节 Stages", STAGES), ("期限 Deadlines", DEADLINES), ("区域与事项 Places", PLACES)),
)
