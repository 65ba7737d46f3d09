"""The columns of the 双公示 tables: official code and Chinese title (DOMAIN.md §1), and ours.

Titles vary between systems in brackets, spaces and width, so both sides are folded before
comparing.
"""

import unicodedata
from collections.abc import Mapping

_PARTY_TITLES = {
    "MC": ("行政相对人名称",),
    "LB": ("行政相对人类别",),
    "SHXYM": ("行政相对人代码_1(统一社会信用代码)", "统一社会信用代码", "行政相对人代码_1"),
    "GSZC": ("行政相对人代码_2(工商注册号)", "工商注册号", "行政相对人代码_2"),
    "ZZJG": ("行政相对人代码_3(组织机构代码)", "组织机构代码", "行政相对人代码_3"),
    "SWDJ": ("行政相对人代码_4(税务登记号)", "税务登记号", "行政相对人代码_4"),
    "SYDW": ("行政相对人代码_5(事业单位证书号)", "事业单位证书号", "行政相对人代码_5"),
    "SHZZ": ("行政相对人代码_6(社会组织登记证号)", "社会组织登记证号", "行政相对人代码_6"),
    "ZJLX": ("自然人证件类型", "证件类型"),
    "ZJHM": ("自然人证件号码", "证件号码"),
}
_REPRESENTATIVE_TITLES = {
    "FRDB": ("法定代表人", "法定代表人(负责人)"),
    "FR_ZJLX": ("法定代表人证件类型",),
    "FR_ZJHM": ("法定代表人证件号码",),
}
_REPRESENTATIVE_VARIANTS = {"FDDB": "FRDB", "FR_SFZH": "FR_ZJHM"}


def _shared(prefix: str) -> dict[str, tuple[str, ...]]:
    return {f"{prefix}_XDR_{suffix}": titles for suffix, titles in _PARTY_TITLES.items()} | {
        f"{prefix}_{suffix}": titles for suffix, titles in _REPRESENTATIVE_TITLES.items()
    }


LICENCE_TITLES: Mapping[str, tuple[str, ...]] = _shared("XK") | {
    "XK_XKWS": ("行政许可决定文书名称", "许可决定文书名称"),
    "XK_WSH": ("行政许可决定文书号", "许可决定文书号", "行政许可决定书文号"),
    "XK_XKLB": ("许可类别",),
    "XK_XKZS": ("许可证书名称",),
    "XK_XKBH": ("许可编号",),
    "XK_NR": ("许可内容",),
    "XK_JDRQ": ("许可决定日期",),
    "XK_YXQZ": ("有效期自",),
    "XK_YXQZI": ("有效期至",),
    "XK_XKJG": ("许可机关",),
    "XK_XKJGDM": ("许可机关统一社会信用代码",),
    "XK_ZT": ("当前状态",),
    "XK_LYDW": ("数据来源单位",),
    "XK_LYDWDM": ("数据来源单位统一社会信用代码",),
    "BZ": ("备注",),
    # Not of the 28: read where present.
    "ITEMS": ("事项编码", "事项编码(可多个)"),
    "KIND": ("决定类型",),
    "COMMITMENT": ("告知承诺",),
    "TOLERANCE": ("容缺受理", "容缺"),
    "CASE": ("办件编号",),
    "PROJECT": ("投资项目编号",),
    "ACCEPTED": ("受理日期",),
    "REGION": ("行政区划", "行政区划代码"),
}

PENALTY_TITLES: Mapping[str, tuple[str, ...]] = _shared("CF") | {
    "CF_WSH": ("行政处罚决定书文号", "处罚决定书文号"),
    "CF_WFXW": ("违法行为类型",),
    "CF_SY": ("违法事实",),
    "CF_YJ": ("处罚依据",),
    "CF_CFLB": ("处罚类别",),
    "CF_NR": ("处罚内容",),
    "CF_NR_FK": ("罚款金额(万元)",),
    "CF_NR_WFFF": ("没收违法所得、没收非法财物的金额(万元)",),
    "CF_NR_ZKDX": ("暂扣或吊销证照名称及编号",),
    "CF_JDRQ": ("处罚决定日期",),
    "CF_YXQ": ("处罚有效期",),
    "CF_GSJZQ": ("公示截止期",),
    "CF_CFJG": ("处罚机关",),
    "CF_CFJGDM": ("处罚机关统一社会信用代码",),
    "CF_SJLY": ("数据来源单位",),
    "CF_SJLYDM": ("数据来源单位统一社会信用代码",),
    "BZ": ("备注",),
}


def fold(title: str) -> str:
    """One form for all spellings of a title: half width, no spaces, upper case, no asterisks."""
    half = unicodedata.normalize("NFKC", title)
    return "".join(half.split()).replace("*", "").upper()


def _index(titles: Mapping[str, tuple[str, ...]], prefix: str) -> dict[str, str]:
    names = {fold(title): code for code, all_ in titles.items() for title in all_}
    variants = {
        f"{prefix}_{old}": f"{prefix}_{new}" for old, new in _REPRESENTATIVE_VARIANTS.items()
    }
    return names | {code: code for code in titles} | variants


LICENCE_COLUMNS = _index(LICENCE_TITLES, "XK")
PENALTY_COLUMNS = _index(PENALTY_TITLES, "CF")
