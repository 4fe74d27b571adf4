"""Journeys (g) and (h): both samples drawn from their reports, in a sitting that is killed in the middle of a stroke.

What it took in drags, clicks and keys is written in docs/how-to/annotate-a-case.md, and is what the tests hold it to.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import tomllib
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from annotator import Seen, dice, seen_in
from PIL import Image
from sitting import PATIENCE_S, PLANS, Step

import callout
from napari_callout.panes.hand import LOCALIZER

Run = Callable[..., Any]
TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "how-to" / "annotate-a-case.md"
KINDS = ("drags", "clicks", "keys")
LEAST_DICE = 0.9
SLICES_APART = 3  # between the place that a figure shows and the one that it shows of the truth


def written(sample: str) -> dict[str, tuple[int, ...]]:
    """What each finding takes, by the page."""
    part = PAGE.read_text("utf-8").partition(f"## {sample.capitalize()}")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*\|$", part, re.M)]
    return {row[0]: tuple(int(cell) for cell in row[2:5]) for row in rows[2:]}


def annotate(*words: object, until_killed: bool = False) -> dict[str, Any]:
    """The annotator as a program; what it said. It ends, or waits in the middle of a stroke to be killed."""
    roots = [str(TESTS), *(entry for entry in sys.path if entry)]
    child = subprocess.Popen(
        [sys.executable, "-m", "sitting", *(str(word) for word in words)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(roots)},
    )
    assert child.stdout is not None
    end = threading.Timer(PATIENCE_S, child.kill)  # where it hangs
    end.start()
    with child.stdout as stdout:
        said = stdout.readline()
        if until_killed:
            child.kill()
        assert (child.wait() == 0) != until_killed
    end.cancel()
    told: dict[str, Any] = json.loads(said)
    return told


def assert_kept(path: Path, told: Mapping[str, Any]) -> Any:
    """The case holds what was told: every stroke that was let go, and nothing of one that was not."""
    with callout.open_case(path, read_only=True) as case:
        assert len(case.history) == told["edits"]
        found = {region.id: [region.series_id, zlib.crc32(case.mask(region))] for region in case.regions}
        assert found == told["masks"]
        return case.todo


def annotated(sample: str, steps: int, drags: int, folder: Path) -> tuple[Path, dict[tuple[str, str], Seen]]:
    """The case of a sample, drawn by two processes, of which the first is killed."""
    if not os.environ.get("DISPLAY") and sys.platform.startswith("linux"):
        pytest.skip("there is no display to show a window on")
    path, seen = folder / f"{sample}.callout", seen_in(sample, folder / "eyes")
    first = annotate(sample, path, steps, drags, until_killed=True)
    assert assert_kept(path, first)
    rest = annotate(sample, path, steps)
    assert not assert_kept(path, rest)
    assert set(first["troubles"] + rest["troubles"]) <= {LOCALIZER}
    took = Counter[tuple[str, str]]()
    for told in (first, rest):
        took.update({(name, kind): n for name, used in told["used"].items() for kind, n in used.items()})
    assert_written(sample, took)
    return path, seen


def assert_written(sample: str, took: Mapping[tuple[str, str], int]) -> None:
    """It took what the page says."""
    found = {name: tuple(took.get((name, kind), 0) for kind in KINDS) for name, _ in took}
    assert found == written(sample)


def assert_alike(run: Run, case: Path, images: Path, plan: tuple[Step, ...], seen: Mapping[Any, Seen]) -> None:
    """What is exported, verified and imported into another case agrees with the truth, region by region."""
    folder = case.parent
    run("export", case, "-o", folder / "out", "--to", "seg", "nifti")
    run("verify", folder / "out")
    run("new", folder / "again.callout", "--images", images)
    run("import", folder / "again.callout", *sorted((folder / "out").glob("*.seg.dcm")))
    with callout.open_case(case, read_only=True) as drawn, callout.open_case(folder / "again.callout") as again:
        assert len(again.regions) == len(drawn.regions)
        masks = {region.id: (region.series_id, again.mask(region)) for region in again.regions}
        for region in drawn.regions:
            mask = drawn.mask(region)
            assert any(one == region.series_id and np.array_equal(other, mask) for one, other in masks.values())
    wanted = {(step.name, step.title) for step in plan}
    agreed = {
        one: max(dice(m, seen[one].mask) for s, m in masks.values() if s == seen[one].series_id) for one in wanted
    }
    assert {one: value for one, value in agreed.items() if value < LEAST_DICE} == {}


def assert_figures(run: Run, case: Path, truth: Path, labels: str) -> None:
    """The figures are those of the truth: the same series, about the same places."""
    for label in labels:
        panels, wanted = (
            [panel["view"] for panel in tomllib.loads(run("figure", one, "--figure", label, "--spec"))["panels"]]
            for one in (case, truth)
        )
        assert [view["series_id"] for view in panels] == [view["series_id"] for view in wanted]
        assert all(abs(a["slice"] - b["slice"]) <= SLICES_APART for a, b in zip(panels, wanted, strict=True))
    run("figure", case, "-o", case.parent / "figures")
    for label in labels:
        assert np.asarray(Image.open(case.parent / "figures" / f"figure-{label}.png").convert("L")).std() > 20


def test_every_lesion_of_the_thorax_is_drawn(run: Run, samples: Path, tmp_path: Path) -> None:
    case, seen = annotated("thorax", 4, 2, tmp_path)
    assert_alike(run, case, samples / "thorax" / "images", PLANS["thorax"], seen)
    assert_figures(run, case, tmp_path / "eyes" / "truth.callout", "1")
    with callout.open_case(case, read_only=True) as read:
        assert [finding.concept for finding in read.findings] == [
            *["cavity"] * 5, *["ground-glass opacity"] * 3, *["consolidation"] * 2,
        ]  # fmt: skip
        assert {link.mention_id for link in read.links} == {"1:#1", "1:#2", "1:#3"}


def test_the_mass_of_the_spine_is_drawn_in_every_series(run: Run, samples: Path, tmp_path: Path) -> None:
    case, seen = annotated("spine", 2, 5, tmp_path)
    assert_alike(run, case, samples / "spine" / "images", PLANS["spine"], seen)
    assert_figures(run, case, tmp_path / "eyes" / "truth.callout", "12345")
    with callout.open_case(case, read_only=True) as read:
        mass = read.findings[0]
        assert [link.mention_id for link in read.links if link.finding_id == mass.id] == [
            "1:#1",
            "2:#1",
            "3:#1",
            "5:#1",
        ]
        assert sum(region.finding_id == mass.id for region in read.regions) == 12
