"""`python -m interop`: every case, in every format, through every peer. Status 1 where one reads something else.

With words, only the cases whose names hold one of them.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interop import archive, faults, segmentations, validators
from interop.cases import Made, NoStack, all_cases
from interop.child import NotInstalled, Refused
from interop.peers import DICOM, PEERS, TO_COME, Outcome
from interop.truth import Truth, receipt_differences, truths

import callout
from callout.case import Case
from callout.errors import CalloutError
from callout.exports.formats import names


@dataclass
class Row:
    """One line of the table."""

    case: str
    format: str
    peer: str
    outcome: Outcome

    def __str__(self) -> str:
        told = "; ".join(self.outcome.details[:3]) + (" …" if len(self.outcome.details) > 3 else "")
        return f"{self.case:42} {self.format:9} {self.peer:16} {self.outcome.status:13} {told}".rstrip()


@dataclass
class File:
    """The files of one stack in one format, and what they have to mean."""

    case: str
    format: str
    paths: tuple[Path, ...]
    truth: Truth


def main(words: Sequence[str]) -> int:
    warnings.simplefilter("ignore")  # peers complain of what real images had wrong already; the table says what counts
    segmentations.prepare()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        made = [one for one in all_cases() if not words or any(word in one.name for word in words)]
        files: list[File] = []
        for n, one in enumerate(made):
            found, told = _exported(one, Path(folder) / str(n))
            files += found
            rows += told
            for row in told:
                print(row, flush=True)
        validators.prepare([path for file in files if file.format in ("seg", "sr") for path in file.paths])
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for answered in pool.map(_asked, files):
                rows += answered
                for row in answered:
                    print(row, flush=True)
        for row in (*_archived(files), *faults.rows(Path(folder) / "faults")):
            rows.append(row)
            print(row, flush=True)
    return _summary(rows)


def _exported(made: Made, folder: Path) -> tuple[list[File], list[Row]]:
    """The case in every format, one export each, with the receipt held against the truth."""
    folder.mkdir(parents=True)
    try:
        case = made.make(folder)
    except NoStack:
        return [], []
    with case:
        truth = truths(case)
        files: list[File] = []
        rows = [Row(made.name, "-", "import", Outcome("not made", (text,))) for text in made.refused]
        for name in (*names(), *_compressed(made.name)):
            kind, _, how = name.partition(" ")
            try:
                callout.export(case, folder / name, to=[kind], compression=how or "none")
            except CalloutError as error:
                rows.append(Row(made.name, name, "export", _refusal(kind, case, truth, str(error))))
                continue
            found = list(_files(made.name, name, folder / name, truth))
            wrong = [text for file, entries in found for e in entries for text in receipt_differences(file.truth, e)]
            rows.append(Row(made.name, name, "receipt", Outcome("differs", tuple(wrong)) if wrong else Outcome("ok")))
            files += [file for file, _ in found]
        rows.append(_everything(made.name, case, folder / "all", truth))
    return files, rows


def _compressed(case: str) -> list[str]:
    """The compressed forms of segmentations, which some of the cases have to show for all."""
    if not any(word in case for word in ("axial", "oblique", "sample")):
        return []
    return [f"{kind} {how}" for kind in ("seg", "labelmap") if kind in names() for how in ("deflated", "rle")]


def _files(case: str, kind: str, folder: Path, truth: dict[str, Truth]) -> Iterator[tuple[File, list[dict[str, Any]]]]:
    """The files of each stack, by what the receipt says, and its entries."""
    entries = json.loads((folder / "receipt.json").read_text("utf-8"))["files"]
    for stack, held in truth.items():
        mine = [entry for entry in entries if entry.get("series_id", stack) == stack]
        if mine:
            name = case if len(truth) == 1 else f"{case} #{list(truth).index(stack) + 1}"
            yield File(name, kind, tuple(folder / entry["name"] for entry in mine), held), mine


def _refusal(kind: str, case: Case, truth: dict[str, Truth], words: str) -> Outcome:
    """Whether a format was right to refuse."""
    return Outcome("not made" if _cannot(kind, case, truth) else "refused", (words,))


def _cannot(kind: str, case: Case, truth: dict[str, Truth]) -> bool:
    """Uneven slices have no affine, overlaps no label map, and nothing can refer to images without UIDs; a case
    without figures has no panels, and the proposed ones are slices as they are or pictures."""
    figures = case.report.figures if case.report else ()
    if kind in ("gsps", "sc"):
        return not figures if kind == "gsps" else not any(one.pictures for one in figures)
    uneven = any(one.is_uneven for one in truth.values()) and kind in ("nifti", "nrrd")
    overlaps = any(one.overlaps for one in truth.values()) and kind == "labelmap"
    anonymous = any(one.is_anonymous for one in truth.values()) and kind in DICOM
    return uneven or overlaps or anonymous


def _everything(name: str, case: Case, folder: Path, truth: dict[str, Truth]) -> Row:
    """`all` leaves out what can't be, and says so by name."""
    exported = callout.export(case, folder, to=["all"])
    may = {kind for kind in names() if _cannot(kind, case, truth)}
    must = {kind for kind in may if kind not in DICOM or not any(one.is_anonymous for one in truth.values())}
    said = {kind for kind in names() if any(text.startswith(f"{kind}:") for text in exported.left_out)}
    if not must <= said <= may:
        return Row(name, "all", "left out", Outcome("differs", (f"left out {sorted(said)}, not {sorted(must)}",)))
    return Row(name, "all", "left out", Outcome("ok", tuple(sorted(said))))


def _asked(file: File) -> list[Row]:
    return [
        Row(file.case, file.format, peer.name, peer(file.paths, file.truth))
        for peer in PEERS
        if file.format in peer.formats or (file.format.split()[0] in peer.formats and peer.read is not None)
    ]


def _archived(files: Sequence[File]) -> Iterator[Row]:
    """Every DICOM file in a real archive and back."""
    stored = [file for file in files if file.format.split()[0] in DICOM]
    if not stored:
        return
    try:
        held = archive.orthanc([path for file in stored for path in file.paths])
    except (NotInstalled, Refused) as error:
        status = "not installed" if isinstance(error, NotInstalled) else "refused"
        yield Row("all", "DICOM", "Orthanc", Outcome(status, (str(error),)))
        return
    for file in stored:
        wrong = tuple(text for path in file.paths for text in held[str(path)])
        yield Row(file.case, file.format, "Orthanc", Outcome("differs", wrong) if wrong else Outcome("ok"))


def _summary(rows: Sequence[Row]) -> int:
    missing = sorted(
        {f"{row.peer} ({row.outcome.details[0]})" for row in rows if row.outcome.status == "not installed"}
    )
    print()
    for kind in TO_COME:
        if kind not in names():
            print(f"{kind}: not a format of this version")
    for name in missing:
        print(f"{name}: not installed; `make peers`")
    failed = [row for row in rows if row.outcome.fails]
    for row in failed:
        print(f"FAILED  {row}")
    counts = {status: sum(row.outcome.status == status for row in rows) for status in ("ok", "not asked", "not made")}
    print(f"{counts['ok']} ok, {counts['not asked']} not asked, {counts['not made']} not made, {len(failed)} failed")
    return 1 if failed or missing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
