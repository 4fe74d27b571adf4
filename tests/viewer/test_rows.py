from __future__ import annotations

import made_study

from napari_callout.session import Session
from napari_callout.session.rows import finding_rows, mention_rows, progress, report_blocks, series_rows
from napari_callout.session.sizes import Sizes
from napari_callout.session.windows import CT_PRESETS, first_window, percentile_window, presets


def test_the_report_shows_every_mention_with_its_state(session: Session) -> None:
    case = session.case
    assert case is not None
    session.choose_mention("1:1")
    blocks = report_blocks(case, session.selection)
    assert [block.heading for block in blocks] == ["Title", "Figure 1", "Figure 2", "Figure 3", "Text"]
    assert [chip.state for chip in blocks[1].chips] == ["todo", "todo"]
    assert [chip.chosen for chip in blocks[1].chips] == [True, False]
    assert {chip.state for chip in blocks[3].chips} <= {"not drawn"}
    for block in blocks:
        for chip in block.chips:
            assert block.text[chip.start : chip.end] == case.mention(chip.mention_id).text
    assert blocks[1].note == "0 of 2 drawn"
    assert [(block.id, block.is_figure) for block in blocks[:2]] == [("title", False), ("1", True)]


def test_lists_say_what_is_linked_to_do_and_left_out(session: Session) -> None:
    case = session.case
    assert case is not None
    todo, left_out = mention_rows(case, session.selection)
    assert len(todo) == 3
    assert {row.reason for row in left_out} == {"histology"}
    mention = case.mention("1:1")
    finding = case.add_finding(mention.concept)
    case.link(finding, mention)
    sizes = Sizes()
    row = finding_rows(case, session.selection, None, sizes)[0]
    sizes.close()
    assert any("fig. 1 (1)" in line for line in row.lines)
    assert "nothing drawn" in row.lines
    assert progress(case).text == "1 of 3 drawn · 1 not drawn"
    case.set_mention_state("1:2", "flagged", "is it one?")
    assert progress(case).text == "1 of 3 drawn · 1 flagged · 1 not drawn"


def test_series_say_what_they_are(session: Session) -> None:
    rows = {row.title: row for row in series_rows(session.series, session.case, session.series_id)}
    assert rows["3 · axial"].facts == "CT · axial · 2.5 mm · 10 images"
    assert rows["1 · scout"].facts.startswith("Localizer · CT")
    assert sum(row.shown for row in rows.values()) == 1


def test_windows_dicom_first_then_the_usual_ones(session: Session) -> None:
    series = made_study.named(session, made_study.AXIAL)
    found = presets(series)
    assert found[0] == ("DICOM", (-100.0, 1200.0))
    assert found[1:] == CT_PRESETS


def test_a_window_from_the_values_leaves_the_background_out(session: Session) -> None:
    import numpy as np

    series = made_study.named(session, made_study.AXIAL)
    voxels = np.zeros((4, 40, 40), np.int16)
    voxels[:, 10:30, 10:30] = np.arange(400).reshape(20, 20) + 1000
    centre, width = percentile_window(voxels)
    assert 1150 < centre < 1250
    assert 320 < width < 400
    assert first_window(series, voxels) == (-100.0, 1200.0)
    assert percentile_window(np.zeros((1, 4, 4)))[1] == 1.0
