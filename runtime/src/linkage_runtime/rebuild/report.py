"""What a rebuild says to the person who asked for it."""

from rich.table import Table

from linkage_runtime.command.console import console
from linkage_runtime.rebuild.compare import Comparison
from linkage_runtime.rebuild.parts import Rebuilding
from linkage_runtime.rebuild.rebuild import Rebuilt, Wish

_KINDS = {
    "missing": "日志中有而现用库没有 (on the log, not in what serves)",
    "extra": "现用库有而日志中没有 (in what serves, not on the log)",
    "changed": "内容不同 (differs)",
}


def show(service: Rebuilding, wish: Wish, done: Rebuilt) -> None:
    """The digests, the differences, and what to do next."""
    table = Table("集合 collection", "文档 documents", "摘要 digest", "比对 compared", box=None)
    for one in done.comparisons:
        equal = "[green]一致 equal[/]" if one.is_equal else f"[red]{one.differences} 处不同[/]"
        table.add_row(one.name, str(one.documents), one.digest[:16], equal)
    console.print(table)
    for one in done.comparisons:
        _name(one)
    console.print(f"重放 {done.records} 条记录,其中死信 {done.dead} 条 (records; dead letters)")
    if service.kept:
        kept = "、".join(service.kept)
        console.print(f"仅存于数据库、原样保留 (live only here, left as they are): {kept}")
    console.print(_next(wish, done), markup=False, soft_wrap=True)


def _name(one: Comparison) -> None:
    for kind, told in _KINDS.items():
        for id_ in getattr(one, kind):
            console.print(f"✗ {one.name} {id_}: {told}", style="red", markup=False, soft_wrap=True)


def _next(wish: Wish, done: Rebuilt) -> str:
    if done.switched:
        return "已切换;旧集合留作 before.*,至下次重建 (switched; the old ones stay as before.*)"
    if not wish.switch:
        return "未切换;加 --yes 重建并切换 (nothing was changed: --yes rebuilds and switches)"
    return (
        "摘要不同,未切换;确认日志为准后加 --despite-differences "
        "(not switched, because they differ: --despite-differences if the log is right)"
    )
