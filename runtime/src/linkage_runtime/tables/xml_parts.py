"""The XML parts of an XLSX file as a stream of elements; nothing is kept of what has passed.

Names come without their prefix: some programs write ``x:row``.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Protocol
from xml.parsers import expat
from zipfile import ZipFile

from linkage_runtime.tables.source import Reach, UnreadableTableError

_CHUNK = 1 << 16
_LARGE, _MOST_TIMES = 64 << 20, 200
"""A part beyond this size that unpacks to 200 times its size is a trap; sheets come to 50."""

_DEEPEST = 100
"""A sheet comes to ten; the parser remembers every element that is open, 130 bytes for each."""


class Elements(Protocol):
    """Who is told of elements."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, name: str) -> None:
        """An element ends."""

    def text(self, data: str) -> None:
        """Characters, in as many pieces as it pleases the parser."""


def size_of(archive: ZipFile, part: str) -> int:
    """Bytes of one part, unpacked; zipfile never unpacks more than is declared.

    Raises:
        UnreadableTableError: it is a trap.
    """
    entry = archive.getinfo(part)
    if entry.file_size > max(_LARGE, entry.compress_size * _MOST_TIMES):
        raise UnreadableTableError(
            f"{archive.filename}: {part} 解压后异常庞大,拒绝读取 (unpacks to an absurd size)"
        )
    return entry.file_size


def walk(archive: ZipFile, part: str, elements: Elements, reach: Reach) -> Iterator[None]:
    """Tell of the elements of one part; yields after each piece of it that was read."""
    size_of(archive, part)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = partial(_first, parser, elements)
    parser.CharacterDataHandler = elements.text
    parser.EntityDeclHandler = _refuse_entities
    with archive.open(part) as source:
        while chunk := source.read(_CHUNK):
            parser.Parse(chunk, False)  # noqa: FBT003 -- expat takes it by position only
            reach.advance(len(chunk))
            yield
        parser.Parse(b"", True)  # noqa: FBT003
        yield


def starts_in(archive: ZipFile, part: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """The beginnings of a part's elements, for parts of which they tell everything."""
    found = _Starts()
    for _ in walk(archive, part, found, Reach()):
        yield from found.seen
        found.seen.clear()


class _Starts:
    def __init__(self) -> None:
        self.seen: list[tuple[str, Mapping[str, str]]] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.seen.append((name, attributes))

    def end(self, name: str) -> None:
        pass

    def text(self, data: str) -> None:
        pass


def _first(
    parser: expat.XMLParserType, elements: Elements, root: str, attributes: Mapping[str, str]
) -> None:
    """The root tells whether there are prefixes to take away."""
    skip, depth = root.find(":") + 1, 1

    def start(name: str, found: Mapping[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise UnreadableTableError("XLSX 内元素嵌套过深,拒绝读取 (nested too deep: refused)")
        elements.start(name[skip:], found)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        elements.end(name[skip:])

    parser.StartElementHandler, parser.EndElementHandler = start, end
    elements.start(root[skip:], attributes)


def _refuse_entities(*_: object) -> None:
    raise UnreadableTableError("XLSX 内含实体定义,拒绝读取 (declares XML entities: refused)")
