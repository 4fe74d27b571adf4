"""What napari finds by the manifest, and the viewer in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import made_study
import numpy as np
import pytest

import callout
from callout.errors import CaseInUse, NoImages
from napari_callout.__main__ import main
from napari_callout.reader import get_reader, read_layers

needs_display = pytest.mark.skipif(
    sys.platform.startswith("linux") and not os.environ.get("DISPLAY"), reason="there is no display"
)


def test_the_manifest_is_found_and_valid() -> None:
    from npe2 import PluginManifest

    manifest = PluginManifest.from_distribution("callout")
    assert manifest.contributions.widgets is not None
    assert [widget.display_name for widget in manifest.contributions.widgets] == ["Callout"]
    for command in manifest.contributions.commands or ():
        assert command.id.startswith("callout.")
        module, _, name = str(command.python_name).partition(":")
        assert callable(getattr(import_module(module), name))


def test_the_reader_takes_folders_and_cases(tmp_path: Path) -> None:
    case = made_study.case(tmp_path)
    case.close()
    assert get_reader(str(tmp_path / "report.txt")) is None
    for path in (tmp_path / "images", tmp_path / "a.callout"):
        reader = get_reader(str(path))
        assert reader is not None
        layers = reader(str(path))
        assert len(layers) == 3
        from napari.layers import Layer

        made = [Layer.create(*layer) for layer in layers]
        assert [layer.visible for layer in made] == [True, False, False]
        assert all((np.asarray(layer.scale) > 0).all() for layer in made)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(NoImages):
        read_layers(str(tmp_path / "nothing"))


def test_napari_itself_opens_a_folder_and_a_sample_without_a_window(tmp_path: Path) -> None:
    from napari.components import ViewerModel
    from npe2 import PluginManager

    PluginManager.instance().discover()
    made_study.images(tmp_path)
    viewer = ViewerModel()
    assert len(viewer.open(str(tmp_path / "images"), plugin="callout")) == 3
    assert len(viewer.open_sample("callout", "thorax")) == 1


@needs_display
def test_the_widget_brings_the_docks_once_and_the_case_closes_with_the_window(
    make_napari_viewer: Callable[..., Any], tmp_path: Path
) -> None:
    from napari_callout.host.host import Host
    from napari_callout.host.shell import Shell

    made_study.case(tmp_path).close()
    viewer = make_napari_viewer(show=True)
    for _ in range(2):
        viewer.window.add_plugin_dock_widget("callout", "Callout")
    assert {"Report", "Findings", "Series"} <= set(viewer.window.dock_widgets)
    assert sum(name.startswith("Report") for name in viewer.window.dock_widgets) == 1
    host = Shell(viewer).main_window.findChild(Host)
    assert host.files.open([tmp_path / "a.callout"])
    with pytest.raises(CaseInUse):
        callout.open_case(tmp_path / "a.callout")
    del host
    viewer.close()
    with callout.open_case(tmp_path / "a.callout") as case:
        assert not case.read_only


@needs_display
def test_a_sample_brings_callout_into_a_window_without_it(make_napari_viewer: Callable[..., Any], qtbot: Any) -> None:
    from napari_callout.host.host import Host
    from napari_callout.host.shell import Shell

    viewer = make_napari_viewer(show=True)
    viewer.open_sample("callout", "thorax")
    host = Shell(viewer).main_window.findChild(Host)
    qtbot.waitUntil(lambda: bool(host.session.series), timeout=30_000)
    assert host.session.case.findings
    host.close()


@needs_display
def test_a_picture_of_the_window(tmp_path: Path) -> None:
    from PIL import Image

    made_study.case(tmp_path).close()
    picture = tmp_path / "window.png"
    command = [sys.executable, "-m", "napari_callout", "--size", "900x600", "--screenshot", str(picture)]
    environment = os.environ | {"NAPARI_CONFIG": str(tmp_path / "settings.yaml")}
    result = subprocess.run(
        [*command, str(tmp_path / "a.callout")], capture_output=True, text=True, env=environment, check=False
    )
    assert result.returncode == 0, result.stderr
    with Image.open(picture) as image:
        assert image.size == (900, 600)
        pixels = np.asarray(image.convert("RGB"), int)
    assert pixels[100:500, 350:600].max() > 180  # the slice, not a black canvas
    assert (pixels.max(axis=-1) - pixels.min(axis=-1) > 100).any()  # the chosen mention, in its colour
    failed = subprocess.run(
        [*command, str(tmp_path / "none.callout")], capture_output=True, text=True, env=environment, check=False
    )
    assert failed.returncode == 2
    assert "none.callout" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_size_that_is_none_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--size", "large"])
    assert ended.value.code == 2
    assert "1600x1000" in capsys.readouterr().err
