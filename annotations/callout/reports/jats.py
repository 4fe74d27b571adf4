"""JATS XML, the archive's form of a journal article: PMC, publishers' deposits, with or without a namespace.

JATS 1.3 (ANSI/NISO Z39.96-2021): <fig>, <fig-group>, <graphic>, <xref>, <floats-group>.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import replace
from html.entities import html5
from itertools import count
from typing import TYPE_CHECKING

from callout.errors import InputError
from callout.reports.decoding import LONGEST_TEXT, decoded, too_long
from callout.reports.labels import label_at_start, label_in
from callout.reports.manuscript import Legend, Manuscript, in_label_order
from callout.reports.model import Folded
from callout.reports.page import parted
from callout.reports.tree import Words, local_name, named, outermost

if TYPE_CHECKING:
    from lxml.etree import _Element

_LARGEST = 16_000_000
_TAGS = 500_000
_DECLARATION = re.compile(r"\s*<\?xml\b[^<>]{0,200}\?>")
_DECLARED = re.compile(rb"""<\?xml\b[^<>]{0,100}\bencoding\s{0,9}=\s{0,9}["']([A-Za-z0-9._-]{1,40})""")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_LONG_RUN = re.compile(r"(<(?!!)[^<>]*+>)([^<]{1000000,}+)")
_KEPT = frozenset(("amp", "lt", "gt", "quot", "apos"))
_TO_LEAVE_OUT = (
    "fig", "fig-group", "table-wrap", "table-wrap-group", "disp-formula", "disp-formula-group", "tex-math", "media",
    "object-id", "alt-text", "long-desc", "attrib", "permissions", "fn", "fn-group", "ref-list", "graphic",
    "supplementary-material", "inline-graphic", "contrib-group", "sub-article", "response",
)  # fmt: skip
_NO_CAPTION = named(*_TO_LEAVE_OUT)
_NO_BODY = named(*_TO_LEAVE_OUT, "title", "label")
_BLOCKS_NAMES = """
    p sec title list list-item disp-quote boxed-text def break caption label fig fig-group table-wrap disp-formula
"""
_BLOCKS = frozenset(_BLOCKS_NAMES.split())
_LONGEST_CONTINUED = 20_000
_SAY = "save the article as JATS XML, as PMC gives it, or as text"


def read_jats(data: bytes, name: str) -> Manuscript:
    """The manuscript in the bytes of a JATS file called `name`; of a web page, where that is what it holds.

    Raises:
        InputError: empty, binary, far too large, broken, no JATS, several articles, or with entities of its own.
    """
    from callout.reports.html import is_page, read_html

    found = _DECLARED.search(data[:400])
    text = decoded(data, name, declared=found.group(1).decode() if found else None, longest=_LARGEST).lstrip("\ufeff")
    if is_page(text):
        return read_html(data, name)
    return _manuscript(_article(_parsed(text, name), name), name)


def _parsed(text: str, name: str) -> _Element:
    from lxml import etree

    if "<!ENTITY" in text:
        raise InputError("the XML declares entities of its own", name, _SAY)
    if text.count("<") > _TAGS:
        raise too_long(name)
    text = _ENTITY.sub(_letter, _DECLARATION.sub("", text, count=1))
    text = _LONG_RUN.sub(lambda run: run.group(1) + parted(run.group(2)), text)
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        reason = " ".join(str(error).split())[:120]
        raise InputError(f"the XML can't be read ({reason})", name, _SAY) from error
    entity = next(root.iter(etree.Entity), None)
    if entity is not None:
        raise InputError(f"the XML uses an entity that is not known ({entity.text})", name, _SAY)
    return root


def _letter(found: re.Match[str]) -> str:
    """The letter that HTML's entity names; XML's own five stay, for they are markup."""
    letter = html5.get(f"{found.group(1)};", "")
    return found.group() if found.group(1) in _KEPT or not letter else html.escape(letter)


def _article(root: _Element, name: str) -> _Element:
    articles = list(outermost(root, lambda element: local_name(element) == "article"))
    if not articles:
        raise InputError(f"the XML is no JATS article but <{local_name(root)[:40]}>", name, _SAY)
    if len(articles) > 1:
        raise InputError(f"the XML holds {len(articles)} articles", name, "save the case report alone")
    return articles[0]


def _manuscript(article: _Element, name: str) -> Manuscript:
    title = next((found for meta in _named(article, "article-meta") for found in _named(meta, "article-title")), None)
    words = Words()
    bodies = [child for child in article if local_name(child) == "body"]
    for body in bodies or list(_named(article, "abstract")):
        words.add(body, _NO_BODY, _BLOCKS, cited=_rid)
    if len(words.text) > LONGEST_TEXT:
        raise too_long(name)
    legends: dict[str, Legend] = {}
    nameless: list[Legend] = []
    cited_by_id: dict[str, list[tuple[int, int]]] = {}
    for rid, span in words.cited:
        for one in rid.split()[:50]:
            cited_by_id.setdefault(one, []).append(span)
    for figure, label, text in _figures(article):
        ids = dict.fromkeys(element.get("id", "") for element in figure.iter())
        cited = tuple(span for one in ids for span in cited_by_id.get(one, ()))
        legend = Legend(label, Folded.of(text), tuple(_pictures(figure)), cited=cited)
        if label:
            legends[label] = _continued(legends[label], legend) if label in legends else legend
        elif text or legend.pictures:
            nameless.append(legend)
    free = (str(number) for number in count(1) if str(number) not in legends)
    for legend, label in zip(nameless, free, strict=False):
        legends[label] = replace(legend, label=label)
    name_of = _words(title) if title is not None else ""
    if not (words.text or legends or name_of):
        raise InputError("the article has no text", name, _SAY)
    return Manuscript(name_of or None, in_label_order(legends.values()), Folded(words.text))


def _continued(legend: Legend, more: Legend) -> Legend:
    """A figure that goes on under its own label, or is given twice."""
    text = legend.text.text
    words = text if len(text) > _LONGEST_CONTINUED or more.text.text in text else f"{text} {more.text.text}".strip()
    return replace(
        legend,
        text=Folded.of(words),
        pictures=(*legend.pictures, *more.pictures),
        cited=tuple(sorted({*legend.cited, *more.cited})),
    )


def _rid(element: _Element) -> str | None:
    """What an <xref> cites."""
    return element.get("rid") if local_name(element) == "xref" else None


def _figures(article: _Element) -> Iterator[tuple[_Element, str, str]]:
    """Each figure with its label and its caption."""
    for whole in outermost(article, _is_figure):
        if any(local_name(above) in ("sub-article", "response", "front") for above in whole.iterancestors()):
            continue
        label, words = _legend(whole)
        own = [(part, *_legend(part)) for part in _parts(whole)]
        alone = [(part, panel, text) for part, panel, text in own if panel and (not label or _numbered(panel))]
        if alone and not label:  # figures side by side under a heading, which speaks of each
            for part, panel, text in alone:
                yield part, panel, f"{words} {text}".strip()
            continue
        for _, panel, text in (part for part in own if part not in alone):
            head = f"({panel})" if panel and not _names_panel(text, panel) else ""
            words = f"{words} {head} {text}".strip() if text else words
        if words or not alone:
            yield whole, label or _label_of_id(whole), words
        yield from alone


def _parts(whole: _Element) -> Iterator[_Element]:
    """The figures and groups in a group, at any depth, in order."""
    for part in outermost(whole, _is_figure):
        yield part
        yield from _parts(part)


def _numbered(label: str) -> bool:
    return any(sign.isdigit() for sign in label)


def _names_panel(text: str, panel: str) -> bool:
    """Whether `text` says itself that it is of `panel`."""
    return re.match(rf"[(\[]?{re.escape(panel)}[)\].:,;]", text, re.IGNORECASE) is not None


def _legend(figure: _Element) -> tuple[str, str]:
    """The label of a figure ("1", or "A" of a part) and its caption, without those of its parts."""
    own = [child for child in figure if not _is_figure(child)]
    written = next((_words(child) for child in own if local_name(child) == "label"), "")
    caption = Words()
    for child in own:
        if local_name(child) == "caption":
            caption.add(child, _NO_CAPTION, _BLOCKS)
    text = caption.text
    named_so = label_at_start(written)
    label = label_in(written) or (named_so[0] if named_so else written.strip("()[]. "))
    start = label_at_start(text)
    if start and label in ("", start[0]):
        label, text = start[0], text[start[1] :]
    return label, text


def _label_of_id(figure: _Element) -> str:
    found = re.search(
        r"(?:^|[^A-Za-z])f(?:ig(?:ure)?)?[-_.]?0*(\d{1,3}[A-Za-z]?)$", figure.get("id", ""), re.IGNORECASE
    )
    return found.group(1) if found else ""


def _pictures(figure: _Element) -> Iterator[str]:
    """The files that the figure's graphics name; of <alternatives> the first."""
    for graphic in figure.iter():
        if local_name(graphic) != "graphic":
            continue
        above = graphic.getparent()
        if above is not None and local_name(above) == "alternatives":
            first = next(child for child in above if local_name(child) == "graphic")
            if first is not graphic:
                continue
        target = next((value for key, value in graphic.attrib.items() if str(key).rpartition("}")[2] == "href"), "")
        if target:
            yield str(target)
            yield str(target).rpartition("/")[2]


def _is_figure(element: _Element) -> bool:
    name = local_name(element)
    if name == "supplementary-material":
        label = next((child for child in element if local_name(child) == "label"), None)
        return label is not None and label_at_start(_words(label)) is not None
    return name in ("fig", "fig-group")


def _named(element: _Element, name: str) -> Iterator[_Element]:
    return (found for found in element.iter() if local_name(found) == name)


def _words(element: _Element) -> str:
    words = Words()
    words.add(element, named("fn"), _BLOCKS)
    return words.text
