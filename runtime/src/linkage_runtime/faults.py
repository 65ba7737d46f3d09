"""One mistake in an input: where it is, which rule it breaks, how to mend it, in both languages."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from pydantic_core import ErrorDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """``pointer`` is a JSON pointer (RFC 6901) into what was sent."""

    pointer: str
    rule: str
    zh: str
    en: str
    remedy_zh: str
    remedy_en: str

    def as_dict(self) -> dict[str, str]:
        """For a problem document."""
        return asdict(self)


_PYDANTIC: dict[str, tuple[str, str, str, str]] = {
    "missing": ("缺少必填项", "a required field is missing", "请填写", "fill it in"),
    "extra_forbidden": (
        "没有此字段",
        "there is no such field",
        "请核对字段名,或删除",
        "check its name, or leave it out",
    ),
    "json_invalid": (
        "不是合法的 JSON",
        "not valid JSON",
        "请检查引号、逗号",
        "check quotes and commas",
    ),
    "date_from_datetime_parsing": (
        "日期格式不符",
        "not a date",
        "请写作 YYYY-MM-DD",
        "write YYYY-MM-DD",
    ),
    "date_parsing": ("日期格式不符", "not a date", "请写作 YYYY-MM-DD", "write YYYY-MM-DD"),
    "date_out_of_range": (
        "日期不合常理",
        "not a plausible date",
        "请核对年份",
        "check the year",
    ),
    "enum": ("不在代码表内", "not in the code list", "请用代码表中的值", "use a listed value"),
    "string_too_long": ("超过长度上限", "too long", "请缩短", "shorten it"),
    "string_too_short": ("不能为空", "must not be empty", "请填写", "fill it in"),
}
_OTHERWISE = ("不符合要求", "does not fit", "请按接口说明修改", "see the API description")


def faults_of(errors: Iterable[ErrorDetails], prefix: str = "") -> tuple[Fault, ...]:
    """Pydantic's error list as faults; the values that were sent are never repeated."""
    return tuple(_fault_of(error, prefix) for error in errors)


def _fault_of(error: ErrorDetails, prefix: str) -> Fault:
    zh, en, remedy_zh, remedy_en = _PYDANTIC.get(error["type"], _OTHERWISE)
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in error["loc"])
    expected = error.get("ctx", {}).get("expected")
    detail = f": {expected}" if expected else ""
    known = error["type"] in _PYDANTIC
    return Fault(
        pointer=prefix + "".join(f"/{step}" for step in steps),
        rule=error["type"],
        zh=zh + detail if known else f"{zh}: {error['msg']}",
        en=en + detail if known else error["msg"],
        remedy_zh=remedy_zh,
        remedy_en=remedy_en,
    )
