"""Which series' values can be compared, and why others can't."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from callout.dicom.comparable import incomparable, is_fat_suppressed
from callout.geometry import Grid
from callout.volume import Instance, Series

FACTS = {"RepetitionTime": 500.0, "EchoTime": 10.0, "FlipAngle": 150.0, "ScanningSequence": ["SE"]}


def series(attributes: dict[str, Any] | None = None, frame: str = "1.2", **facts: Any) -> Series:
    grid = Grid((1, 2, 2), np.zeros((1, 3)), np.array([0, 1.0, 0]), np.array([1.0, 0, 0]), frame)
    made = Series("1", "1", "1", "MR", 1, "AX T1", grid, (Instance("1.1", 1, ""),), "", "", sequence="T1")
    return replace(made, attributes=FACTS | (attributes or {}), **facts)


def test_the_same_sequence_before_and_after_can_be_compared() -> None:
    assert incomparable(series(), series(description="AX T1 +C", contrast="post-contrast")) == ""
    assert incomparable(series({"EchoTime": 10.4}), series({"RescaleSlope": 1.0, "RescaleIntercept": 0.0})) == ""
    assert incomparable(series(description="t1_fs_tra"), series({"ScanOptions": ["PFP", "FS"]})) == ""
    ct = {"modality": "CT", "sequence": None}
    assert incomparable(series(**ct), series({"RescaleIntercept": -1024.0}, **ct)) == ""


@pytest.mark.parametrize(
    ("attributes", "facts", "told"),
    [
        ({"RepetitionTime": 900.0}, {}, "RepetitionTime is 500 and 900"),
        ({"EchoTime": 20.0}, {}, "EchoTime is 10 and 20"),
        ({"InversionTime": 900.0}, {}, "InversionTime is 0 and 900"),
        ({"FlipAngle": 90.0}, {}, "FlipAngle is 150 and 90"),
        ({"RescaleSlope": 2.5}, {}, "RescaleSlope is 1 and 2.5"),
        ({"RescaleIntercept": -3.0}, {}, "RescaleIntercept is 0 and -3"),
        ({"ScanningSequence": ["GR"]}, {}, "ScanningSequence is SE and GR"),
        ({"ScanOptions": ["FS"]}, {}, "fat is suppressed in one of them"),
        ({}, {"description": "AX T1 fatsat"}, "fat is suppressed in one of them"),
        ({}, {"sequence": "STIR"}, "only two CTs or two T1 series can be"),
        ({}, {"modality": "CT"}, "only two CTs or two T1 series can be"),
        ({}, {"frame": "1.3"}, "the series have different frames of reference"),
        ({}, {"frame": ""}, "the series have different frames of reference"),
    ],
)
def test_what_differs_is_told(attributes: dict[str, Any], facts: dict[str, Any], told: str) -> None:
    assert incomparable(series(), series(attributes, **facts)) == told
    assert incomparable(series(attributes, **facts), series()) != ""


@pytest.mark.parametrize(
    "words",
    ["T1 FS", "t1_fs_cor", "T1FS", "T1 fat sat", "T1 Fat-Suppressed", "T1 SPIR", "t1_vibe_dixon_W", "T1 mDIXON-W"],
)
def test_fat_suppression_in_words(words: str) -> None:
    assert is_fat_suppressed(series(description=words))


@pytest.mark.parametrize(
    "words", ["T1", "AX T1 FSE", "T1 FSPGR", "fast T1", "t1_vibe_dixon_opp", "T1 NON FS", "T1 non-fat-sat", "T1 w/o FS"]
)
def test_words_that_only_look_like_it(words: str) -> None:
    assert not is_fat_suppressed(series(description=words))
