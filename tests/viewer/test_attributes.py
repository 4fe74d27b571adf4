"""The DICOM attributes of an image: all of them, the patient hidden until asked, hostile files told in words."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import made_study
import numpy as np
import pydicom
import pytest
from hands import SHIFT, key, opened, wait_drawn
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from qtpy.QtCore import Qt
from qtpy.QtGui import QGuiApplication
from qtpy.QtWidgets import QApplication

from callout.errors import InputError
from napari_callout.qt.attributes import AttributesView
from napari_callout.session.attributes import HIDDEN, as_text, matching, read_attributes

SECRETS = ("Doe^Jane", "MRN-77", "19700101", "Dr^Who", "Mercy Hospital", "ACC-9", "call 555", "Roe^Ann", "secret words")


@pytest.fixture
def path(tmp_path: Path) -> str:
    """An image with names in all kinds of places."""
    folder = made_study.images(tmp_path)
    file = sorted(folder.iterdir())[0]
    data_set = pydicom.dcmread(file)
    data_set.PatientName, data_set.PatientID, data_set.PatientBirthDate = "Doe^Jane", "MRN-77", "19700101"
    data_set.PatientSex, data_set.PatientAge = "F", "054Y"
    data_set.ReferringPhysicianName, data_set.InstitutionName = "Dr^Who", "Mercy Hospital"
    data_set.AccessionNumber, data_set.ImageComments = "ACC-9", "call 555"
    deep = Dataset()
    deep.PersonName = "Roe^Ann"
    deep.CodeValue = "T-1"
    data_set.RequestAttributesSequence = Sequence([deep])
    block = data_set.private_block(0x0099, "MAKER", create=True)
    block.add_new(1, "LO", "secret words")
    block.add_new(2, "DS", "1.5")
    data_set.save_as(file)
    return str(file)


def test_all_is_listed_and_the_patient_hidden(path: str) -> None:
    rows = read_attributes(path)
    by_name = {row.name: row for row in rows}
    text = as_text(rows, identity=False)
    for secret in SECRETS:
        assert secret not in text
        assert secret in as_text(rows, identity=True)
        assert not matching(rows, secret, identity=False)
        assert matching(rows, secret, identity=True)
    assert by_name["PatientName"].shown(False) == HIDDEN
    assert by_name["PatientSex"].shown(False) == "F"
    assert by_name["CodeValue"].shown(False) == "T-1"
    assert by_name["CodeValue"].depth == 2
    assert by_name["PixelSpacing"].value == "0.8\\0.8"
    assert by_name["TransferSyntaxUID"].tag == "(0002,0010)"
    assert "PixelData" not in by_name
    private = [row for row in rows if row.tag.startswith("(0099")]
    assert [row.shown(False) for row in private if row.vr == "DS"] == ["1.5"]
    assert {row.tag for row in private} == {"(0099,0010)", "(0099,1001)", "(0099,1002)"}


def test_of_many_frames_only_the_one_that_is_shown(path: str) -> None:
    data_set = pydicom.dcmread(path)
    frames = []
    for n in range(3):
        item = Dataset()
        item.ImageComments = f"of frame {n + 1}"
        frames.append(item)
    data_set.PerFrameFunctionalGroupsSequence = Sequence(frames)
    data_set.save_as(path)
    shown = [row.value for row in read_attributes(path, frame=2) if row.name == "ImageComments" and row.depth]
    assert shown == ["of frame 2"]


def test_what_can_not_be_read_is_said(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError, match="can't be read"):
        read_attributes(str(tmp_path / "gone.dcm"))
    whole = Path(path).read_bytes()
    for cut in (0, 131, 140, 400, len(whole) // 2):
        broken = tmp_path / "broken.dcm"
        broken.write_bytes(whole[:cut])
        with suppress(InputError):
            assert all("\n" not in row.value for row in read_attributes(str(broken)))
    rng = np.random.default_rng(4)
    for _ in range(60):
        damaged = bytearray(whole[:3000])
        for at in rng.integers(132, len(damaged), 12):
            damaged[at] = int(rng.integers(0, 256))
        broken.write_bytes(bytes(damaged))
        with suppress(InputError):
            assert all(row.value.isprintable() for row in read_attributes(str(broken)))


def test_a_value_of_many_bytes_is_counted_and_not_read(path: str) -> None:
    data_set = pydicom.dcmread(path)
    data_set.add_new(0x00420011, "OB", b"\0" * (5 << 20))
    data_set.save_as(path)
    (row,) = [row for row in read_attributes(path) if row.tag == "(0042,0011)"]
    assert row.value == f"{5 << 20} bytes, not read"


def test_the_list_is_searched_and_copied(qtbot: Any, path: str) -> None:
    view = AttributesView()
    qtbot.addWidget(view)
    view.show_attributes("an image", read_attributes(path))
    view.show()
    view.search.setText("patient")
    names = [view.list.topLevelItem(n).text(0) for n in range(view.list.topLevelItemCount())]
    assert {"PatientName", "PatientSex"} <= {name.strip() for name in names}
    assert all("patient" in name.lower() for name in names)
    view.list.selectAll()
    qtbot.keyClick(view.list, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().text()
    assert "PatientSex\tCS\tF" in copied
    assert "Doe" not in copied
    view.identity.setChecked(True)
    view.list.selectAll()
    view.list.copy()
    assert "Doe^Jane" in QGuiApplication.clipboard().text()
    view.forget()
    assert not view.identity.isChecked()


def test_a_key_shows_those_of_the_image(host: Any, qtbot: Any, tmp_path: Path) -> None:
    opened(host, qtbot, tmp_path)
    view = host.attributes.view
    assert view.rows == ()
    key(host, qtbot, Qt.Key.Key_I, SHIFT)
    qtbot.waitUntil(lambda: bool(view.rows), timeout=5000)
    first = {row.name: row.value for row in view.rows}
    assert first["SeriesDescription"] == made_study.AXIAL
    host.session.go_to(host.session.k + 1)
    wait_drawn(host, qtbot)
    qtbot.waitUntil(lambda: {r.name: r.value for r in view.rows}["InstanceNumber"] != first["InstanceNumber"])
    qtbot.keyClick(view.search, Qt.Key.Key_Escape)
    QApplication.processEvents()
    assert not host.attributes.dock.isVisible()
