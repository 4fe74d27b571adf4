"""The reports that come with the samples, read right in everything a radiologist would draw."""

from __future__ import annotations

from pathlib import Path

import pytest

from callout.reports import Report, read_report

SAMPLES = Path(__file__).parents[3] / "sample_dicoms"


def sample(name: str) -> Report:
    """The report of a sample."""
    path = SAMPLES / name / "report.txt"
    if not path.exists():
        pytest.skip(f"sample_dicoms/{name} is not made yet")
    return read_report(path)


def test_thorax_numbers_its_findings() -> None:
    report = sample("thorax")
    first, second = report.figures
    assert [(mention.concept, mention.marker) for mention in first.caption.mentions] == [
        ("cavity", "1"),
        ("ground-glass opacity", "2"),
        ("consolidation", "3"),
    ]
    assert first.caption.inferred["modality"] == "CT"
    assert second.caption.modality == "histology"
    assert [picture.media_type for picture in second.pictures] == ["image/png"]
    assert "osteoid" in second.caption.text
    assert "Chemotherapy was begun." in report.body


def test_thorax_has_sizes_and_sides_in_its_body() -> None:
    body = sample("thorax").body_mentions
    many, one = [mention for mention in body if mention.text.startswith("cavitating lesion")]
    assert (many.laterality, many.measurement) == ("bilateral", None)
    assert (one.laterality, one.site) == ("right", "right upper lobe")
    assert one.measurement is not None
    assert len(one.measurement.values) == 2
    effusion = next(mention for mention in body if mention.concept == "pleural effusion")
    assert effusion.negated


def test_spine_has_a_view_for_each_of_its_pictures() -> None:
    report = sample("spine")
    assert [figure.label for figure in report.figures] == ["1", "2", "3", "4", "5"]
    views = [[(view.sequence, view.plane, view.contrast) for view in figure.caption.views] for figure in report.figures]
    assert views == [
        [("scout", "coronal", None), ("scout", "sagittal", None)],
        [("T1", "coronal", "pre-contrast"), ("T1", "coronal", "post-contrast")],
        [("STIR", "coronal", "pre-contrast"), ("STIR", "coronal", "post-contrast")],
        [("T2", "sagittal", None), ("STIR", "sagittal", None)],
        [("T1", "axial", "post-contrast"), ("STIR", "axial", None)],
    ]


def test_spine_has_its_size_in_the_body_only() -> None:
    report = sample("spine")
    assert all(mention.measurement is None for figure in report.figures for mention in figure.caption.mentions)
    sizes = [mention.measurement for mention in report.body_mentions if mention.measurement]
    assert [size.values_mm for size in sizes] == [(121.0, 115.0)]
