"""The chest sample drawn in one sitting: twelve corners on every second slice, and what lies between is worked out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tool_hands import Hands

import callout
from callout.exports.importing import import_masks
from callout.geometry import Floats
from callout.masks.contours import borders
from callout.masks.stroke import Bits
from napari_callout.session import Session

SAMPLE = Path(__file__).parents[2] / "sample_dicoms" / "thorax"
MENTIONS = {"cavity": "1:1", "ground-glass opacity": "1:2", "consolidation": "1:3"}
CORNERS, EVERY = 12, 2
MOST = 80  # clicks and keys of one region


def corners(plane: Bits) -> Floats:
    """(12, 2) places at even distances along the longest border of a slice."""
    ring = max(borders(plane), key=len)
    ring = np.vstack([ring, ring[:1]])
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(ring, axis=0), axis=1))])
    at = np.linspace(0, along[-1], CORNERS + 1)[:-1]
    return np.column_stack([np.interp(at, along, ring[:, axis]) for axis in (0, 1)])


def draw(hands: Hands, wanted: Bits) -> int:
    """Draw a region like this one; how many clicks and keys it took."""
    ks = np.flatnonzero(wanted.any(axis=(1, 2))).tolist()
    drawn = sorted({*ks[::EVERY], ks[-1]})
    hands.hand.arm("outline")
    for k in drawn:
        hands.session.go_to(k)
        for corner in corners(wanted[k]):
            hands.click(*corner)
        assert hands.hand.enter()
    hands.commands.interpolate()
    return len(drawn) * (CORNERS + 1) + 1


def test_every_finding_of_the_chest_in_one_sitting(tmp_path: Path) -> None:
    truth = callout.create_case(tmp_path / "truth.callout", SAMPLE / "images", None, reader="t")
    import_masks(truth, SAMPLE / "truth" / "findings.seg.dcm")
    session = Session()
    session.take_case(
        callout.create_case(tmp_path / "a.callout", SAMPLE / "images", SAMPLE / "report.txt", reader="r1")
    )
    hands = Hands(session)
    before, taken = "", []
    for region in truth.regions:
        mention = MENTIONS[truth.finding(region.finding_id).concept]
        if mention == before:
            session.next_lesion()
        else:
            session.choose_mention(mention)
        before = mention
        taken.append(draw(hands, truth.mask(region)))
    assert len(hands.case.findings) == len(truth.findings) == 10
    for number, region in enumerate(truth.regions):
        wanted, drawn = truth.mask(region), hands.mask(number)
        dice = 2 * np.count_nonzero(wanted & drawn) / (np.count_nonzero(wanted) + np.count_nonzero(drawn))
        label = truth.finding(region.finding_id).label
        assert dice >= 0.9, (label, dice)
    assert max(taken) <= MOST
    assert not hands.case.todo
    truth.close()
    session.close()
