"""`report` and `caption`: what the words say."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from callout.cli.printing import print_json, print_table, say, warn
from callout.errors import InputError
from callout.reports import Caption, Mention, analyse_caption, read_report
from callout.reports.wire import mention_to_json
from callout.terms.vocabulary import VARIABLE


def report(options: argparse.Namespace) -> int:
    """Figures, captions and mentions of a report."""
    _use_vocabulary(options)
    read = read_report(options.file)
    for part in read.skipped:
        warn(f"{part.reason} — {part.path}")
    if options.json:
        mentions = map(mention_to_json, read.body_mentions)
        print_json(replace(read, body_mentions=()).to_json() | {"body_mentions": mentions})
        return 0
    say(read.title or read.name)
    for figure in read.figures:
        say("")
        say(f"Figure {figure.label}. {figure.caption.text}")
        _print_facts(figure.caption)
        _print_mentions(figure.caption.mentions)
    if read.body_mentions:
        say("")
        say("In the text")
        _print_mentions(read.body_mentions)
    return 0


def caption(options: argparse.Namespace) -> int:
    """The analysis of one caption, or of each line of stdin."""
    _use_vocabulary(options)
    if options.text == "-":
        for line in sys.stdin.buffer:
            if line.strip():
                print_json(_analysed_line(line))
        return 0
    analysed = analyse_caption(options.text)
    if options.json:
        print_json(analysed.to_json())
        return 0
    _print_facts(analysed)
    _print_mentions(analysed.mentions)
    return 0


def _use_vocabulary(options: argparse.Namespace) -> None:
    """Makes the vocabulary that was named that of this process and of those it starts to read a file in."""
    if options.vocabulary is not None:
        os.environ[VARIABLE] = os.path.abspath(options.vocabulary)


def _analysed_line(line: bytes) -> dict[str, Any]:
    try:
        document = json.loads(line)
        return {"id": document["id"], **analyse_caption(document["text"]).to_json()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        where = line[:60].decode(errors="replace").strip()
        raise InputError("not a JSON line with id and text", where, 'write {"id": …, "text": …}') from error


def _print_facts(analysed: Caption) -> None:
    said = [analysed.modality, *analysed.planes, *analysed.sequences, analysed.contrast, analysed.region]
    inferred = [f"{value} ({field}, from the text)" for field, value in analysed.inferred.items() if value]
    facts = [str(fact) for fact in [*said, *inferred] if fact]
    if facts:
        say("  " + " · ".join(facts))


def _print_mentions(mentions: Iterable[Mention]) -> None:
    rows = [
        (m.id, m.text, m.concept, m.marker, m.laterality, m.site, ", ".join(m.levels), _size(m), _doubts(m))
        for m in mentions
    ]
    if rows:
        print_table(("mention", "words", "concept", "marker", "side", "site", "levels", "size", ""), rows)


def _size(mention: Mention) -> str:
    size = mention.measurement
    return "" if size is None else " × ".join(f"{value:g}" for value in size.values) + f" {size.unit}"


def _doubts(mention: Mention) -> str:
    return ", ".join(word for word, holds in (("denied", mention.negated), ("uncertain", mention.uncertain)) if holds)
