"""Peers that check DICOM objects against the standard: dciodvfy, dcentvfy, PixelMed, dsrdump, dcmpschk."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pydicom
from interop.child import NotInstalled, run
from interop.truth import Truth

PIXELMED = Path("/usr/share/java/pixelmed.jar")
# its rules are one large style sheet, larger than Java allows by itself
JAVA = ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
JAVA += [f"-Djdk.xml.{limit}=0" for limit in ("xpathExprOpLimit", "xpathTotalOpLimit", "xpathExprGrpLimit")]
_pixelmed_said: dict[str, list[str]] = {}
DOCS = Path(__file__).parents[2] / "docs/reference/interop.md"


def dciodvfy(paths: Sequence[Path], truth: Truth) -> list[str]:
    return _judged("dciodvfy", _dciodvfy, paths, truth)


def _dciodvfy(path: Path) -> list[str]:
    said = run(["dciodvfy", "-new", path], strict=False).splitlines()
    return [line for line in said if line.startswith(("Error", "dciodvfy:"))]


def dcentvfy(paths: Sequence[Path], truth: Truth) -> list[str]:
    """The object beside its images: one patient, one study, one frame of reference."""
    images = sorted({one.path for one in truth.series.instances})

    def said(*files: str | Path) -> list[str]:
        return [line for line in run(["dcentvfy", *files], strict=False).splitlines() if line.startswith("Error")]

    wrong = said(*images, *paths)
    return sorted(set(wrong) - set(said(*images))) if wrong else []


def pixelmed(paths: Sequence[Path], truth: Truth) -> list[str]:
    if not PIXELMED.exists():
        raise NotInstalled("pixelmed")
    return _judged("PixelMed", _pixelmed, paths, truth)


def prepare(paths: Sequence[Path]) -> None:
    """Ask PixelMed about all files at once."""
    if PIXELMED.exists() and paths:
        _pixelmed_said.update(_pixelmed_of(paths))


def _pixelmed(path: Path) -> list[str]:
    said = _pixelmed_said.get(str(path)) or _pixelmed_of([path])[str(path)]
    verdict = any("validation complete" in line.lower() for line in said)
    return [line for line in said if line.startswith("Error")] + ([] if verdict else [f"no verdict: {said[:1]}"])


def _pixelmed_of(paths: Sequence[Path]) -> dict[str, list[str]]:
    """Its lines, for each file."""
    program = Path(__file__).with_name("Pixelmed.java")
    said = run([*JAVA, "-cp", str(PIXELMED), program, *paths], seconds=60 + 20 * len(paths))
    parts = re.split(r"^FILE: (.*)$", said, flags=re.MULTILINE)[1:]
    return {path: lines.splitlines() for path, lines in zip(parts[::2], parts[1::2], strict=True)}


def dsrdump(paths: Sequence[Path], truth: Truth) -> list[str]:
    """It prints a sound report without a complaint, and the name of every finding is in the text."""
    wrong = []
    for path in paths:
        said = run(["dsrdump", "--convert-to-utf8", "--print-long-values", path])
        wrong += [line for line in said.splitlines() if re.match(r"[EF]: ", line)]
        shown = " ".join(said.replace("\\", " ").split())
        names = {one.number: " ".join(one.name.replace("\\", " ").split()) for one in truth.regions}
        wrong += [f"{number}: {name!r} is not in it" for number, name in names.items() if name[:60] not in shown]
    return wrong


def dcmpschk(paths: Sequence[Path], truth: Truth) -> list[str]:
    said = [line for path in paths for line in run(["dcmpschk", path]).splitlines()]
    return [line for line in said if line.startswith("Error")]


def _judged(peer: str, check: Callable[[Path], list[str]], paths: Sequence[Path], truth: Truth) -> list[str]:
    """What no rule of the reference page tolerates, and what is not about a value handed on from the images."""
    wrong = []
    for path in paths:
        lines = [line for line in check(path) if not any(re.search(rule, line) for rule in _tolerated(peer))]
        wrong += [line for line in lines if not _handed_on(line, path, truth)]
    return wrong


def _handed_on(line: str, path: Path, truth: Truth) -> bool:
    """Whether a complaint is about the value of an attribute that the images have in the same words."""
    named = re.search(r"^Error(?: - </|: \w+Module/)(\w+)(?:\([0-9a-f,]+\)\[1\]>|/: \1/value\[1\]/)", line)
    if named is None:
        return False
    theirs = pydicom.dcmread(truth.series.instances[0].path, stop_before_pixels=True).get(named[1])
    return theirs is not None and theirs == pydicom.dcmread(path, stop_before_pixels=True).get(named[1])


@cache
def _tolerated(peer: str) -> tuple[str, ...]:
    """The patterns in the rows `| peer | `pattern` | why |` of the page."""
    rows = re.findall(r"^\| (\S+) \| `(.+?)` \|", DOCS.read_text("utf-8"), re.MULTILINE)
    return tuple(pattern.replace(r"\|", "|") for name, pattern in rows if name == peer)
