"""The commands from a terminal's side: what they print, what they return, what they leave behind."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import made_cases
import made_series
import made_stacks
import nibabel
import numpy as np
import pytest
from pydicom.dataset import Dataset

import callout
from callout.cli import main
from callout.cli.demo import _make_room
from callout.cli.printing import print_json
from callout.exports.nifti import nifti_affine, write_volume
from callout.preferences import Preferences, write_preferences

ERROR = re.compile(r"callout: .+ — .+: .+\n")
Run = Callable[..., "Said"]


class Said:
    """What one command returned and printed."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        assert self.out.endswith("\n")
        assert self.out.count("\n") == 1
        return json.loads(self.out)


@pytest.fixture
def run(capfdbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run a command in this process."""

    def run_one(*arguments: object) -> Said:
        capfdbinary.readouterr()
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as leaving:
            status = int(leaving.code or 0)
        said = capfdbinary.readouterr()
        return Said(status, said.out.decode(), said.err.decode())

    return run_one


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `images`, `report.txt`, `mask.nii.gz` (labels 1 and 2), and `a.callout` with one linked finding."""
    folder = tmp_path_factory.mktemp("made")
    with made_cases.case(folder) as case:
        shape, grid = case.series[0].grid.shape, case.series[0].grid
        labels = np.zeros(shape, np.uint8)
        labels[1:3, 1:4, 1:3], labels[0, 5, 4] = 1, 2
        write_volume(folder / "mask.nii.gz", labels, grid)
        off = nifti_affine(grid)
        off[:3, 3] += 0.4
        nibabel.Nifti1Image(labels.transpose(2, 1, 0), off).to_filename(folder / "elsewhere.nii.gz")
        finding = case.add_finding("cavity", laterality="right")
        case.set_mask(case.add_region(finding, case.series[0].id), labels == 1)
        case.link(finding, "1:1")
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of `made`, to change."""
    shutil.copytree(made, tmp_path / "made")
    return tmp_path / "made"


def bytes_below(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# What commands print -----------------------------------------------------------------------------------------------

INSPECT = {
    "id", "series_uid", "study_uid", "modality", "number", "description", "plane", "shape", "spacing_mm", "affine",
    "frame_of_reference_uid", "files", "transfer_syntax", "sequence", "contrast", "warnings",
}  # fmt: skip
ANALYSIS = {
    "text", "modality", "planes", "sequences", "contrast", "region", "views", "panels", "mentions", "inferred",
}  # fmt: skip
MENTION = {
    "start", "end", "text", "concept", "drawn", "marker", "laterality", "levels", "site", "parts", "measurement",
    "negated", "uncertain",
}  # fmt: skip


def test_inspect(run: Run, folder: Path) -> None:
    (folder / "images" / "LICENCE.txt").write_text("x")
    (folder / "images" / "cut.dcm").write_bytes((folder / "images" / "a-0.dcm").read_bytes()[:300])
    said = run("inspect", folder / "images", "--json")
    assert said.status == 0
    [series] = said.document["series"]
    assert series.keys() == INSPECT
    assert (series["modality"], series["plane"], series["files"]) == ("CT", "axial", 4)
    assert series["shape"] == [4, made_series.ROWS, made_series.COLUMNS]
    assert series["spacing_mm"] == pytest.approx([2.5, 0.8, 0.7])
    assert np.allclose(series["affine"], [[0, 0, 0.7, -10], [0, 0.8, 0, -20], [2.5, 0, 0, 0], [0, 0, 0, 1]])
    skipped = {Path(one["path"]).name: one["reason"] for one in said.document["skipped"]}
    assert skipped.keys() == {"LICENCE.txt", "cut.dcm"}
    people = run("inspect", folder / "images")
    assert "series a" in people.out
    assert "cut.dcm: " in people.out
    assert "LICENCE" not in people.out  # only counted
    assert "skipped: 1 file that is no DICOM" in people.out


def test_inspect_tells_what_is_alike_once(run: Run, folder: Path) -> None:
    for n in range(5):
        (folder / "images" / f"cut-{n}.dcm").write_bytes((folder / "images" / "a-0.dcm").read_bytes()[:300])
    said = run("inspect", folder / "images")
    assert said.out.count("skipped: ") == 1
    assert "skipped: cut-0.dcm and 4 more there: " in said.out
    assert len(run("inspect", folder / "images", "--json").document["skipped"]) == 5


def test_inspect_with_pixels(run: Run, folder: Path) -> None:
    [series] = run("inspect", folder / "images", "--pixels", "--json").document["series"]
    values = np.stack([made_series.pixels(k) for k in range(4)]).astype(int) - 1024
    assert series["pixels"] == {
        "min": values.min(), "max": values.max(), "mean": pytest.approx(values.mean()), "dtype": "int16"
    }  # fmt: skip


def test_inspect_with_pixels_names_every_damaged_file_and_goes_on(run: Run, tmp_path: Path) -> None:
    broken = made_series.series(tmp_path / "in", 4, made_series.setting(only=(1, 3), RescaleSlope=1e300), name="b")
    alone = run("inspect", tmp_path, "--pixels", "--json")
    assert (alone.status, alone.out) == (2, "")
    assert "RescaleSlope is 1e+300) (1 more damaged)" in alone.err
    made_series.series(tmp_path / "in", 4, name="a")
    said = run("inspect", tmp_path, "--pixels", "--json")
    assert said.status == 0
    assert [series["description"] for series in said.document["series"]] == ["series a"]
    assert [one["path"] for one in said.document["skipped"]] == [str(broken[1]), str(broken[3])]
    assert all("RescaleSlope" in one["reason"] for one in said.document["skipped"])


def test_inspect_of_uneven_slices(run: Run, tmp_path: Path) -> None:
    made_stacks.series(tmp_path, "uneven")
    [series] = run("inspect", tmp_path, "--json").document["series"]
    assert series.keys() == INSPECT | {"slice_positions_mm"}
    assert series["affine"] is None
    assert np.diff(series["slice_positions_mm"]).tolist() == pytest.approx([2.5, 2.5, 4, 5])


@pytest.mark.parametrize("kind", ["nifti", "nrrd"])
def test_convert(run: Run, folder: Path, tmp_path: Path, kind: str) -> None:
    import SimpleITK

    said = run("convert", folder / "images", "-o", tmp_path / "out", "--format", kind)
    assert (said.status, said.err) == (0, "")
    [path] = (tmp_path / "out").iterdir()
    assert said.out == f"{path}\n"
    image = SimpleITK.ReadImage(str(path))
    expected = np.stack([made_series.pixels(k) for k in range(4)]).astype(int) - 1024
    assert np.array_equal(SimpleITK.GetArrayFromImage(image), expected)
    assert image.GetOrigin() == pytest.approx((-10, -20, 0))
    assert image.GetSpacing() == pytest.approx((0.7, 0.8, 2.5))


def test_convert_says_that_it_resampled(run: Run, tmp_path: Path) -> None:
    made_stacks.series(tmp_path / "images", "uneven")
    said = run("convert", tmp_path / "images", "-o", tmp_path / "out")
    [path] = (tmp_path / "out").iterdir()
    assert path.name.endswith(".resampled.nii.gz")
    assert said.err.startswith("callout: slices were uneven, resampled to ")
    assert said.err.count("\n") == 1


def test_convert_leaves_out_what_it_can_not_convert(run: Run, tmp_path: Path) -> None:
    def stepped(data_set: Dataset, k: int) -> None:
        data_set.ImagePositionPatient = [5.0 * (k > 1), 0.0, 2.0 * k + 3.0 * (k > 2)]

    made_series.series(tmp_path / "images", name="a")
    made_series.series(tmp_path / "stepped", 4, stepped, name="b")
    said = run("convert", tmp_path / "images", tmp_path / "stepped", "-o", tmp_path / "out")
    [path] = (tmp_path / "out").iterdir()
    assert (said.status, said.out) == (0, f"{path}\n")
    assert said.err.startswith("callout: not converted — the slices don't lie on one line")
    said = run("convert", tmp_path / "stepped", "-o", tmp_path / "none")
    assert (said.status, said.out) == (2, "")
    assert not (tmp_path / "none").exists()


def test_report(run: Run, folder: Path) -> None:
    document = run("report", folder / "report.txt", "--json").document
    assert document.keys() >= {"title", "figures", "body", "body_mentions"}
    [figure] = document["figures"]
    assert figure.keys() >= {"label", "caption", "analysis"}
    assert figure["analysis"].keys() >= ANALYSIS
    for mention in figure["analysis"]["mentions"]:
        assert mention.keys() >= MENTION
        assert figure["caption"][mention["start"] : mention["end"]] == mention["text"]
    for mention in document["body_mentions"]:
        assert document["body"][mention["start"] : mention["end"]] == mention["text"]
    assert "cavitating lesion" in run("report", folder / "report.txt").out


def test_caption(run: Run) -> None:
    document = run("caption", "Axial CT: cavity (1) in the left lower lobe.", "--json").document
    assert document.keys() >= ANALYSIS
    assert (document["modality"], document["planes"]) == ("CT", ["axial"])
    assert "cavity" in run("caption", "Axial CT: cavity (1) in the left lower lobe.").out


def test_captions_of_stdin(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [{"id": 7, "text": "Axial CT: cavity."}, {"id": "b", "text": "Coronal T1 – naïve"}]
    stdin = io.TextIOWrapper(io.BytesIO("\n\n".join(map(json.dumps, lines)).encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    said = run("caption", "-", "--json")
    found = [json.loads(line) for line in said.out.splitlines()]
    assert [(one["id"], one["text"]) for one in found] == [(one["id"], one["text"]) for one in lines]
    assert all(one.keys() >= ANALYSIS for one in found)


def test_new_show_add_history(run: Run, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "b.callout"
    said = run("new", path, "--images", folder / "images", "--report", folder / "report.txt", "--reader", "dr-a")
    assert (said.status, said.err) == (0, "")
    said = run(
        "add", path, "--series", "", "--mask", folder / "mask.nii.gz", "--label", 2,
        "--finding", "ground glass", "--laterality", "right", "--mention", "1:2",
    )  # fmt: skip
    assert (said.status, said.err) == (0, "")
    assert "1 voxels, linked to 1:#2" in said.out
    document = run("show", path, "--json").document
    told = {"series", "findings", "regions", "marks", "mentions", "links", "figures", "todo"}
    assert document.keys() == told | {"numberings", "shifts"}
    [finding] = document["findings"]
    assert (finding["concept"], finding["laterality"]) == ("ground-glass opacity", "right")
    [link] = document["links"]
    assert (link["finding_id"], link["mention_id"]) == (finding["id"], "1:#2")
    [edit] = run("history", path, "--json").document["edits"]
    assert edit["reader"] == "dr-a"
    assert edit.keys() >= {"number", "time", "reader", "tool", "settings", "summary", "undoes", "changes"}
    assert "add ground glass from mask.nii.gz" in run("history", path).out


def test_preferences(run: Run, settings_folder: Path) -> None:
    path = settings_folder / "callout" / "preferences.toml"
    said = run("preferences")
    assert (said.status, said.err, said.out) == (0, "", f"{path}\nreader: (not set)\n")
    assert not settings_folder.exists()
    said = run("preferences", "--reader", "dr-é")
    assert (said.status, said.err, said.out) == (0, "", f"{path}\nreader: dr-é\n")
    assert run("preferences").out == said.out
    said = run("preferences", "--reader", "a\x1b[2J")
    assert (said.status, said.out) == (2, "")
    assert ERROR.fullmatch(said.err)
    assert run("preferences").out.endswith("reader: dr-é\n")


@pytest.mark.parametrize(
    ("preferred", "given", "made_by", "added_by"),
    [(None, None, "reader", "reader"), (None, "b", "b", "b"), ("a", None, "a", "a"), ("a", "b", "b", "b")],
)
def test_who_reads(
    preferred: str | None, given: str | None, made_by: str, added_by: str, run: Run, made: Path, settings_folder: Path
) -> None:
    if preferred:
        write_preferences(Preferences(reader=preferred))
    path = settings_folder.parent / "b.callout"
    reader = ["--reader", given] if given else []
    assert run("new", path, "--images", made / "images", *reader).status == 0
    with callout.open_case(path, read_only=True) as case:
        assert case.made_by == made_by
    mask = ["--mask", made / "mask.nii.gz", "--label", 1]
    assert run("add", path, "--series", "", *mask, "--finding", "cavity", *reader).status == 0
    assert run("import", path, made / "mask.nii.gz", *reader).status == 0
    edits = run("history", path, "--json").document["edits"]
    assert [edit["reader"] for edit in edits] == [added_by] * 2


def test_who_adds_to_anothers_case(run: Run, folder: Path, settings_folder: Path) -> None:
    write_preferences(Preferences(reader="a"))
    run("import", folder / "a.callout", folder / "mask.nii.gz")
    assert run("history", folder / "a.callout", "--json").document["edits"][-1]["reader"] == "a"


@pytest.mark.parametrize(
    ("preferred", "given", "words"),
    [
        (None, [], []),
        ("a b", [], ["--reader=a b"]),
        ("-a", [], ["--reader=-a"]),
        ("a", ["--reader", "b"], ["--reader=b"]),
    ],
)
def test_who_draws(
    preferred: str | None, given: list[str], words: list[str],
    run: Run, settings_folder: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from callout.cli import view

    if preferred:
        write_preferences(Preferences(reader=preferred))
    started: list[list[str]] = []
    monkeypatch.setattr(view, "has_screen", lambda: True)
    monkeypatch.setattr(view, "viewer_is_installed", lambda: True)
    monkeypatch.setattr(view, "run_viewer", lambda arguments: started.append(arguments) or 0)
    assert run("view", "c.callout", *given).status == 0
    assert started == [[*words, "--", "c.callout"]]


def test_broken_preferences_stop_nobody(run: Run, made: Path, settings_folder: Path) -> None:
    path = settings_folder / "callout" / "preferences.toml"
    path.parent.mkdir(parents=True)
    path.write_text("reader = \x1b")
    said = run("new", settings_folder / "b.callout", "--images", made / "images")
    assert said.status == 0
    assert ERROR.fullmatch(said.err)
    assert str(path) in said.err
    with callout.open_case(settings_folder / "b.callout", read_only=True) as case:
        assert case.made_by == "reader"
    said = run("preferences")
    assert (said.status, said.out) == (0, f"{path}\nreader: (not set)\n")
    assert ERROR.fullmatch(said.err)
    said = run("preferences", "--reader", "a")
    assert (said.status, said.out) == (2, "")
    assert ERROR.fullmatch(said.err)
    assert path.read_text() == "reader = \x1b"


def test_show_measures(run: Run, made: Path) -> None:
    document = run("show", made / "a.callout", "--json").document
    [region] = document["regions"]
    assert region["volume_mm3"] == pytest.approx(12 * 0.8 * 0.7 * 2.5)
    assert region["extent_mm"] == pytest.approx({"transverse": 1.4, "anteroposterior": 2.4, "craniocaudal": 5.0})
    values = np.stack([made_series.pixels(k) for k in range(4)]).astype(int)[1:3, 1:4, 1:3] - 1024
    assert region["mean"] == pytest.approx(values.mean())
    assert {"series_id", "slice", "long_axis_mm", "short_axis_mm", "sd", "finding_id"} <= region.keys()
    people = run("show", made / "a.callout").out
    assert f"{document['todo']} still to do" in people
    assert document["series"][0]["id"] not in people  # its end will do
    assert "1:#1" in people


def test_measure_says_what_an_export_says(run: Run, made: Path, tmp_path: Path) -> None:
    document = run("measure", made / "a.callout", "--json").document
    assert run("export", made / "a.callout", "-o", tmp_path, "--to", "csv", "json").status == 0
    assert document == json.loads((tmp_path / "measurements.json").read_text("utf-8"))
    [region] = document["regions"]
    for key in ("volume_mm3", "long_axis_mm", "short_axis_mm", "extent_mm", "mean", "sd", "series_id", "slice"):
        assert region[key] is not None
    table = run("measure", made / "a.callout", "--csv")
    assert (table.status, table.err) == (0, "")
    assert table.out.encode() == (tmp_path / "measurements.csv").read_bytes()
    people = run("measure", made / "a.callout").out
    assert f"{region['long_axis_mm']:.0f} × {region['short_axis_mm']:.0f} mm" in people
    assert f"{region['series']}, axial, slice {region['slice']}" in people
    assert "HU" in people


def test_a_region_of_two_lesions_says_so(run: Run, tmp_path: Path) -> None:
    with made_stacks.case(tmp_path) as case:
        two = made_stacks.box((1, 3), (0, 2), (0, 2)) | made_stacks.box((1, 3), (4, 6), (3, 5))
        made_stacks.draw(case, two)
    for command in ("show", "measure"):
        assert "2 × 2 mm (largest of 2 parts)" in run(command, tmp_path / "a.callout").out


def test_measure_without_regions_and_with_unknown_tissue(run: Run, made: Path, tmp_path: Path) -> None:
    shutil.copy(made / "a.callout", tmp_path / "a.callout")
    said = run("measure", tmp_path / "a.callout", "--relative-to", "f99")
    assert (said.status, said.out) == (2, "")
    assert ERROR.fullmatch(said.err)
    said = run("measure", tmp_path / "a.callout", "--at", "0", "--json")
    assert (said.status, said.document) == (0, {"regions": [], "marks": []})
    for form in ([], ["--csv"]):
        said = run("measure", tmp_path / "a.callout", "--at", "0", *form)
        assert (said.status, said.out, said.err) == (0, "", "callout: nothing is drawn\n")
    assert run("measure", tmp_path / "a.callout", "--csv", "--json").status == 2


def test_show_without_the_images(run: Run, folder: Path, tmp_path: Path) -> None:
    """Everything but intensities is still there, and one line says so."""
    with made_stacks.case(tmp_path) as case:
        made_stacks.draw(case, made_stacks.box((1, 2), (1, 2), (1, 2)))
    shutil.rmtree(tmp_path / "images")
    said = run("show", tmp_path / "a.callout", "--json")
    assert said.status == 0
    assert said.document["regions"][0]["mean"] is None
    assert said.document["regions"][0]["voxels"] == 1
    assert said.err.startswith("callout: no intensities: ")
    assert said.err.count("\n") == 1


def test_import_export_verify(run: Run, folder: Path, tmp_path: Path) -> None:
    said = run("import", folder / "a.callout", folder / "mask.nii.gz")
    assert (said.status, said.err, said.out.count("\n")) == (0, "", 2)
    said = run("export", folder / "a.callout", "-o", tmp_path / "out", "--to", "seg", "nifti")
    assert (said.status, said.err) == (0, "")
    names = {Path(line).name for line in said.out.splitlines()}
    assert names == {path.name for path in (tmp_path / "out").iterdir()}
    assert "receipt.json" in names
    assert run("verify", tmp_path / "out").status == 0
    next((tmp_path / "out").glob("*.seg.dcm")).unlink()
    said = run("verify", tmp_path / "out")
    assert (said.status, said.err) == (1, "")
    assert "is missing" in said.out


def test_an_export_tells_what_an_earlier_one_left(run: Run, folder: Path, tmp_path: Path) -> None:
    run("export", folder / "a.callout", "-o", tmp_path / "out", "--to", "seg", "nifti")
    [left] = (tmp_path / "out").glob("*.seg.dcm")
    said = run("export", folder / "a.callout", "-o", tmp_path / "out", "--to", "nifti")
    assert said.status == 0
    assert said.err == f"callout: {left.name}: of an earlier export, and in no receipt any more: delete it\n"
    assert left.is_file()


def test_export_all_says_what_it_left_out(run: Run, tmp_path: Path) -> None:
    with made_stacks.case(tmp_path, "uneven") as case:
        made_stacks.draw(case, made_stacks.box((1, 2), (1, 2), (1, 2)))
    said = run("export", tmp_path / "a.callout", "-o", tmp_path / "out", "--to", "all")
    assert said.status == 0
    assert said.err.startswith("callout: left out — nifti: ")


def test_figure(run: Run, folder: Path, tmp_path: Path) -> None:
    said = run("figure", folder / "a.callout", "-o", tmp_path / "out")
    assert said.status == 0
    path = tmp_path / "out" / "figure-1.png"
    assert said.out == f"{path}\n"
    assert path.read_bytes().startswith(b"\x89PNG")
    spec = run("figure", folder / "a.callout", "--figure", "1", "--spec")
    (tmp_path / "recipe.toml").write_text(spec.out, "utf-8")
    assert run("figure", folder / "a.callout", "--from", tmp_path / "recipe.toml").status == 0
    assert len(run("history", folder / "a.callout", "--json").document["edits"]) == 5
    run("figure", folder / "a.callout", "-o", tmp_path / "again")
    assert (tmp_path / "again" / "figure-1.png").read_bytes() == path.read_bytes()


def test_a_recipe_of_its_own_leaves_draw_out_and_says_so(run: Run, folder: Path, tmp_path: Path) -> None:
    spec = run("figure", folder / "a.callout", "--figure", "1", "--spec")
    (tmp_path / "recipe.toml").write_text(spec.out, "utf-8")
    run("figure", folder / "a.callout", "--from", tmp_path / "recipe.toml")
    said = run("figure", folder / "a.callout", "-o", tmp_path / "out", "--draw", "outlines")
    assert said.err == "callout: figure 1: its own recipe says what is drawn, so --draw does nothing\n"


@pytest.mark.parametrize(("reader", "names"), [("demo", ["report.txt"]), ("r1", ["a-1.callout", "report.txt"])])
def test_the_demo_takes_away_no_case_but_its_own(
    tmp_path: Path, reader: str, names: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    made_cases.case(tmp_path, reader).close()
    _make_room(tmp_path / "a.callout")
    assert sorted(path.name for path in tmp_path.glob("*.*")) == names
    assert ("kept" in capsys.readouterr().out) == (reader != "demo")


def test_a_recipe_taken_from_another_figure_is_this_one_s(run: Run, tmp_path: Path) -> None:
    made_cases.case(tmp_path, report=made_cases.REPORT + "\nFigure 2. Axial CT: a cavity (3) in the lung.\n").close()
    spec = run("figure", tmp_path / "a.callout", "--figure", "1", "--spec")
    (tmp_path / "recipe.toml").write_text(spec.out, "utf-8")
    run("figure", tmp_path / "a.callout", "--figure", "2", "--from", tmp_path / "recipe.toml", "-o", tmp_path / "out")
    assert b"\0Figure 2. Axial CT" in (tmp_path / "out" / "figure-2.png").read_bytes()


# Errors ------------------------------------------------------------------------------------------------------------

ADD = ["add", "a.callout", "--series", "1", "--finding", "cavity", "--mask"]
ERRORS: dict[str, tuple[str, list[str]]] = {
    "no command": ("the following arguments are required", []),
    "no such command": ("invalid choice", ["divine"]),
    "no such option": ("unrecognized arguments", ["show", "a.callout", "--jsn"]),
    "no such folder": ("nowhere", ["inspect", "nowhere"]),
    "a folder without images": ("no CT or MR images", ["inspect", "empty"]),
    "convert of no images": ("no CT or MR images", ["convert", "empty", "-o", "out"]),
    "convert of no such series": ("no series fits", ["convert", "images", "-o", "out", "--series", "9.9.9"]),
    "convert into a file": ("can't write there", ["convert", "images", "-o", "report.txt"]),
    "no such report": ("nowhere.txt", ["report", "nowhere.txt"]),
    "a report that is none": (".dcm", ["report", "images/a-0.dcm"]),
    "new without images": ("no CT or MR images", ["new", "b.callout", "--images", "empty"]),
    "new on an existing case": ("already", ["new", "a.callout", "--images", "images"]),
    "new in no folder": ("no such folder", ["new", "deep/b.callout", "--images", "images"]),
    "new with no such report": ("nowhere.txt", ["new", "b.callout", "--images", "images", "--report", "nowhere.txt"]),
    "no such case": ("nowhere.callout", ["show", "nowhere.callout"]),
    "a case that is text": ("report.txt", ["show", "report.txt"]),
    "a damaged case": ("damaged.callout", ["show", "damaged.callout"]),
    "a cut case": ("cut.callout", ["export", "cut.callout", "-o", "out", "--to", "seg"]),
    "a case that is a folder": ("images", ["history", "images"]),
    "a mask on another grid": ("another grid", [*ADD, "elsewhere.nii.gz", "--label", "1"]),
    "import from another grid": ("another grid", ["import", "a.callout", "elsewhere.nii.gz"]),
    "no such mask": ("nowhere.nii", ["import", "a.callout", "nowhere.nii"]),
    "an unknown concept": ("zebra", [*ADD, "mask.nii.gz", "--label", "1", "--finding", "zebra"]),
    "an ambiguous label": ("has the labels 1, 2", [*ADD, "mask.nii.gz"]),
    "an unknown mention": ("no mention matches", [*ADD, "mask.nii.gz", "--label", "1", "--mention", "1:9"]),
    "an unknown series": ("no series fits", [*ADD, "mask.nii.gz", "--label", "1", "--series", "x"]),
    "an unknown format": ("no such format", ["export", "a.callout", "-o", "out", "--to", "seg", "tarot"]),
    "export into a file": ("can't write there", ["export", "a.callout", "-o", "report.txt", "--to", "seg"]),
    "nothing to export": ("no region", ["export", "bare.callout", "-o", "out", "--to", "seg"]),
    "no receipt": ("receipt", ["verify", "images"]),
    "an unknown figure": ("figure", ["figure", "a.callout", "--figure", "7", "-o", "out"]),
    "nowhere to draw": ("-o DIR", ["figure", "a.callout"]),
    "no such recipe": ("nowhere.toml", ["figure", "a.callout", "--from", "nowhere.toml"]),
    "a recipe that is none": ("report.txt", ["figure", "a.callout", "--from", "report.txt"]),
    "a recipe of bytes": ("a-0.dcm", ["figure", "a.callout", "--from", "images/a-0.dcm"]),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_one_line_and_changes_nothing(
    name: str, run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, arguments = ERRORS[name]
    (folder / "empty").mkdir()
    (folder / "empty" / "notes.txt").write_text("x")
    whole = (folder / "a.callout").read_bytes()
    (folder / "damaged.callout").write_bytes(whole[:100] + b"garbage" * 900 + whole[6400:])
    (folder / "cut.callout").write_bytes(whole[: len(whole) // 2])
    callout.create_case(folder / "bare.callout", folder / "images").close()
    monkeypatch.chdir(folder)
    before = bytes_below(folder)
    said = run(*arguments)
    assert said.status == 2
    assert said.out == ""
    assert ERROR.fullmatch(said.err), said.err
    assert words in said.err
    assert bytes_below(folder) == before
    assert not (folder / "out").exists()


def test_terminal_escapes_in_names_are_shown_as_such(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "a\x1b[2Jb\nc"
    made_series.series(folder / "images", change=made_series.setting(SeriesDescription="x\x1b[31my"))
    (folder / "images" / "d\x1b[2J.dcm").write_text("x")
    case = folder / "c\x1b]0;t\x07.callout"
    for arguments in (
        ("inspect", folder / "images"),
        ("inspect", folder / "nowhere\x1b[2J"),
        ("inspect", "--bad\x1b[2J"),
        ("new", case, "--images", folder / "images"),
        ("show", case),
        ("convert", folder / "images", "-o", folder / "out"),
        ("report", folder / "r\x1b.txt"),
    ):
        said = run(*arguments)
        assert "\x1b" not in said.out + said.err
        assert "\x07" not in said.out + said.err
        if said.status:
            assert said.err.count("\n") == 1


def test_an_interruption_is_130(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from callout.cli import cases

    def interrupted(options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(cases, "show", interrupted)
    said = run("show", folder / "a.callout")
    assert (said.status, said.out, said.err) == (130, "", "")


def test_a_full_disk_is_one_line(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from callout.cli import cases

    def full(options: object) -> int:
        raise OSError(28, "No space left on device", "x")

    monkeypatch.setattr(cases, "show", full)
    said = run("show", folder / "a.callout")
    assert (said.status, said.err) == (2, "callout: No space left on device — x: see to the disk\n")


# As programs of their own ------------------------------------------------------------------------------------------


def started(*arguments: object, **environment: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "callout", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, check=False, env=os.environ | environment)


@pytest.mark.parametrize(
    "environment", [{"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"}], ids=["C", "ascii"]
)
def test_a_plain_terminal(made: Path, tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "r.txt").write_text("Étude\n\nFigure 1. Axial CT: cavity 3 × 4 cm – naïve (1).\n", "utf-8")
    said = started("report", tmp_path / "r.txt", **environment)
    assert (said.returncode, said.stderr) == (0, b"")
    assert b"cavity" in said.stdout
    said = started("report", tmp_path / "r.txt", "--json", **environment)
    assert json.loads(said.stdout.decode())["figures"][0]["caption"].endswith("naïve (1).")
    said = started("show", made / "a.callout", **environment)
    assert (said.returncode, said.stderr) == (0, b"")
    said = started("show", made / "nö.callout", **environment)
    assert said.returncode == 2
    assert said.stderr.count(b"\n") == 1
    assert said.stderr.startswith(b"callout: ")


def test_help_and_version_cost_nothing() -> None:
    code = (
        "import sys\nfrom callout.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'pydicom', 'scipy', 'rich', 'sqlite3', 'highdicom'} & sys.modules.keys()\n"
        "print(sorted(heavy), file=sys.stderr)"
    )
    for arguments in (["--help"], ["export", "--help"], ["--version"]):
        command = [sys.executable, "-c", code, *arguments]
        said = subprocess.run(command, capture_output=True, text=True, check=True)
        assert said.stderr.strip() == "[]"
        assert said.stdout


def test_a_reader_that_leaves_early(made: Path) -> None:
    """`callout history … | head -0`: no traceback, also at exit."""
    command = f'"{sys.executable}" -m callout inspect "{made / "images"}" | true'
    said = subprocess.run(["/bin/bash", "-c", command], capture_output=True, check=False)
    assert said.stderr == b""


@pytest.mark.parametrize("document", [{}, [], {"a": [], "b": list(range(2501)), "c": "\x9b"}, {"a": ["x"] * 1001}])
def test_json_is_one_document_however_long(document: object, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    print_json(document)
    written = capfdbinary.readouterr().out
    assert json.loads(written) == document
    assert written == json.dumps(document).encode() + b"\n"
