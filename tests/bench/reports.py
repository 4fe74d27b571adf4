"""Reading captions: one by one, and ten megabytes of text in one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from bench.table import Row, timed

from callout.reports import analyse_body, analyse_caption
from callout.terms import search

OWN = Path(__file__).parents[1] / "annotations" / "reports" / "own_captions.jsonl"
MEGABYTE = 1 << 20
ROUNDS = 10


def rows(folder: Path) -> Iterator[Row]:
    """Processor time of a caption, of text by the megabyte, and of a search for every letter that is typed."""
    texts = [json.loads(line)["text"] for line in OWN.read_text(encoding="utf-8").splitlines()]
    analyse_caption(texts[0])
    times = [timed(lambda text=text: analyse_caption(text)).cpu for _ in range(ROUNDS) for text in texts]
    yield Row("a caption, mean", sum(times) / len(times), "ms", 2)
    line = " ".join(texts)
    one, ten = (
        timed(lambda size=size: analyse_body((line * (size // len(line) + 1))[:size])).cpu
        for size in (MEGABYTE, 10 * MEGABYTE)
    )
    yield Row("10 MB in one line", ten / one, "× 1 MB", 13)
    search("a")
    typed = "ground glass opacity"
    each = [timed(lambda end=end: search(typed[:end])).cpu for end in range(1, len(typed) + 1)]
    yield Row("a search, slowest letter", max(each), "ms", 10)
