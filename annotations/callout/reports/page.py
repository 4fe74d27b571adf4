"""The source of a web page with nothing in it but plain tags: what a tree may safely be made of.

A page may hold a tag with a million attributes, or pictures of megabytes in an address. So its tags are written
anew with the few attributes that are read, scripts and styles are left out, and pictures are set aside.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from callout.errors import InputError

_TAGS = 500_000
_TAG = re.compile(r"""<(/?)([A-Za-z][A-Za-z0-9:-]{0,40})((?:[^<>"']|"[^"]*+"|'[^']*+')*+)>""")
_ATTRIBUTE = re.compile(
    r"""(?<![\w:-])(id|class|src|href|style|hidden|name|content|data-src|data-lazy-src|data-original|srcset|data-srcset)\b(?!-)(?:\s{0,9}=\s{0,9}"""
    r"""("[^"]*+"|'[^']*+'|[^\s"'>]++))?""",
    re.IGNORECASE,
)
_NO_TEXT = {
    name: re.compile(rf"</{name}(?![\w-])", re.IGNORECASE)
    for name in ("script", "style", "textarea", "template", "noscript", "iframe", "svg")
}
_DATA = re.compile(r"data:image/[a-z.+-]{1,20};base64,", re.IGNORECASE)
_LONGEST_VALUE = 4000
# A parser takes no longer run of text than ten million bytes.
_RUN = 1_000_000


@dataclass(frozen=True, slots=True)
class Page:
    """A page's plain markup; `src="data:N"` in it stands for `pictures[N]`."""

    markup: str
    pictures: tuple[bytes, ...]


def plain_page(text: str, name: str) -> Page:
    """The page that `text` is; InputError where it has more tags than any report."""
    pictures: list[bytes] = []
    return Page("".join(_pieces(text, name, pictures)), tuple(pictures))


def _pieces(text: str, name: str, pictures: list[bytes]) -> Iterator[str]:
    at = tags = 0
    while (start := text.find("<", at)) >= 0:
        yield parted(text[at:start].replace(">", "&gt;"))
        if text.startswith(("<!", "<?"), start):
            at = _behind(text, start)
            continue
        found = _TAG.match(text, start)
        if found is None:
            if not text[start + 1 : start + 2].isalpha():
                tags += 1
                if tags > _TAGS:
                    raise InputError("the page has more than half a million tags", name, "save the case report alone")
                yield "&lt;"
                at = start + 1
                continue
            at = _behind(text, start)  # a tag with a quote that never ends: to its first bracket
            continue
        tags += 1
        if tags > _TAGS:
            raise InputError("the page has more than half a million tags", name, "save the case report alone")
        close, tag = found.group(1), found.group(2).lower()
        at = found.end()
        if tag in _NO_TEXT:
            if not close and not found.group(3).endswith("/"):
                end = _NO_TEXT[tag].search(text, at)
                at = _behind(text, end.start()) if end else len(text)
            continue
        yield f"</{tag}>" if close else f"<{tag}{''.join(_attributes(found.group(3), pictures))}>"
    yield parted(text[at:].replace(">", "&gt;"))


def parted(text: str) -> str:
    """`text`, which has no tags, with an empty <wbr/> in it wherever it has gone on for very long."""
    if len(text) <= _RUN:
        return text
    pieces = []
    start = 0
    while start < len(text):
        end = start + _RUN
        entity = text.rfind("&", end - 40, end)
        end = entity if entity >= 0 and end < len(text) else end
        pieces.append(text[start:end])
        start = end
    return "<wbr/>".join(pieces)


def _behind(text: str, start: int) -> int:
    """Behind the comment, declaration or broken tag that starts at `start`."""
    sign = "-->" if text.startswith("<!--", start) else ">"
    end = text.find(sign, start)
    return end + len(sign) if end >= 0 else len(text)


def _attributes(written: str, pictures: list[bytes]) -> Iterator[str]:
    seen: set[str] = set()
    for found in _ATTRIBUTE.finditer(written):
        key, value = found.group(1).lower(), (found.group(2) or "").strip("\"'")
        if key in seen:
            continue
        seen.add(key)
        if data := _DATA.match(value):
            value = f"data:{len(pictures)}"
            pictures.append(_decoded(found.group(2).strip("\"'")[data.end() :]))
        yield f' {key}="{html.escape(html.unescape(value[:_LONGEST_VALUE]))}"'


def _decoded(written: str) -> bytes:
    try:
        return base64.b64decode(written)
    except (binascii.Error, ValueError):
        return b""
