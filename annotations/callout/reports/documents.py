"""Files → reports: one reader per format behind one table."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path

from callout.collection import no_collection
from callout.errors import InputError
from callout.reports.analyser import analyse_report
from callout.reports.citations import Citation, citations_by_label, find_citations
from callout.reports.docx import read_docx
from callout.reports.html import read_html
from callout.reports.jats import read_jats
from callout.reports.manuscript import Manuscript
from callout.reports.model import Figure, Picture, Report
from callout.reports.pdf import read_pdf
from callout.reports.pictures import read_picture
from callout.reports.text import read_text

LIMIT = 64 * 1024 * 1024

# A reader takes the file's bytes and its name (for messages) and gives title, captions and body.
READERS: dict[str, Callable[[bytes, str], Manuscript]] = {
    ".txt": read_text,
    ".text": read_text,
    ".md": read_text,
    ".markdown": read_text,
    "": read_text,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".xml": read_jats,
    ".nxml": read_jats,
}


def read_report(path: str | os.PathLike[str]) -> Report:
    """The report in the file `path`, with the pictures beside it that it links to.

    Raises:
        InputError: there is no such file, its format is not read, it is over 64 MB, empty, or no text.
    """
    file = Path(path)
    return read_report_bytes(report_file(file), file.name, file.parent)


def report_file(path: str | os.PathLike[str]) -> bytes:
    """The bytes of the file `path`, which a reader knows; InputError as `read_report`."""
    file = Path(path)
    _reader(file.name)
    try:
        facts = file.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise InputError("the report is no file", file, "name a text file")
        if facts.st_size > LIMIT:
            raise InputError("the report is over 64 MB", file, "name the report itself, without its pictures")
        return file.read_bytes()
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        reason = getattr(error, "strerror", None) or "it can't be opened"
        raise InputError(f"can't read the report ({reason})", file, "check its path and rights") from error


def read_report_bytes(data: bytes, name: str, folder: str | os.PathLike[str] | None = None) -> Report:
    """The report that the bytes of a file called `name` hold; its pictures are looked for in `folder` only.

    Raises:
        InputError: the format is not read, the data are over 64 MB, empty, or no text.
    """
    reader = _reader(name)
    if len(data) > LIMIT:
        raise InputError("the report is over 64 MB", name, "name the report itself, without its pictures")
    return _report(reader(data, name), name, Path(folder) if folder is not None else None)


def read_report_text(text: str, name: str = "report.txt") -> Report:
    """The report that `text` is, as a text file called `name` would be read; pictures are not looked for."""
    return read_report_bytes(text.encode("utf-8", "replace"), name)


def _reader(name: str) -> Callable[[bytes, str], Manuscript]:
    suffix = Path(name).suffix.lower()
    if suffix not in READERS:
        kinds = ", ".join(sorted(kind for kind in READERS if kind))
        raise InputError(f"a report can't be read from {suffix} files", name, f"save it as one of {kinds}")
    return READERS[suffix]


@no_collection()
def _report(manuscript: Manuscript, name: str, folder: Path | None) -> Report:
    body = manuscript.body
    labels = [legend.label for legend in manuscript.legends]
    citations = citations_by_label(labels, find_citations(body.text))
    legends = [(legend.label, legend.text.text) for legend in manuscript.legends]
    captions, mentions = analyse_report(legends, body.text, citations)
    figures = tuple(
        Figure(
            legend.label,
            caption,
            legend.embedded + _pictures(legend.pictures, folder),
            _spans(citations[legend.label], legend.cited),
            legend.text.runs,
        )
        for legend, caption in zip(manuscript.legends, captions, strict=True)
    )
    return Report(manuscript.title, figures, body.text, mentions, name, body.runs, manuscript.skipped)


def _spans(citations: Iterable[Citation], marked: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Where a figure is cited: as the words say, and where the file marks it and the words don't."""
    found = [(citation.start, citation.end) for citation in citations]
    spans: list[tuple[int, int]] = []
    for span in sorted({*found, *marked}):
        if not spans or spans[-1][1] <= span[0]:
            spans.append(span)
    return tuple(spans)


def _pictures(targets: tuple[str, ...], folder: Path | None) -> tuple[Picture, ...]:
    if folder is None:
        return ()
    found = (read_picture(folder, target) for target in dict.fromkeys(targets))
    return tuple({picture.data: picture for picture in found if picture is not None}.values())
