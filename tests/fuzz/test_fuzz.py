"""A short fuzz: a few hundred mutations of files of every kind; the long one is `make fuzz`."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

from fuzz import __main__ as fuzz
from fuzz import kinds, spoil


def test_spoilt_files_load_or_are_refused(tmp_path: Path) -> None:
    tally = fuzz.run(tmp_path, 600, 1, time.monotonic() + 300)
    assert not tally.faults, "\n".join(fuzz.listed(tally))
    assert sum(tally.answers.values()) == 600
    assert min(tally.answers["loaded"], tally.answers["refused"]) > 50


def test_a_seed_is_always_the_same_mutation() -> None:
    data = bytes(range(256)) * 20
    assert spoil.spoilt(data, Random(3)) == spoil.spoilt(data, Random(3))


def test_every_kind_is_sound_and_small() -> None:
    sound = kinds.sound()
    assert all(len(data) < 20_000 for files in sound.values() for data in files.values())
