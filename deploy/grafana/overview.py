"""For a leader: both loops as a flow, today's numbers, who is late, the month's 红蓝榜."""

from deploy.grafana.panel import Ask, Look, Page, Panel

_TODAY = "$__range"
_NAMED = "* on (authority) group_left (name) max by (authority, name) (linkage_authority_info)"


def _done(metric: str) -> str:
    return f"sum(increase({metric}[{_TODAY}]))"


def _share_in_time(outcome: str) -> str:
    done = "linkage_clocks_ended_total"
    return (
        f'sum by (authority) (increase({done}{{outcome="{outcome}"}}[30d]))'
        f" / (sum by (authority) (increase({done}[30d])) >= 3) {_NAMED}"
    )


FLOW = Panel(
    title="第一环:审批 → 监管",
    about="今日每一步办了多少:受理、上监管清单、送达、签收、纳入监管、反馈。"
    " Loop one today: accepted, on the feed, delivered, received, enrolled, fed back.",
    unit="short",
    look=Look.BARS,
    width=12,
    asks=(
        Ask(_done('linkage_submissions_total{status="accepted"}'), "1 受理 accepted"),
        Ask(_done('linkage_feed_entries_total{type=~".*push-opened.*"}'), "2 上清单 on the feed"),
        Ask(_done('linkage_pushes_total{step="delivered"}'), "3 送达 delivered"),
        Ask(_done('linkage_pushes_total{step="received"}'), "4 签收 received"),
        Ask(_done('linkage_pushes_total{step="enrolled"}'), "5 纳入监管 enrolled"),
        Ask(_done('linkage_pushes_total{step="fed_back"}'), "6 反馈 fed back"),
    ),
)
BACK = Panel(
    title="第二环:监管 → 审批",
    about="今日每一步办了多少:结果送达审批部门、签收、处置反馈。"
    " Loop two today: results on the bureau's feed, received, and reported on.",
    unit="short",
    look=Look.BARS,
    width=12,
    asks=(
        Ask(_done('linkage_feed_entries_total{type=~".*result-forwarded.*"}'), "1 送回 sent back"),
        Ask(_done('linkage_feed_entries_total{type=~".*result-received.*"}'), "2 签收 received"),
        Ask(_done('linkage_feed_entries_total{type=~".*action-reported.*"}'), "3 处置 reported"),
    ),
)
TODAY = (
    Panel(
        title="今日受理",
        about="今日受理的许可决定。 Decisions accepted today.",
        unit="short",
        look=Look.NUMBER,
        width=4,
        asks=(Ask(_done('linkage_submissions_total{status="accepted"}')),),
    ),
    Panel(
        title="今日退件",
        about="今日因不合格式或规则被退回的报送。 Submissions turned away today.",
        unit="short",
        look=Look.NUMBER,
        width=4,
        asks=(Ask(_done('linkage_submissions_total{status="rejected"}')),),
    ),
    Panel(
        title="在办义务",
        about="尚未办完的全部义务。 Duties not done yet.",
        unit="short",
        look=Look.NUMBER,
        width=4,
        asks=(Ask("sum(linkage:clocks_open:max)"),),
    ),
    Panel(
        title="即将到期",
        about="已预警、尚未逾期的义务。 Duties that were warned of and are not late yet.",
        unit="short",
        look=Look.NUMBER,
        width=4,
        asks=(Ask('sum(linkage:clocks_open:max{standing="due_soon"})'),),
        quiet=True,
    ),
    Panel(
        title="逾期未办",
        about="期限已过仍未办的义务。 Duties that are late and not done.",
        unit="short",
        look=Look.NUMBER,
        width=4,
        asks=(Ask('sum(linkage:clocks_open:max{standing="overdue"})'),),
    ),
    Panel(
        title="督办未答复",
        about="已督办、责任单位尚未说明的。 Escalations not answered.",
        unit="short",
        look=Look.NUMBER,
        width=4,
        asks=(Ask("max(linkage_escalations_unanswered)"),),
    ),
)
BY_AUTHORITY = (
    Panel(
        title="各部门逾期",
        about="逾期未办最多的十个部门。 The ten authorities with most overdue duties.",
        unit="short",
        look=Look.BARS,
        width=12,
        asks=(
            Ask(
                "topk(10, sum by (authority, name)"
                ' (linkage:clocks_open:max{standing="overdue"}) > 0)',
                "{{name}}",
            ),
        ),
    ),
    Panel(
        title="红榜(近三十日)",
        about="近三十日按期办结比例最高的十个部门,至少办结三项。"
        " The ten with the highest share done in time over 30 days, of at least three.",
        unit="percentunit",
        look=Look.BARS,
        width=6,
        asks=(Ask(f"topk(10, {_share_in_time('in_time')})", "{{name}}"),),
    ),
    Panel(
        title="蓝榜(近三十日)",
        about="近三十日逾期办结比例最高的十个部门,至少办结三项。"
        " The ten with the highest share done late over 30 days, of at least three.",
        unit="percentunit",
        look=Look.BARS,
        width=6,
        asks=(Ask(f"topk(10, {_share_in_time('late')} > 0)", "{{name}}"),),
    ),
)

OVERVIEW = Page(
    uid="linkage-overview",
    title="审管联动 · 总览 Overview",
    about="两环的流转、今日数字、各部门逾期、红蓝榜。 Both loops, today, who is late.",
    since="now/d",
    rows=(
        ("今日 Today", TODAY),
        ("双环 Both loops", (FLOW, BACK)),
        ("部门 Authorities", BY_AUTHORITY),
    ),
)
