"""What the members need at run time, as the lock pins it, and none of the developers' tools."""

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name


def needed(members: Iterable[str], extras: Iterable[str]) -> set[NormalizedName]:
    """Names of all distributions that these need on this platform, without these themselves."""
    wanted = [Requirement(f"{name}[{','.join(extras)}]") for name in members]
    own = {canonicalize_name(one.name) for one in wanted}
    seen: set[tuple[str, str]] = set()
    while wanted:
        one = wanted.pop()
        for extra in ("", *one.extras):
            if (place := (canonicalize_name(one.name), extra)) not in seen:
                seen.add(place)
                wanted += _requirements(*place)
    return {canonicalize_name(name) for name, _ in seen} - own


def _requirements(name: str, extra: str) -> Iterator[Requirement]:
    for line in requires(name) or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield requirement


def pinned(lock: Path, names: set[NormalizedName]) -> str:
    """The lines of the lock that pin these on this platform, with their hashes.

    Raises:
        ValueError: one of them is not in the lock, or another version of it is installed.
    """
    blocks = {}
    for block in re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8")):
        if "==" not in block.partition("\n")[0]:
            continue
        one = Requirement(block.partition(" \\\n")[0])
        if one.marker is None or one.marker.evaluate():
            blocks[canonicalize_name(one.name)] = (one.specifier, block)
    if absent := names - set(blocks):
        raise ValueError(f"not in {lock.name}: {', '.join(sorted(absent))}")
    for name in names:
        if version(name) not in blocks[name][0]:
            raise ValueError(f"{name} {version(name)} is installed, not {blocks[name][0]}")
    return "\n".join(blocks[name][1] for name in sorted(names)) + "\n"
