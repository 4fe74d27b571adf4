"""What is shipped: the two packages and the samples, nothing else; and nothing heavy before it is needed."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY = ["SimpleITK", "highdicom", "nibabel", "scipy", "pydicom", "PIL", "napari", "qtpy"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_the_packages_and_the_samples_only(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"callout", "napari_callout"}
    assert {name.split("/")[2] for name in names if name.startswith("callout/sample_dicoms/")} == {
        "thorax", "spine", "README.md",
    }  # fmt: skip
    endings = {Path(name).suffix for name in names}
    assert not endings & {".pyc", ".callout", ".nii", ".gz"}
    for wanted in ("callout/py.typed", "napari_callout/napari.yaml", "callout/terms/concepts.toml",
                   "callout/sample_dicoms/thorax/demo.toml"):  # fmt: skip
        assert wanted in names


def test_napari_and_qt_come_with_the_viewer_only(wheel: zipfile.ZipFile) -> None:
    metadata = Parser().parsestr(wheel.read(next(n for n in wheel.namelist() if n.endswith("METADATA"))).decode())
    needed = metadata.get_all("Requires-Dist") or []
    for name in ("napari", "PySide6"):
        assert [line for line in needed if line.lower().startswith(name.lower())]
        assert all("extra ==" in line for line in needed if line.lower().startswith(name.lower()))
    assert metadata["License-Expression"] == "BSD-3-Clause"


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import callout", ["numpy", "pydicom", "sqlite3", "napari", "qtpy"]),
        ("import callout.cli.options as o; o.parser()", ["numpy", "pydicom", "rich", "napari", "qtpy"]),
        ("import callout.case, callout.dicom, callout.exports, callout.reports", HEAVY),
        ("import callout.preferences", ["platformdirs", "tomllib", "tomli_w", "tempfile"]),
        ("import callout.case.network", ["psutil"]),
        ("import napari_callout", ["napari", "qtpy", "numpy"]),
    ],
)  # fmt: skip
def test_importing_costs_nothing(code: str, unwanted: list[str]) -> None:
    check = f"{code}\nimport sys\nprint([name for name in {unwanted!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_docs_snippets_about_geometry_hold() -> None:
    import doctest

    failed, tried = doctest.testfile(str(ROOT / "docs" / "concepts" / "geometry.md"), module_relative=False)
    assert (failed, tried > 0) == (0, True)


def test_links_in_the_docs_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    links = [(page, link) for page in pages for link in re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))]
    assert len(links) > 15
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []


def test_every_command_is_in_the_reference() -> None:
    from callout.cli.options import parser

    text = (ROOT / "docs" / "reference" / "commands.md").read_text("utf-8")
    (commands,) = (action.choices for action in parser()._actions if action.dest == "command")
    assert commands is not None
    assert [name for name in commands if f"| `{name} " not in text] == []


def test_docstrings_that_claim_an_axis_hold() -> None:
    import doctest
    import importlib
    import pkgutil

    import callout

    tried = 0
    for module in pkgutil.walk_packages(callout.__path__, "callout."):
        if not module.name.endswith("__main__"):
            result = doctest.testmod(importlib.import_module(module.name))
            assert result.failed == 0, module.name
            tried += result.attempted
    assert tried > 5
