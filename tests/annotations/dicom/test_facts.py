"""What is told of a series beyond its geometry: sequence, contrast, localizer, patient, windows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from made_series import image, series, setting, uid, write

from callout import dicom
from callout.errors import InputError
from callout.volume import Series


def one(folder: Path, modality: str = "MR", **values: Any) -> Series:
    series(folder, 2, setting(**values), modality=modality)
    (found,) = dicom.find_series(folder)
    return found


@pytest.mark.parametrize(
    ("timing", "description", "sequence"),
    [
        ({"ScanningSequence": "SE", "RepetitionTime": 550, "EchoTime": 12}, "SAG", "T1"),
        ({"ScanningSequence": "SE", "RepetitionTime": 4000, "EchoTime": 100}, "SAG", "T2"),
        ({"ScanningSequence": "SE", "RepetitionTime": 3000, "EchoTime": 30}, "KNEE", "PD"),
        (
            {"ScanningSequence": ["SE", "IR"], "RepetitionTime": 4000, "EchoTime": 40, "InversionTime": 160},
            "COR",
            "STIR",
        ),
        (
            {"ScanningSequence": ["SE", "IR"], "RepetitionTime": 9000, "EchoTime": 120, "InversionTime": 2500},
            "AX",
            "FLAIR",
        ),
        ({"ScanningSequence": "GR", "RepetitionTime": 600, "EchoTime": 20, "FlipAngle": 20}, "AX", "T2*"),
        ({"ScanningSequence": "GR", "RepetitionTime": 4, "EchoTime": 1.5, "FlipAngle": 12}, "VIBE", "T1"),
        ({"ScanningSequence": "EP", "RepetitionTime": 5000, "EchoTime": 70, "DiffusionBValue": 800.0}, "ax", "DWI"),
        ({"ScanningSequence": "EP", "RepetitionTime": 2000, "EchoTime": 30, "FlipAngle": 80}, "task", "T2*"),
        ({"ScanningSequence": "GR", "RepetitionTime": 4, "EchoTime": 2, "SequenceName": "*tfi2d1_12"}, "cor", "SSFP"),
        ({"ScanningSequence": "GR", "RepetitionTime": 21, "EchoTime": 3.6, "AngioFlag": "Y"}, "HEAD", "TOF"),
        ({"ScanningSequence": "GR", "RepetitionTime": 27, "EchoTime": 20, "FlipAngle": 15}, "ax SWI", "SWI"),
        ({"ScanningSequence": "SE", "RepetitionTime": 4000, "EchoTime": 90, "DiffusionBValue": 0.0}, "ax", "T2"),
        ({"ImageType": ["DERIVED", "SECONDARY", "ADC"]}, "b500", "ADC"),
        ({"ScanningSequence": "SE", "RepetitionTime": 550, "EchoTime": 12}, "T2 wrongly so called", "T1"),
        ({}, "T2_TSE_sag", "T2"),
        ({}, "COR STIR", "STIR"),
        ({}, "AX FLAIR T2", "FLAIR"),
        ({}, "something", None),
    ],
)
def test_sequence_from_timing_before_description(
    timing: dict[str, Any], description: str, sequence: str | None, tmp_path: Path
) -> None:
    assert one(tmp_path, SeriesDescription=description, **timing).sequence == sequence


def test_ct_has_no_sequence(tmp_path: Path) -> None:
    assert one(tmp_path, "CT", SeriesDescription="T1").sequence is None


@pytest.mark.parametrize(
    ("description", "contrast"),
    [
        ("T1 COR +C", "post-contrast"),
        ("t1_tse_cor_post_GD", "post-contrast"),
        ("T1 AX POST", "post-contrast"),
        ("Thorax mit KM", "post-contrast"),
        ("T1 pre contrast", "pre-contrast"),
        ("CT native", "pre-contrast"),
        ("T1 w/o contrast", "pre-contrast"),
        ("CHEST NON-CONTRAST", "pre-contrast"),
        ("phase contrast", None),
        ("T1 post-op", None),
        ("posterior fossa", None),
        ("T2 AX POST FOSSA", None),
        ("arterial spin labeling", None),
        ("T1 - C spine", None),
        ("T1 postKM", "post-contrast"),
        ("preop planning", None),
        ("T1 w/o FS", None),
        ("T1 AX", None),
    ],
)
def test_contrast_from_description(description: str, contrast: str | None, tmp_path: Path) -> None:
    found = one(tmp_path, SeriesDescription=description)
    assert found.contrast == contrast
    assert found.attributes.get("contrast_from") == (contrast and "description")


def study(folder: Path, *rows: tuple[str, str, str]) -> list[tuple[str | None, str | None]]:
    """(contrast, where from) of MR series given as (description, time, agent)."""
    for number, (description, time, agent) in enumerate(rows):
        data_set = image(0, f"s{number}", "MR")
        data_set.SeriesDescription, data_set.SeriesNumber = description, number
        data_set.AcquisitionDate, data_set.AcquisitionTime = "20260102", time
        if agent:
            data_set.ContrastBolusAgent = agent
        write(data_set, folder / f"{number}.dcm")
    found = dicom.find_series(folder)
    return [(series.contrast, series.attributes.get("contrast_from")) for series in found]


def test_contrast_from_the_order_of_time(tmp_path: Path) -> None:
    rows = ("T1 COR", "101000", ""), ("STIR COR", "101500", ""), ("T1 COR +C", "103000", ""), ("STIR", "103500", "")
    before, after = ("pre-contrast", "order"), ("post-contrast", "order")
    assert study(tmp_path, *rows) == [before, before, ("post-contrast", "description"), after]


def test_an_agent_in_every_series_says_nothing(tmp_path: Path) -> None:
    rows = ("T1", "101000", "Gadavist"), ("T1 POST", "103000", "Gadavist")
    assert study(tmp_path / "a", *rows) == [("pre-contrast", "order"), ("post-contrast", "description")]
    rows = ("T1", "101000", "Gadavist"), ("T1", "103000", "Gadavist")
    assert study(tmp_path / "b", *rows) == [(None, None), (None, None)]
    rows = ("T1", "101000", "NONE"), ("T1", "103000", "Gadavist")
    assert study(tmp_path / "c", *rows) == [("pre-contrast", "order"), ("post-contrast", "agent")]


@pytest.mark.parametrize(
    ("description", "times", "phase"),
    [
        ("Abdomen portal venous 5.0", ("", ""), ("portal venous", "description")),
        ("ABD ARTERIAL", ("101500", "101535"), ("arterial", "description")),
        ("Thorax late arterial", ("", ""), ("late arterial", "description")),
        ("Abdomen +C", ("101500", "101612.5"), ("portal venous", "time")),
        ("Abdomen +C", ("101500", "101800"), ("delayed", "time")),
        ("Abdomen +C", ("101500", "101505"), (None, None)),
        ("Abdomen +C", ("", ""), (None, None)),
    ],
)
def test_phase_from_description_or_time_since_the_bolus(
    description: str, times: tuple[str, str], phase: tuple[str | None, str | None], tmp_path: Path
) -> None:
    bolus, taken = times
    found = one(tmp_path, "CT", SeriesDescription=description, ContrastBolusStartTime=bolus, AcquisitionTime=taken)
    assert (found.attributes.get("phase"), found.attributes.get("phase_from")) == phase
    assert ("(inferred)" in dicom.facts_shown(found)) == (phase[1] == "time")


@pytest.mark.parametrize(
    ("kernel", "window", "kind"),
    [
        ("B31f", (40, 400), "soft"),
        ("B70f", (-600, 1500), "lung"),
        ("B70f", (500, 2000), "bone"),
        (["Bl57d", "3"], (40, 400), "lung"),
        ("Hr40h", (40, 80), "soft"),
        ("LUNG", (40, 400), "lung"),
        ("BONEPLUS", (500, 2000), "bone"),
        ("STANDARD", (40, 400), "soft"),
        ("FC08", (40, 400), "soft"),
        ("FC51", (-600, 1500), "lung"),
        ("FC30", (500, 2000), "bone"),
        ("YC", (-600, 1500), "lung"),
        ("D", (-450, 2000), "lung"),
        ("D", (500, 2500), "bone"),
        ("odd", (40, 400), None),
    ],
)
def test_kernel_of_every_maker(kernel: Any, window: tuple[float, float], kind: str | None, tmp_path: Path) -> None:
    found = one(tmp_path, "CT", ConvolutionKernel=kernel, WindowCenter=window[0], WindowWidth=window[1])
    assert dicom.facts_shown(found) == (f"{kind} kernel" if kind else "")


def test_patients_are_told_apart_but_not_named(tmp_path: Path) -> None:
    first, second = one(tmp_path / "a"), one(tmp_path / "b", PatientID="P2")
    assert first.attributes["patient_key"] != second.attributes["patient_key"]
    told = json.dumps(first.attributes) + json.dumps(dicom.series_json(first))
    assert "Nobody" not in told
    assert "P1" not in told


def test_windows_and_localizer(tmp_path: Path) -> None:
    found = one(
        tmp_path, "CT", WindowCenter=[40, -600], WindowWidth=[400, 1500], ImageType=["ORIGINAL", "PRIMARY", "X"]
    )
    assert found.windows == ((40.0, 400.0), (-600.0, 1500.0))
    assert not found.is_localizer
    assert one(tmp_path / "b", SeriesDescription="3-plane loc").is_localizer


def test_entry_of_inspect(tmp_path: Path) -> None:
    found = one(tmp_path, "CT")
    entry = dicom.series_json(found)
    assert json.loads(json.dumps(entry)) == {
        "id": uid("series", "a"),
        "series_uid": uid("series", "a"),
        "study_uid": uid("study"),
        "modality": "CT",
        "number": 3,
        "description": "series a",
        "plane": "axial",
        "shape": [2, 6, 5],
        "spacing_mm": [2.5, 0.8, 0.7],
        "affine": [[0.0, 0.0, 0.7, -10.0], [0.0, 0.8, 0.0, -20.0], [2.5, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 1.0]],
        "frame_of_reference_uid": uid("frame"),
        "files": 2,
        "transfer_syntax": "1.2.840.10008.1.2.1",
        "sequence": None,
        "contrast": None,
        "warnings": [],
    }


def test_a_unique_part_of_an_id_will_do(tmp_path: Path) -> None:
    for name in "ab":
        series(tmp_path, 2, name=name)
    found = dicom.find_series(tmp_path)
    assert dicom.pick_series(found, found[1].id[-6:]) is found[1]
    assert dicom.pick_series(found[:1], "") is found[0]
    with pytest.raises(InputError, match="2 series fit"):
        dicom.pick_series(found, "1.2.826")
    with pytest.raises(InputError, match=r"no series fits 'x'.*choose one of"):
        dicom.pick_series(found, "x")
