"""Journeys (h) and (i): a real chest CT and a real soft-tissue mass on MR are read in the window."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from reader import Done, Reader

CHEST = "Axial CT: nodule (arrow) in the right lung, and consolidation (arrowhead)."
THIGH = """A mass of the thigh

MRI of the thigh showed a soft tissue mass with oedema around it.

Figure 1. Axial T1-weighted MRI: soft tissue mass (1).

Figure 2. Axial fat-saturated T2-weighted MRI: soft tissue mass (1) and oedema (2).
"""


def test_a_chest_ct_whose_caption_is_typed(reader: Reader, data: Path, tmp_path: Path) -> None:
    folder, path, done = data / "lidc0314_ct30", tmp_path / "chest.callout", Done()
    contours = json.loads((folder / "lidc_contours_4readers.json").read_text())["readers"][0]["contours"]
    contour = max(contours, key=lambda one: len(one["xy"]))
    reader.open_study(folder / "ct")
    case = reader.new_case(path)
    reader.type_caption(CHEST)
    done.edits += 1
    assert [mention.marker for mention in case.todo] == ["arrow", "arrowhead"]
    assert reader.hang("1") == [("", "axial")]
    reader.do("next mention")
    origins = reader.session.shown_series.grid.origins
    reader.go_to(int(np.abs(origins[:, 2] - contour["z"]).argmin()))
    column, row = np.mean(contour["xy"], axis=0)
    reader.do("smaller")
    reader.lesion(done, (row, column), (row + 1, column + 1))
    assert done.lesions[0][1][0].brush_mm == 6
    reader.do("look")
    reader.do("next mention")
    reader.leave_out(done, 2, "not visible")
    assert not case.todo
    assert reader.troubles == []

    reader.open_study(folder / "ct")
    again = reader.open_case(path)
    done.check(again)
    (region,) = again.regions
    i, j = np.round([column, row]).astype(int)
    assert again.mask(region)[done.lesions[0][1][0].k, j, i]


def test_a_mass_on_two_sequences(reader: Reader, data: Path, tmp_path: Path) -> None:
    folder, path, done = data / "sts001_mr_t1_t2fs_rtstruct", tmp_path / "thigh.callout", Done()
    (tmp_path / "report.txt").write_text(THIGH, encoding="utf-8")
    reader.open_study(folder)
    case = reader.new_case(path, tmp_path / "report.txt")
    (first,), (second,) = reader.hang("1"), reader.hang("2")
    assert " T1 " in first[0]
    assert " T2 FAT SAT" in second[0]
    reader.hang("1")
    reader.do("next mention")
    middle = np.array(reader.session.shown_series.grid.shape[1:]) / 2
    reader.lesion(done, tuple(middle), tuple(middle + 20))
    reader.do("next mention")  # another figure: its series hangs
    reader.wait_drawn()
    assert reader.session.figure == "2"
    assert " T2 FAT SAT" in reader.session.shown_series.description
    reader.do("look")
    reader.carry_finding(case.findings[0].id, reader.session.selection.mention_id)
    done.links.append((0, str(reader.session.selection.mention_id)))
    done.edits += 1
    middle = np.array(reader.session.shown_series.grid.shape[1:]) / 2
    reader.do("brush")
    done.lesions[0][1].append(reader.stroke(tuple(middle), tuple(middle + 15)))
    done.edits += 1
    reader.do("next mention")
    reader.leave_out(done, 4, "not in this study")
    assert not case.todo
    assert reader.troubles == []

    reader.open_study(folder)
    done.check(reader.open_case(path))
