"""Reports in every format, invented for the purpose, are read exactly."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from callout.reports import read_report

FILES = Path(__file__).parent / "files"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FILES / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_report_is_read_exactly(name: str, tmp_path: Path) -> None:
    expected = EXPECTED[name]
    shutil.copy(FILES / name, tmp_path)
    for picture in (picture for pictures in expected["pictures"].values() for picture in pictures):
        (tmp_path / picture).parent.mkdir(exist_ok=True)
        (tmp_path / picture).write_bytes(b"\x89PNG\r\n\x1a\n" + picture.encode())
    report = read_report(tmp_path / name)
    assert report.title == expected["title"]
    assert {figure.label: figure.caption.text for figure in report.figures} == expected["figures"]
    assert [figure.label for figure in report.figures] == list(expected["figures"])
    assert report.body == expected["body"]
    assert {f.label: [picture.name for picture in f.pictures] for f in report.figures} == expected["pictures"]
    cited = {f.label: [report.body[start:end] for start, end in f.citations] for f in report.figures}
    assert cited == expected["citations"]
