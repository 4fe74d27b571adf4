"""Spoils files and reads them; a crash, a hang or a want of memory ends this process, and whoever started it knows why.

usage: python -m fuzz.worker FOLDER FIRST COUNT STEP: mutations FIRST, FIRST + STEP, … Prints a JSON line before each
(its seed), and one after each that was a fault.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import shutil
import signal
import sys
import traceback
import warnings
from pathlib import Path
from random import Random
from typing import Any

from fuzz import kinds
from fuzz.spoil import spoilt
from peak import peak_megabytes

SECONDS = 20
CEILING = 4 << 30  # bytes of address space
MEGABYTES = 900
Slices = set[tuple[Any, ...]]


class Wrong(Exception):
    """An answer that is none of the promised ones."""


def read(folder: Path) -> tuple[Slices, int]:
    """(place, size and values) of every slice of every series, and how many things were refused."""
    import callout
    from callout import dicom
    from callout.errors import CalloutError

    found, refused = dicom.scan([folder]), 0
    slices: Slices = set()
    for one in found.series:
        json.dumps(dicom.series_json(one), allow_nan=False)
        try:
            voxels = callout.load(one).voxels
        except CalloutError as error:
            refused += 1
            if not str(error).isprintable():
                raise Wrong(f"message {error!r}") from None
            if not dicom.decode_all(one).problems:
                raise Wrong("inspect --pixels does not say what load refuses") from None
            continue
        if dicom.decode_all(one).problems:
            raise Wrong("inspect --pixels refuses what load does not")
        steps = (*one.grid.row_step.tolist(), *one.grid.column_step.tolist())
        for place, values in zip(one.grid.origins.tolist(), voxels, strict=True):
            slices.add((*place, *steps, values.shape, values.astype("f4").tobytes()))
    if not found.series and not found.skipped:
        raise Wrong("nothing found, and nothing said")
    return slices, refused + len(found.skipped)


def case(sound: dict[str, kinds.Files], seed: int) -> tuple[str, str, bytes, str]:
    """Kind, name, bytes and mutation of the file that a seed spoils."""
    chance = Random(seed)
    kind = list(sound)[seed % len(sound)]
    name = chance.choice(sorted(sound[kind]))
    data, mutation = spoilt(sound[kind][name], chance)
    return kind, name, data, mutation


def play(sound: dict[str, kinds.Files], truth: dict[str, Slices], seed: int, folder: Path) -> str:
    """What came of a seed: "loaded", "refused"; raises where it is anything else."""
    kind, name, data, mutation = case(sound, seed)
    place = folder / "images"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for other, content in sound[kind].items():
        (place / other).write_bytes(data if other == name else content)
    slices, refused = read(place)
    if mutation == "cut" and not slices <= truth[kind]:
        raise Wrong("a cut file gave values that were not there")
    if mutation == "mended" and len(sound[kind]) == 1 and name.startswith("a-") and slices != truth[kind]:
        raise Wrong("a harmless change changed places or values")
    if not slices and not refused:
        raise Wrong("an image is missing, and nothing said so")
    return "loaded" if slices else "refused"


def main(folder: Path, first: int, count: int, step: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sound = pickle.loads((folder.parent / "sound.pickle").read_bytes())  # our own, a moment old
    truth: dict[str, Slices] = {}
    for kind, files in sound.items():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
        truth[kind], _ = read(folder)
        assert truth[kind], kind
    resource.setrlimit(resource.RLIMIT_AS, (CEILING, CEILING))
    warnings.simplefilter("error")  # a warning would be printed over whatever is on the screen
    for seed in range(first, first + count * step, step):
        print(json.dumps({"seed": seed}), flush=True)
        signal.alarm(SECONDS)
        try:
            answer: dict[str, Any] = {"answer": play(sound, truth, seed, folder)}
        except BaseException:
            answer = {"fault": " | ".join(traceback.format_exc().strip().splitlines()[-7:])}
        signal.alarm(0)
        megabytes = peak_megabytes()
        if megabytes > MEGABYTES and "fault" not in answer:
            answer = {"fault": f"took {megabytes:.0f} MB"}
        print(json.dumps(answer), flush=True)
        if megabytes > MEGABYTES:
            return  # the next one is measured anew


if __name__ == "__main__":
    os.environ["CALLOUT_INDEX_CACHE"] = "off"
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
