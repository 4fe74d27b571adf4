"""Preferences: kept whole, with what a later version wrote; and a file that is no good stops nobody."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callout.errors import InputError
from callout.preferences import Preferences, preferences_file, read_preferences, write_preferences

SHOW = "from callout.preferences import preferences_file; print(preferences_file())"


@pytest.fixture
def file(settings_folder: Path) -> Path:
    """Where this test's preferences are, with the folder made."""
    path = settings_folder / "callout" / "preferences.toml"
    path.parent.mkdir(parents=True)
    return path


def test_no_test_sees_the_users_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    started = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, check=True).stdout.strip()
    assert preferences_file().is_relative_to(tmp_path_factory.getbasetemp())
    assert Path(started) == preferences_file()


def test_without_a_file_nothing_is_set_and_nothing_is_made(settings_folder: Path) -> None:
    told: list[str] = []
    assert read_preferences(told.append) == Preferences(reader=None)
    assert (told, settings_folder.exists()) == ([], False)


def test_the_folder_is_made(settings_folder: Path) -> None:
    path = write_preferences(Preferences(reader="dr-a"))
    assert path == preferences_file() == settings_folder / "callout" / "preferences.toml"
    assert [one.name for one in path.parent.iterdir()] == ["preferences.toml"]
    assert read_preferences() == Preferences(reader="dr-a")


NAMES = st.text(min_size=1, max_size=64).filter(lambda name: name.isprintable() and bool(name.strip()))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(name=NAMES)
def test_every_name_comes_back(file: Path, name: str) -> None:
    write_preferences(Preferences(reader=name))
    assert read_preferences() == Preferences(reader=name)


def test_what_a_later_version_set_is_kept(file: Path) -> None:
    file.write_text('reader = "a"\nlast = 2026-01-02\n[window]\nlung = [-600.0, 1500]\n')
    before = tomllib.loads(file.read_text())
    write_preferences(Preferences(reader="b"))
    assert tomllib.loads(file.read_text()) == before | {"reader": "b"}
    write_preferences(Preferences())
    assert tomllib.loads(file.read_text()).keys() == {"last", "window"}


def test_a_byte_order_mark_does_no_harm(file: Path) -> None:
    file.write_bytes(b'\xef\xbb\xbfreader = "a"\r\n')
    assert read_preferences().reader == "a"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_stays_one(file: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("x = 1\n")
    file.symlink_to(tmp_path / "mine.toml")
    write_preferences(Preferences(reader="a"))
    assert file.is_symlink()
    assert tomllib.loads((tmp_path / "mine.toml").read_text()) == {"x": 1, "reader": "a"}


BROKEN: dict[str, Callable[[Path], object]] = {
    "no TOML": lambda file: file.write_text('reader = "a'),
    "no text": lambda file: file.write_bytes(b'reader = "\xff"'),
    "nested": lambda file: file.write_text("x = " + "[" * 9999),
    "a folder": lambda file: file.mkdir(),
    "a link to itself": lambda file: file.symlink_to(file),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_and_left_as_it_is(name: str, file: Path) -> None:
    if sys.platform == "win32" and "link" in name:
        pytest.skip("links need rights there")
    BROKEN[name](file)
    before = file.read_bytes() if file.is_file() else None
    told: list[str] = []
    assert read_preferences() == read_preferences(told.append) == Preferences()
    [line] = told
    assert str(file) in line
    assert "\n" not in line
    with pytest.raises(InputError) as caught:
        write_preferences(Preferences(reader="a"))
    assert caught.value.where == str(file)
    assert (file.read_bytes() if file.is_file() else None) == before
    assert [one.name for one in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("value", ["5", '""', '"a\\u001b"', "[1]"])
def test_a_reader_who_can_be_none_is_told_and_can_be_set_anew(value: str, file: Path) -> None:
    file.write_text(f"reader = {value}\n")
    told: list[str] = []
    assert read_preferences(told.append) == Preferences()
    assert str(file) in told[0]
    write_preferences(Preferences(reader="a"))
    assert read_preferences().reader == "a"


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\x1b[2J", "a\x7f", "a\u202eb", "a\udc80", "x" * 65])
def test_names_that_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="name"):
        Preferences(reader=name)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="who may do all is refused nothing")
def test_a_folder_that_takes_nothing(settings_folder: Path) -> None:
    settings_folder.mkdir(0o500)
    with pytest.raises(InputError) as caught:
        write_preferences(Preferences(reader="a"))
    assert caught.value.where == str(preferences_file())


def test_a_full_disk_leaves_what_was_there(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_preferences(Preferences(reader="a"))

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="No space"):
        write_preferences(Preferences(reader="b"))
    assert read_preferences().reader == "a"
    assert [one.name for one in file.parent.iterdir()] == [file.name]


def test_changed_keys_and_large_text_come_back(file: Path) -> None:
    kept = Preferences(reader="a", keys={"brush": ("P",), "look": ("V", "Q"), "fill": ()}, text=150)
    write_preferences(kept)
    assert tomllib.loads(file.read_text())["keys"] == {"brush": "P", "look": ["V", "Q"], "fill": []}
    assert read_preferences() == kept
    write_preferences(Preferences(reader="a"))
    assert tomllib.loads(file.read_text()) == {"reader": "a"}


def test_what_can_not_be_used_leaves_the_rest(file: Path) -> None:
    file.write_text('reader = "a"\ntext = 900\n[keys]\nbrush = 7\n')
    told: list[str] = []
    assert read_preferences(told.append) == Preferences(reader="a")
    assert len(told) == 2
    assert all(str(file) in line for line in told)


def test_what_can_t_be_used_is_not_lost_when_something_else_is_set(file: Path) -> None:
    file.write_text('reader = "a"\ntext = 999\n[keys]\nbrush = 3\nerase = "E"\n')
    write_preferences(replace(read_preferences(), reader="b"))
    assert tomllib.loads(file.read_text()) == {"reader": "b", "text": 999, "keys": {"brush": 3, "erase": "E"}}
