"""The words of a case as readers changed them: captions and body that are typed, over those that were given.

A mention keeps its id where the new text still says it, so that links stay; an id that is lost is never given again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from callout.case.model import Words
from callout.errors import InputError
from callout.reports import Caption, Figure, Mention, Report, analyse_body
from callout.reports.analyser import analyse_figures
from callout.reports.manuscript import folded
from callout.reports.wire import mention_from_json, mention_to_json

BODY, TITLE = "body", "title"
FIGURE = "figure "
LONGEST = 10_000_000  # characters


def figure_words(label: str) -> str:
    """The id of the words of a figure's caption."""
    return f"{FIGURE}{label}"


def revised(given: Report | None, words: Sequence[Words]) -> Report | None:
    """The report as given, with what was typed in the place of what it changes; figures in order of their label."""
    if not words:
        return given
    report = given or Report(None)
    figures = {figure.label: figure for figure in report.figures}
    for one in words:
        if one.id == TITLE:
            report = replace(report, title=one.text or None)
        elif one.id == BODY:
            mentions = tuple(mention_from_json(mention) for mention in json.loads(one.analysis))
            report = replace(report, body=one.text, body_mentions=mentions)
        else:
            label = one.id.removeprefix(FIGURE)
            known = figures.get(label)
            caption = Caption.from_json(json.loads(one.analysis))
            figures[label] = Figure(label, caption) if known is None else replace(known, caption=caption)
    return replace(report, figures=tuple(figures[label] for label in sorted(figures, key=_label_order)))


def _label_order(label: str) -> tuple[str, int, str]:
    digits = "".join(c if c.isdigit() else " " for c in label).split()
    number = int(digits[0]) if digits else 0
    prefix, _, suffix = label.partition(digits[0]) if digits else ("", "", label)
    return prefix.upper(), number, suffix.upper()


def mention_ids_in(analysis: str) -> list[str]:
    """The ids of the mentions of an analysis as `Words` keeps it."""
    document = json.loads(analysis) if analysis else []
    mentions = document["mentions"] if isinstance(document, dict) else document
    return [mention["id"] for mention in mentions]


def caption_words(report: Report | None, label: str, text: str, used: Iterable[str]) -> Words:
    """The words of a caption as it is typed, analysed. used: ids of mentions that ever were."""
    if not label.strip() or any(not c.isprintable() for c in label):
        raise InputError(f"a figure can't be called {label!r}", remedy="give its number")
    text = _checked(text)
    figure = report.figure(label) if report else None
    (caption,) = analyse_figures([(label, text)], report.body if report else "")
    before = figure.caption if figure else Caption("")
    mentions = _with_old_ids(before.text, before.mentions, text, caption.mentions, label, used)
    return Words(figure_words(label), text, json.dumps(replace(caption, mentions=mentions).to_json()))


def body_words(report: Report | None, text: str, used: Iterable[str]) -> Words:
    """The words of the body as it is typed, analysed."""
    text = _checked(text)
    before = report.body_mentions if report else ()
    mentions = _with_old_ids(report.body if report else "", before, text, analyse_body(text), BODY, used)
    return Words(BODY, text, json.dumps([mention_to_json(mention) for mention in mentions]))


def title_words(text: str) -> Words:
    """The title as it is typed."""
    return Words(TITLE, _checked(text), "")


def _checked(text: str) -> str:
    if len(text) > LONGEST:
        raise InputError(f"a text of {len(text)} characters is too long", remedy="give the caption or the body alone")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError("text that is no Unicode can't be kept", remedy="write it in other letters") from error
    return folded(text)


def _with_old_ids(
    before: str, old: Sequence[Mention], after: str, new: Sequence[Mention], label: str, used: Iterable[str]
) -> tuple[Mention, ...]:
    """The new mentions, each with the id of the old one whose words it still is, else with one that never was.

    Two mentions are the same where they name the same concept with the same marker and their words stand at the same
    place of the text that did not change; else where only one of each is left with that concept and marker.
    """
    places = _moved(before, after)
    left = {mention.id: mention for mention in old}
    ids: dict[int, str] = {}
    for n, mention in enumerate(new):
        for was in left.values():
            if _alike(was, mention) and places.get(was.start) == mention.start:
                ids[n] = was.id
                del left[was.id]
                break
    for n, mention in enumerate(new):
        if n not in ids:
            twins = [was for was in left.values() if _alike(was, mention)]
            rivals = [other for m, other in enumerate(new) if m not in ids and _alike(mention, other)]
            if len(twins) == len(rivals) == 1:
                ids[n] = twins[0].id
                del left[twins[0].id]
    numbers = [int(tail) for one in (*used, *(was.id for was in old)) if (tail := _number(one, label)).isdigit()]
    following = max(numbers, default=0)
    result = []
    for n, mention in enumerate(new):
        if n not in ids:
            following += 1
            ids[n] = f"{label}:#{following}"
        result.append(replace(mention, id=ids[n]))
    return tuple(result)


def _number(mention_id: str, label: str) -> str:
    home, _, tail = mention_id.rpartition(":#")
    return tail if home == label else ""


def _alike(a: Mention, b: Mention) -> bool:
    return (a.concept, a.marker) == (b.concept, b.marker)


def _moved(before: str, after: str) -> Mapping[int, int]:
    """Where each character of `before` that is still there stands in `after`, by words."""
    old, new = _words(before), _words(after)
    matcher = SequenceMatcher(None, [word for _, word in old], [word for _, word in new], autojunk=False)
    moved: dict[int, int] = {}
    for block in matcher.get_matching_blocks():
        for n in range(block.size):
            (start, word), (now, _) = old[block.a + n], new[block.b + n]
            moved.update((start + offset, now + offset) for offset in range(len(word)))
    return moved


def _words(text: str) -> list[tuple[int, str]]:
    found, start = [], 0
    for word in text.split(" "):
        if word:
            found.append((start, word))
        start += len(word) + 1
    return found
