"""The hourly sheet: which column an event counts in, under the hour of its decision."""

from collections.abc import Iterator, Mapping

from linkage_runtime.books.line import Line, is_decision, is_result

COLUMNS = {
    "read": "读取",
    "routed": "已分送",
    "unrouted": "待认领",
    "dead": "死信",
    "pushed": "推送",
    "delivered": "送达",
    "received": "签收",
    "returned": "退回",
    "enrolled": "纳管",
    "fed_back": "反馈",
    "closed": "办结",
    "recalled": "收回",
    "results": "结果",
    "forwarded": "回送",
    "results_received": "结果签收",
    "results_returned": "结果退回",
    "acted": "处置",
}
"""In the order of both loops; results count under their own hour."""

_OF_PUSH = {
    "push.delivered": "delivered",
    "push.received": "received",
    "push.returned": "returned",
    "push.enrolled": "enrolled",
    "push.recalled": "recalled",
}
_OF_RESULT = {
    "result.forwarded": "forwarded",
    "action.result-received": "results_received",
    "action.result-returned": "results_returned",
}
_DUTY = {"push.received": "receipt", "push.enrolled": "enrolment", "push.delivered": "notice"}


def counted(line: Line, closing: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(column, token): a token counts once, however many events say the same.

    Args:
        line: the event.
        closing: by closed push, the duty that was done last.
    """
    yield from _counted(line)
    if acts(line):
        push, duty = line.data["push_id"], _DUTY.get(line.what) or line.data.get("duty")
        if closing.get(push) == duty:
            yield "closed", f"closed {push}"


def acts(line: Line) -> bool:
    """Whether this may have been the last that a push owed."""
    return line.what in _DUTY or line.what == "push.fed-back"


def _counted(line: Line) -> Iterator[tuple[str, str]]:
    what, data = line.what, line.data
    if is_decision(line):
        yield "read", line.id
    elif what == "decision.unrouted":
        yield "unrouted", line.id
        yield "routed", f"routed {data['decision_event_id']}"
    elif what == "push.opened":
        yield "pushed", f"pushed {data['push_id']}"
        if not data.get("round") and "resolves" not in data:
            yield "routed", f"routed {data['decision_event_id']}"
    elif what in _OF_PUSH:
        yield _OF_PUSH[what], f"{what} {data['push_id']}"
    elif what == "push.fed-back":
        yield "fed_back", line.id
    elif is_result(line):
        yield "results", line.id
    elif what in _OF_RESULT:
        yield _OF_RESULT[what], f"{what} {data['result_id']}"
    elif what == "action.reported":
        yield "acted", line.id
