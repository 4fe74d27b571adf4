"""A reader of hostile formats in a process of its own: no file can take the program's time, memory or life along.

The process reads the file's bytes on its standard input and answers one line of JSON, then the pictures' bytes. What
it answers is checked like any other input.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from callout.errors import InputError
from callout.reports.decoding import LONGEST
from callout.reports.manuscript import Legend, Manuscript
from callout.reports.model import Folded, Picture, Skipped
from callout.reports.pictures import LIMIT, media_type

SECONDS = 15.0
MEMORY = 600 * 1024 * 1024
_MODULE = "callout.reports.office"
_READY = 0.05  # seconds between two looks at the process's memory


def read_apart(kind: str, data: bytes, name: str) -> Manuscript:
    """The manuscript that the reader `kind` ("pdf" or "docx") makes of `data`, in a process of its own.

    Raises:
        InputError: the reader refuses the file, fails over it, or takes more than 15 s or 600 MB.
    """
    answer = _answer(kind, data, name)
    head, _, blobs = answer.partition(b"\n")
    try:
        document = json.loads(head)
        if "error" in document:
            what, remedy = (str(words)[:300] for words in document["error"])
            raise InputError(what, name, remedy)
        return _manuscript(document, blobs)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise _damaged(kind, name) from error


def _answer(kind: str, data: bytes, name: str) -> bytes:
    try:
        with tempfile.TemporaryFile() as file:  # a pipe would have to be fed while the answer is waited for
            file.write(data)
            file.seek(0)
            process = subprocess.Popen(  # noqa: S603 — our own interpreter and module, no word of the file
                [sys.executable, "-P", "-m", _MODULE, kind, str(os.getpid())],
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(_path())},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
    except OSError as error:
        raise InputError("no process can be started to read the report", name, "save it as plain text") from error
    with process:
        try:
            answer = _followed(process, name)
        finally:
            process.kill()
    if process.returncode == 0:
        return answer
    raise _damaged(kind, name)


def _followed(process: subprocess.Popen[bytes], name: str) -> bytes:
    """What the process answers, or InputError once it takes too much."""
    import psutil

    deadline = time.monotonic() + SECONDS
    while True:
        try:
            return process.communicate(timeout=_READY)[0]
        except subprocess.TimeoutExpired:
            pass
        if time.monotonic() > deadline:
            raise InputError("the report takes too long to read", name, "save it as plain text")
        try:
            taken = psutil.Process(process.pid).memory_info().rss
        except psutil.Error:  # it has just ended
            continue
        if taken > MEMORY:
            raise InputError("the report takes too much memory to read", name, "save it as plain text")


def _path() -> list[str]:
    """Where the process finds this package and its libraries: never in the folder it happens to be in."""
    home = str(Path(__file__).resolve().parents[2])
    return [home, *(entry for entry in sys.path if os.path.isabs(entry) and entry != home)]


def _damaged(kind: str, name: str) -> InputError:
    return InputError(f"the {kind.upper()} file is damaged", name, "save it anew, or as plain text")


def packed(manuscript: Manuscript) -> bytes:
    """The manuscript as the process answers it; its pictures' bytes follow the line, figure by figure."""
    pictures = [picture for legend in manuscript.legends for picture in legend.embedded]
    document = {
        "title": manuscript.title,
        "body": manuscript.body.text,
        "skipped": [[part.path, part.reason] for part in manuscript.skipped],
        "legends": [
            {
                "label": legend.label,
                "text": legend.text.text,
                "pictures": [[picture.name, len(picture.data)] for picture in legend.embedded],
            }
            for legend in manuscript.legends
        ],
    }
    return b"\n".join([json.dumps(document).encode(), b"".join(picture.data for picture in pictures)])


def _manuscript(document: dict[str, Any], blobs: bytes) -> Manuscript:
    title, body = document["title"], Folded.of(_words(document["body"]))
    legends, start = [], 0
    for legend in document["legends"]:
        embedded = []
        for name, size in legend["pictures"]:
            data = blobs[start : start + size]
            start += size
            media = media_type(data)
            if not (isinstance(size, int) and 0 < size <= LIMIT and len(data) == size and media):
                raise ValueError("a picture is none")
            embedded.append(Picture(_words(name), media, data))
        text = Folded.of(_words(legend["text"]))
        legends.append(Legend(_words(legend["label"]), text, embedded=tuple(embedded)))
    skipped = tuple(Skipped(_words(path), _words(reason)) for path, reason in document["skipped"])
    return Manuscript(None if title is None else _words(title), tuple(legends), body, skipped)


def _words(text: object) -> str:
    if not isinstance(text, str) or len(text) > LONGEST:
        raise TypeError("no text")
    return text
