"""Web pages of journals and of PubMed Central, as a browser saves them.

Figures are <figure> elements and what journals use in their place (class "fig", "figure" …); a page without them
is read like a text. Words that are no report's are left out: navigation, tools, hidden text, scripts, styles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from callout.errors import InputError
from callout.reports.decoding import LONGEST_TEXT, decoded, too_long
from callout.reports.excerpt import Excerpt
from callout.reports.labels import label_at_start
from callout.reports.manuscript import Legend, Manuscript, in_label_order
from callout.reports.markup import PICTURE, LinkedPicture
from callout.reports.model import Folded, Picture
from callout.reports.page import Page, plain_page
from callout.reports.pictures import media_type
from callout.reports.text import read_lines
from callout.reports.tree import Words, outermost

if TYPE_CHECKING:
    from lxml.etree import _Element

_DECLARED = re.compile(rb"""<meta[^<>]{0,200}charset\s{0,9}=\s{0,9}["']?([A-Za-z0-9._-]{1,40})""", re.IGNORECASE)
_PAGE = re.compile(r"\s*(?:<\?[^<>]*>\s*|<!--(?:[^-]|-(?!->))*+-->\s*)*<(?:!doctype\s{1,9}html|html|head|body)\b", re.I)
_FIGURE_CLASSES = frozenset(("fig", "figure", "fig-group", "html-fig-wrap", "figuredesc", "fig-wrap", "figure-wrap"))
_CAPTIONS = re.compile(r"(?:^|[\s_-])(?:fig)?(?:captions?|description|legend)(?:$|[\s_-])", re.IGNORECASE)
_TOOL_CLASSES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|breadcrumbs?|sidebar|share|social|related|cookies?|banner|toolbar|"
    r"adverts?|comments?|ref-list|references|footnotes|authors?|contrib\w*|affiliations?|permissions|copyright|"
    r"skip|download|links|citation|metrics|keywords|kwd)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN_CLASSES_NAMES = """
    visually-hidden visuallyhidden sr-only usa-sr-only hidden mfp-hide screen-reader-text
"""
_HIDDEN_CLASSES = frozenset(_HIDDEN_CLASSES_NAMES.split())
_HIDDEN_STYLE = re.compile(r"(?:display\s{0,4}:\s{0,4}none|visibility\s{0,4}:\s{0,4}hidden)", re.IGNORECASE)
_TOOL = re.compile(
    r"\W{0,3}(?:open (?:in|figure)|view (?:large|full|figure|this)|download|full[- ]size|enlarge|expand|zoom|"
    r"figure viewer|https?://|"
    r"power\s?point|ppt|show (?:more|full)|large(?:r)? image|high-res|click (?:here|to)|go to|return to).{0,60}",
    re.IGNORECASE,
)
_NO_WORDS_NAMES = """
    head title nav footer aside form button select input option math object video audio canvas dialog
"""
_NO_WORDS = frozenset(_NO_WORDS_NAMES.split())
_BLOCKS_NAMES = """
    p div section article main header h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table tr td th caption blockquote pre br
    hr figure figcaption address body html details summary
"""
_BLOCKS = frozenset(_BLOCKS_NAMES.split())
# More figures than any report, or figures in figures in figures, are no page of a journal.
_MOST_FIGURES = 1000
_DEEPEST = 6
_FED = 1 << 20
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


def is_page(text: str) -> bool:
    """Whether `text` is a web page's source."""
    return bool(_PAGE.match(text[:4000]))


def read_html(data: bytes, name: str) -> Manuscript:
    """The manuscript in the bytes of a web page called `name`; of JATS, where that is what the file holds.

    Raises:
        InputError: empty, binary, far too long, or nested deeper than any page.
    """
    found = _DECLARED.search(data[:4096])
    text = decoded(data, name, declared=found.group(1).decode() if found else None, longest=len(data) + 1)
    if not is_page(text) and re.search(r"<(?:\w{1,20}:)?article[\s>]", text[:4000]) and "article-meta" in text:
        from callout.reports.jats import read_jats

        return read_jats(data, name)
    if not re.search(r"<[A-Za-z][^<>]{0,4000}>", text):
        raise InputError("the file is no web page", name, "save the page as HTML, or its text as .txt")
    page = plain_page(text, name)
    return _Article(_parsed(page.markup, name), page, name).manuscript()


def _parsed(markup: str, name: str) -> _Element:
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    try:
        for start in range(0, len(markup), _FED):  # in pieces: a parser takes no buffer of more than ten megabytes
            parser.feed(markup[start : start + _FED].encode("utf-8", "replace"))
        root = parser.close()
    except etree.XMLSyntaxError as error:  # nothing in it but space
        raise InputError("the page is empty", name, "save the whole article") from error
    limits = [error for error in parser.feed_error_log if error.type_name == "ERR_RESOURCE_LIMIT"]
    if limits:
        reason = "is nested too deeply" if "depth" in limits[0].message else "has too long a piece"
        raise InputError(f"the page {reason} to be a report", name, "save the case report alone, or as text")
    if root is None:
        raise InputError("the page is empty", name, "save the whole article")
    return root


class _Article:
    """One page, taken apart: its figures first, then the rest as lines. `gone` is what has been read or is no text."""

    def __init__(self, root: _Element, page: Page, name: str) -> None:
        self.root, self.page, self.name = root, page, name
        self.gone: set[_Element] = set()

    def manuscript(self) -> Manuscript:
        title = self._title()
        containers = [element for element in self.root.iter() if _is_figure(element)]
        if len(containers) > _MOST_FIGURES:
            raise InputError(f"the page has {len(containers)} figures", self.name, "save the case report alone")
        self._leave_out(containers)
        legends = self._figures(containers)
        rest = self._rest(title, legends)
        for legend in rest.legends:
            legends.setdefault(legend.label, Legend(legend.label, Folded(legend.text.text), legend.pictures))
        if not (rest.body.text or legends):
            raise InputError("the page has no text", self.name, "save the whole article")
        return Manuscript(title, in_label_order(legends.values()), Folded(rest.body.text))

    def _title(self) -> str | None:
        for meta in self.root.iter("meta"):
            if meta.get("name", "").lower() in ("citation_title", "dc.title") and meta.get("content", "").strip():
                return " ".join(meta.get("content", "").split())
        for tag in ("h1", "title"):
            words = (self._words([found]) for found in self.root.iter(tag))
            if title := next((found for found in words if found), None):
                return title
        return None

    def _leave_out(self, containers: list[_Element]) -> None:
        """Leave out what is no part of the report, but nothing that holds a figure or the title."""
        kept: set[_Element] = set()
        for element in (*containers, *self.root.iter("h1")):
            above: _Element | None = element
            while above is not None and above not in kept:
                kept.add(above)
                above = above.getparent()
        for element in self.root.iter():
            if _is_hidden(element) or (element not in kept and _is_tool(element)):
                self.gone.add(element)

    def _figures(self, containers: list[_Element]) -> dict[str, Legend]:
        """The figures by label; what they are made of is gone."""
        found: list[Legend] = []
        nameless: list[Legend] = []
        known = set(containers)
        for element in reversed(containers):  # parts before the figure that they are in
            above = list(element.iterancestors())
            if any(outer in self.gone for outer in (element, *above)):
                continue
            inner = sum(outer in known for outer in above)
            if inner > _DEEPEST:
                raise InputError("the page has figures nested too deeply", self.name, "save the case report alone")
            text = self._caption(element)
            label, start = label_at_start(text) or ("", 0)
            if not label and inner:
                continue
            (found if label else nameless).append(self._legend(element, label, text[start:]))
            self.gone.add(element)
        legends: dict[str, Legend] = {}
        for legend in reversed(found):
            if legend.text.text:
                legends.setdefault(legend.label, legend)
        if not legends:
            told = [legend for legend in reversed(nameless) if legend.text.text]
            return {str(number): replace(legend, label=str(number)) for number, legend in enumerate(told, start=1)}
        return legends

    def _caption(self, element: _Element) -> str:
        """The words of a figure: its label and caption where they are marked, else all."""
        marked = [part for part in outermost(element, self._is_caption) if part not in self.gone]
        named = next((part for part in marked if label_at_start(self._words([part]))), None)
        if named is not None:  # a group's own caption may stand behind those of its parts
            marked = [named, *(part for part in marked if part is not named)]
        text = self._words(marked or [element])
        if marked and not label_at_start(text):
            whole = self._words([element])
            if label := label_at_start(whole):  # the label stands above what is marked as caption
                return f"{whole[: label[1]].strip()} {text}"
        return text

    def _is_caption(self, element: _Element) -> bool:
        marked = element.tag == "figcaption" or _CAPTIONS.search(element.get("class", ""))
        return bool(marked) or element in self.gone

    def _words(self, elements: list[_Element]) -> str:
        words = Words()
        for element in elements:
            words.add(element, self.gone.__contains__, _BLOCKS)
        return words.text

    def _legend(self, element: _Element, label: str, text: str) -> Legend:
        targets: list[str] = []
        embedded: list[Picture] = []
        for image in outermost(element, lambda part: part.tag == "img" or part in self.gone):
            if image in self.gone:
                continue
            for target in self._targets(image):
                if not target.startswith("data:"):
                    targets.append(target)
                elif picture := self._picture(target):
                    embedded.append(picture)
        return Legend(label, Folded.of(text), tuple(targets), tuple(embedded))

    def _targets(self, image: _Element) -> Iterator[str]:
        """Where a picture may be: as written, or where a browser put it when it saved the page."""
        shown = [image.get(name, "") for name in ("data-src", "data-lazy-src", "data-original", "src")]
        if all(not written or written.startswith("data:") for written in shown):  # a picture that is still to come
            sets = (image.get(name, "") for name in ("data-srcset", "srcset"))
            shown += [written.split()[0] for several in sets for written in several.split(",")[:20] if written.strip()]
        for written in shown:
            if written.startswith("data:"):
                yield written
                continue
            target = written.partition("?")[0].partition("#")[0]
            if target:
                yield target
            base = target.rpartition("/")[2]
            if base and base != target:
                yield base
                yield f"{PurePath(self.name).stem}_files/{base}"

    def _picture(self, target: str) -> Picture | None:
        number = target.partition(":")[2]
        data = self.page.pictures[int(number)] if number.isdigit() and int(number) < len(self.page.pictures) else b""
        media = media_type(data)
        if media is None or len(data) < 200:  # a dot that stands in for a picture to come
            return None
        return Picture(f"picture-{int(number) + 1}.{media.partition('/')[2]}", media, data)

    def _rest(self, title: str | None, legends: Mapping[str, Legend]) -> Manuscript:
        """What is left, read as lines of text: paragraphs, headings, captions that stand in no figure."""
        pictures: list[LinkedPicture] = []
        lines: list[Excerpt] = []
        for kind, words in self._blocks(pictures):
            label, end = label_at_start(words) or ("", 0)
            far_from_its_figure = end == len(words) and label in legends
            if words != title and not far_from_its_figure:
                lines += [Excerpt.whole(f"## {words}" if kind == "heading" else words), Excerpt.whole("")]
        if sum(len(line.text) for line in lines) > LONGEST_TEXT:
            raise too_long(self.name)
        return read_lines(lines, tuple(pictures))

    def _blocks(self, pictures: list[LinkedPicture]) -> Iterator[tuple[str, str]]:
        """Headings and paragraphs in order; each picture is one U+FFFC."""
        from lxml import etree

        pieces: list[str] = []
        heading = False
        walk = etree.iterwalk(self.root, events=("start", "end"))
        for event, element in walk:
            tag, left_out = str(element.tag), element in self.gone
            if (tag in _BLOCKS and tag != "br") or (left_out and _is_figure(element)):
                words = " ".join("".join(pieces).split())
                pieces.clear()
                if words:
                    yield "heading" if heading else "paragraph", words
                heading = tag in _HEADINGS and event == "start"
            if event == "end":
                pieces.append((element.tail or "").replace(PICTURE, " "))
            elif left_out:
                walk.skip_subtree()
            else:
                pieces.append(" " if tag == "br" else (element.text or "").replace(PICTURE, " "))
                target = (element.get("data-src") or element.get("src")) if tag == "img" else None
                if target:
                    pieces.append(PICTURE)
                    pictures.append(LinkedPicture("", target, 0))
        words = " ".join("".join(pieces).split())
        if words:
            yield "paragraph", words


def _is_figure(element: _Element) -> bool:
    if element.tag == "figure":
        return True
    if element.tag not in ("div", "section", "table", "li"):
        return False
    return not _FIGURE_CLASSES.isdisjoint(element.get("class", "").lower().split())


def _is_hidden(element: _Element) -> bool:
    if element.tag in ("body", "html"):
        return False
    classes = element.get("class", "").lower().split()
    return (
        element.get("hidden") is not None
        or not _HIDDEN_CLASSES.isdisjoint(classes)
        or bool(_HIDDEN_STYLE.search(element.get("style", "")))
    )


def _is_tool(element: _Element) -> bool:
    if element.tag == "header":  # the site's, not the article's
        return not any(above.tag in ("article", "main") for above in element.iterancestors())
    if element.tag in _NO_WORDS or _TOOL_CLASSES.search(element.get("class", "")):
        return True
    if element.tag not in ("a", "li", "span", "p", "div") or len(element) > 8:
        return False
    words = ""
    for piece in element.itertext():
        words += piece.strip()
        if len(words) > 70:
            return False
    return bool(_TOOL.fullmatch(words)) and element.find(".//img") is None
