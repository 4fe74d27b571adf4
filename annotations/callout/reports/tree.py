"""Markup as a tree: its words in order, without recursion."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element


def local_name(element: _Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def outermost(root: _Element, wanted: Callable[[_Element], bool]) -> Iterator[_Element]:
    """The elements below `root` that are `wanted` and stand in no other such; `root` itself only for its like."""
    from lxml import etree

    walk = etree.iterwalk(root, events=("start",))
    for _, element in walk:
        if (element is not root or root.getparent() is None) and wanted(element):
            walk.skip_subtree()
            yield element


def named(*names: str) -> Callable[[_Element], bool]:
    """Whether an element is called one of `names`."""
    wanted = frozenset(names)
    return lambda element: local_name(element) in wanted


class Words:
    """Folded text that grows: `text`, and as `cited` what was cited, with its span of the text."""

    def __init__(self) -> None:
        self.cited: list[tuple[str, tuple[int, int]]] = []
        self._pieces: list[str] = []
        self._length = 0
        self._apart = False

    @property
    def text(self) -> str:
        """The words so far."""
        return "".join(self._pieces)

    def add(
        self,
        root: _Element,
        left_out: Callable[[_Element], bool],
        blocks: Collection[str],
        cited: Callable[[_Element], str | None] = lambda element: None,
    ) -> None:
        """All words in `root`, but for those in elements that are `left_out`; `blocks` stand apart."""
        from lxml import etree

        self._apart = True
        starts: list[tuple[_Element, str, int, int]] = []
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            name = local_name(element)
            skipped = element is not root and left_out(element)
            self._apart |= name in blocks
            if event == "start":
                if skipped:
                    walk.skip_subtree()
                    continue
                if target := cited(element):
                    starts.append((element, target, self._length, len(self._pieces)))
                self._write(element.text)
                continue
            if starts and starts[-1][0] is element:
                _, target, start, piece = starts.pop()
                if start < self._length:
                    start += self._pieces[piece][0] == " "
                    self.cited.append((target, (start, self._length)))
            if element is not root:
                self._write(element.tail)
        self._apart = True

    def _write(self, text: str | None) -> None:
        if not text:
            return
        words = " ".join(text.split())
        if words:
            if self._length and (self._apart or text[0].isspace()):
                words = " " + words
            self._pieces.append(words)
            self._length += len(words)
            self._apart = text[-1].isspace()
        else:
            self._apart = True
