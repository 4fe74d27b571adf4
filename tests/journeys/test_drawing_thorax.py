"""Journey (j): the thorax sample is drawn in one sitting from its report alone, exported, and its figure reproduced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from reader import Reader, border, true_masks

import callout
from callout.cli import main

KINDS = {"1:1": "cavitating lesion", "1:2": "ground glass", "1:3": "consolidation"}
ACTS = 300  # keys, clicks and drags for all ten lesions; most of them go from slice to slice
SMALL = 30  # voxels; a slice with fewer is left to the interpolation


def dice(one: Any, other: Any) -> float:
    return float(2 * (one & other).sum() / (one.sum() + other.sum()))


def test_all_lesions_are_drawn_by_outlines_and_interpolation(reader: Reader, samples: Path, tmp_path: Path) -> None:
    sample, path = samples / "thorax", tmp_path / "chest.callout"
    truth = true_masks(sample, tmp_path)
    reader.open_study(sample / "images")
    case = reader.new_case(path, sample / "report.txt")
    reader.acts = 0
    drawn = []
    reader.press("V")
    for words, kind in KINDS.items():
        if reader.session.selection.mention_id != case.mention(words).id:
            reader.do("next mention")
        for number, label in enumerate(one for one in truth if one.startswith(kind)):
            if number:
                reader.do("next lesion")
            draw(reader, truth[label])
            drawn.append(label)
    assert not case.todo
    assert reader.acts <= ACTS, reader.acts
    assert reader.troubles == []
    reader.host.session.close()

    with callout.open_case(path, read_only=True) as case:
        for label, finding in zip(drawn, case.findings, strict=True):
            (region,) = (one for one in case.regions if one.finding_id == finding.id)
            assert dice(case.mask(region), truth[label]) >= 0.9, label
    assert main(["export", str(path), "-o", str(tmp_path / "out"), "--to", "seg", "nifti"]) == 0
    assert main(["verify", str(tmp_path / "out")]) == 0
    assert main(["figure", str(path), "--figure", "1", "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "figure-1.png").is_file()


def draw(reader: Reader, lesion: Any) -> None:
    """Outlines on every other slice of its own, of large ones on every third, and what lies between them."""
    slices = [k for k in range(len(lesion)) if np.count_nonzero(lesion[k]) >= SMALL]
    reader.do("outline")
    for k in sorted({*slices[:: 3 if len(slices) > 8 else 2], slices[-1]}):
        reader.go_to(k)
        reader.trace(border(lesion[k]))
    reader.do("interpolate")
