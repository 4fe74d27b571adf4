"""One report as text in the many ways that text comes: typed, wrapped, taken from pages, copied in one line."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from made_papers import Paper

STYLES = (
    "Figure {}. ", "Fig {}: ", "FIGURE {} - ", "Figure {} | ", "Fig.{}. ", "Figure ({}) ", "Fig. {} \u2013 ",
    "Figure {}\n",
    "Figure\u00a0{}. ", "fig. {}. ", "Figure {}\u2014", "**Figure {}.** ", "Fig. {}) ",
)  # fmt: skip
NEWLINES = ("\n", "\r\n", "\r", "\x85", "\u2028")
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be-marked", "cp1252")
PLACES = ("where cited", "at the end", "behind the references", "at the start, backwards", "twice")


@dataclass(frozen=True)
class Manner:
    """How a report is written: label's style, where captions stand, column width (0: a line a paragraph)."""

    style: str = STYLES[0]
    place: str = "where cited"
    width: int = 0
    pages: str = ""
    hyphens: bool = False


def paragraphs(paper: Paper, manner: Manner) -> list[str]:
    """The report's paragraphs behind its title, in the order of the text."""
    captions = [manner.style.format(label) + caption for label, caption in paper.captions]
    references = ["References", "1. Somebody A. On nothing. J Made 2020;1:2.", "2. Else B. On little. J Made 2021;3:4."]
    story = list(paper.story)
    if manner.place == "at the start, backwards":
        return [*reversed(captions), *story, *references]
    if manner.place == "at the end":
        return [*story, *captions, *references]
    if manner.place == "behind the references":
        return [*story, *references, "Figure legends", *captions]
    among: list[str] = []
    for number, words in enumerate(story):
        among += [words, *captions[number : number + 1]]
    among += captions[len(story) :]
    again = ["Figure legends", *captions] if manner.place == "twice" else []
    return [*among, *references, *again]


def as_text(paper: Paper, manner: Manner) -> str:
    """The report as a text file has it."""
    parts = [paper.title, *paragraphs(paper, manner)]
    if not manner.width:
        return "\n\n".join(parts) + "\n"
    wrapped = [wrap(part, manner) for part in parts]
    lines = [line for part in wrapped for line in (*part, "")]
    return paged(lines, manner.pages)


def wrap(words: str, manner: Manner) -> list[str]:
    """A paragraph in lines, perhaps with long words broken at their ends."""
    lines: list[str] = []
    for part in words.split("\n"):
        lines += textwrap.wrap(part, manner.width, break_on_hyphens=False, break_long_words=False)
    if not manner.hyphens:
        return lines
    broken: list[str] = []
    for line in lines:
        first, _, rest = line.partition(" ")
        if broken and first.isalpha() and first.islower() and len(first) > 7:
            broken[-1] += f" {first[:4]}-"
            broken.append(f"{first[4:]} {rest}".rstrip())
        else:
            broken.append(line)
    return broken


def paged(lines: Sequence[str], pages: str, high: int = 14) -> str:
    """The lines on pages: with form feeds, with running heads and page numbers, or with both."""
    if not pages:
        return "\n".join(lines)
    text = ""
    for number, start in enumerate(range(0, len(lines), high), start=301):
        head = "Made reports of odd things 2020\n\n" if "heads" in pages and start else ""
        foot = f"\n\n{number}\n\n" if "numbers" in pages else "\n"
        text += head + "\n".join(lines[start : start + high]) + foot + ("\f" if "feeds" in pages else "")
    return text


def web_copy(paper: Paper) -> str:
    """The report as a reader's view of a web page gives it: one line, links and all."""
    story = " ".join(paper.story)
    captions = "".join(
        f" ![Figure {label}](https://example.org/F{label}.gif) [Figure {label}](https://example.org/F{label}) "
        f"Figure\u00a0{label} {caption}"
        for label, caption in paper.captions
    )
    after = " Nobody else had this before." * 20
    head = f"{paper.title} {'=' * len(paper.title)} * Ann Author * Bo Writer * Imaging"
    return f"{head} {story}{captions}{after} ## References 1. X."


def odd(paper: Paper, change: Callable[[str], str]) -> Paper:
    """The paper with its words changed."""
    return replace(
        paper,
        story=tuple(map(change, paper.story)),
        captions=tuple((label, change(words)) for label, words in paper.captions),
    )


def encoded(text: str, encoding: str) -> bytes:
    """`text` in bytes."""
    if encoding == "utf-16-be-marked":
        return b"\xfe\xff" + text.encode("utf-16-be")
    return text.encode(encoding)
