"""Journey (a): a chest CT with three numbered findings, from a folder of DICOM and a report to masks and figures."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from PIL import Image

Run = Callable[..., Any]


@pytest.fixture
def case(run: Run, samples: Path, tmp_path: Path) -> Path:
    """The case as a radiologist makes it in the terminal: images, report, masks, links."""
    sample, path = samples / "thorax", tmp_path / "thorax.callout"
    run("new", path, "--images", sample / "images", "--report", sample / "report.txt", "--reader", "dr-a")
    run("import", path, sample / "truth" / "findings.seg.dcm")
    import callout

    with callout.open_case(path, reader="dr-a") as opened:
        for finding in opened.findings:
            opened.link(
                finding, {"cavity": "1:1", "ground-glass opacity": "1:2", "consolidation": "1:3"}[finding.concept]
            )
    return path


def test_from_folder_to_figure(run: Run, case: Path, samples: Path, tmp_path: Path) -> None:
    shown = run("show", case, "--json")
    assert shown["todo"] == 0
    states = {mention["id"]: (mention["state"], mention["reason"]) for mention in shown["mentions"]}
    assert states["1:#1"][0] == states["1:#2"][0] == states["1:#3"][0] == "draft"
    assert states["2:#1"] == ("not drawn", "histology")

    truth = {one["label"]: one for one in json.loads((samples / "thorax" / "truth.json").read_text())["findings"]}
    names = {finding["id"]: finding["name"] for finding in shown["findings"]}
    assert len(truth) == len(shown["regions"])
    for region in shown["regions"]:
        expected = truth[names[region["finding_id"]]]
        assert region["voxels"] == expected["voxels"]
        assert region["volume_mm3"] == pytest.approx(expected["volume_mm3"], rel=1e-4)
        assert region["mean"] == pytest.approx(expected["mean_hu"], abs=0.1)

    printed = run("export", case, "-o", tmp_path / "out", "--to", "seg", "nifti").split()
    assert {Path(name).suffix for name in printed} == {".dcm", ".gz", ".json"}
    run("verify", tmp_path / "out")
    labels = np.asarray(nibabel.load(next((tmp_path / "out").glob("*.mask.nii.gz"))).dataobj)
    assert [int((labels == n).sum()) for n in range(1, len(truth) + 1)] == [r["voxels"] for r in shown["regions"]]

    run("figure", case, "-o", tmp_path / "figures")
    first = np.asarray(Image.open(tmp_path / "figures" / "figure-1.png").convert("RGB"))
    second = np.asarray(Image.open(tmp_path / "figures" / "figure-2.png").convert("RGB"))
    assert np.ptp(first.astype(int), axis=2).max() == 0  # CT and white markers: grey
    assert np.ptp(second.astype(int), axis=2).max() > 60  # the stain of the histology

    history = run("history", case, "--json")["edits"]
    assert [edit["number"] for edit in history] == list(range(1, len(history) + 1))
    assert {edit["reader"] for edit in history} == {"dr-a"}


def test_figure_1_shows_all_three_kinds_on_one_slice(run: Run, case: Path, samples: Path) -> None:
    import tomllib

    recipe = tomllib.loads(run("figure", case, "--figure", "1", "--spec"))
    (panel,) = recipe["panels"]
    assert panel["view"]["window"] == [-600, 1500]
    assert {overlay["text"] for overlay in panel["view"]["overlays"]} == {"1", "2", "3"}
    truth = json.loads((samples / "thorax" / "truth.json").read_text())
    position = panel["view"]["centre_mm"][2]
    assert abs(position - truth["figure_1"]["z_mm"]) <= 15  # all kinds lie on several slices; one of those is shown


def test_an_author_s_recipe_wins_and_stays(run: Run, case: Path, tmp_path: Path) -> None:
    spec = run("figure", case, "--figure", "1", "--spec")
    (tmp_path / "mine.toml").write_text(spec.replace("[-600.0, 1500.0]", "[40.0, 400.0]"), encoding="utf-8")
    assert spec != (tmp_path / "mine.toml").read_text()
    run("figure", case, "--figure", "1", "--from", tmp_path / "mine.toml")
    assert "[40.0, 400.0]" in run("figure", case, "--figure", "1", "--spec")


def test_the_demo_gives_the_same_figures_anywhere(tmp_path: Path) -> None:
    """In other folders, time zones and locales, as processes of their own, without a screen."""
    found = []
    for name, zone, locale in (("one", "UTC", "C"), ("two", "Asia/Kolkata", "C.UTF-8")):
        place = tmp_path / name
        environment = {"PATH": "/usr/bin:/bin", "TZ": zone, "LC_ALL": locale, "HOME": str(tmp_path)}
        command = [sys.executable, "-m", "callout", "demo", "-o", str(place)]
        done = subprocess.run(command, env=environment, check=False, capture_output=True, timeout=240, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, b"")
        for sample in ("thorax", "spine"):
            assert (place / sample / f"{sample}.callout").is_file()
            assert (place / sample / "receipt.json").is_file()
            assert list((place / sample).glob("*.seg.dcm"))
            assert list((place / sample).glob("*.mask.nii.gz"))
        assert len(list((place / "thorax").glob("figure-*.png"))) == 2
        assert len(list((place / "spine").glob("figure-*.png"))) == 5
        found.append({str(p.relative_to(place)): p.read_bytes() for p in sorted(place.rglob("*.png"))})
    assert found[0] == found[1]
    shutil.rmtree(tmp_path)
