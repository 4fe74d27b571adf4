"""Which folders other machines share, by invented tables of mounts and by this machine's own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from callout.case.network import Mount, on_network, shared

LINUX = [
    Mount("/proc", "proc", "rw"),
    Mount("/", "ext4", "rw,relatime"),
    Mount("/home", "xfs", "rw"),
    Mount("/home/a/pacs", "fuse.sshfs", "rw,nosuid"),
    Mount("/mnt", "tmpfs", "rw"),
    Mount("/mnt/data", "nfs4", "rw,vers=4.2"),
    Mount("/mnt/data/scratch", "ext4", "rw"),
    Mount("/mnt/my share", "cifs", "rw"),
    Mount("/home/a/bound", "nfs4", "rw"),  # a bind mount has the type of what it shows
    Mount("/mnt/stick", "fuseblk", "rw"),
    Mount("/mnt/new", "somefs2", "rw"),
    Mount("/mnt/host", "9p", "rw"),
    Mount("/mnt/vm", "vboxsf", "rw"),
    Mount("/mnt/cluster", "lustre", "rw"),
    Mount("/net", "autofs", "rw"),
    Mount("/auto/nas", "autofs", "rw"),
    Mount("/auto/nas", "nfs", "rw"),
    Mount("/auto/disk", "autofs", "rw"),
    Mount("/auto/disk", "ext4", "rw"),
    Mount("/twice", "nfs", "rw"),
    Mount("/twice", "ext4", "rw"),
]
MACOS = [
    Mount("/", "apfs", "ro,local,rootfs"),
    Mount("/System/Volumes/Data", "apfs", "rw,local"),
    Mount("/Volumes/Klinik \u00d6st", "smbfs", "rw,nodev"),
    Mount("/Volumes/Stick", "exfat", "rw,local"),
    Mount("/Volumes/Web", "webdav", "rw"),
]
WINDOWS = [
    Mount("C:\\", "NTFS", "rw,fixed"),
    Mount("C:\\disks\\two\\", "NTFS", "rw"),
    Mount("D:\\", "", "cdrom"),
    Mount("E:\\", "FAT32", "rw,removable"),
    Mount("Z:\\", "NTFS", "rw,remote"),
]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/a", False),
        ("/", False),
        ("/home/a/cases", False),
        ("/home/a/pacs", True),
        ("/home/a/pacs/1", True),
        ("/home/a/pacs2", False),
        ("/mnt/data/1", True),
        ("/mnt/data2/1", False),
        ("/mnt/data/scratch/1", False),
        ("/mnt/data/scratched", True),
        ("/mnt/my share/1", True),
        ("/mnt/my", False),
        ("/home/a/bound/1", True),
        ("/mnt/stick/1", False),
        ("/mnt/new", True),
        ("/mnt/host", True),
        ("/mnt/vm", True),
        ("/mnt/cluster/1", True),
        ("/net/nas/1", True),
        ("/auto/nas/1", True),
        ("/auto/disk/1", False),
        ("/twice/1", True),
    ],
)
def test_linux(path: str, expected: bool) -> None:
    assert shared(path, LINUX, "linux") is expected
    assert shared(path, LINUX[::-1], "linux") is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/Users/a", False),
        ("/System/Volumes/Data/Users/a", False),
        ("/Volumes/Klinik \u00d6st/1", True),
        ("/Volumes/Klinik O\u0308st/1", True),  # the same letters, in pieces
        ("/volumes/klinik \u00f6st/1", True),  # and small: a folder there has no case
        ("/Volumes/Stick/1", False),
        ("/Volumes/Web/1", True),
    ],
)
def test_macos(path: str, expected: bool) -> None:
    assert shared(path, MACOS, "darwin") is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("C:\\cases", False),
        ("c:\\Cases", False),
        ("\\\\?\\C:\\cases", False),
        ("C:\\disks\\two\\1", False),
        ("D:\\1", True),
        ("E:\\1", False),
        ("Z:\\1", True),
        ("z:\\1", True),
        ("Q:\\1", True),
        ("\\\\nas\\pacs\\1", True),
        ("\\\\?\\UNC\\nas\\pacs\\1", True),
        ("\\\\wsl$\\Debian\\home", True),
    ],
)
def test_windows(path: str, expected: bool) -> None:
    assert shared(path, WINDOWS, "win32") is expected


def test_without_a_table_the_answer_is_the_safe_one() -> None:
    assert shared("/a", [], "linux")
    assert shared("/a", [Mount("/b", "ext4", "rw")], "linux")


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("stat"), reason="another stat elsewhere")
def test_this_machine(tmp_path: Path) -> None:
    """As coreutils name the type."""
    told = subprocess.run(["stat", "-f", "-c", "%T", tmp_path], capture_output=True, text=True, check=True)
    known = {"ext2/ext3": False, "xfs": False, "btrfs": False, "tmpfs": False, "overlayfs": False, "nfs": True}
    if told.stdout.strip() not in known:
        pytest.skip("the type of the temporary folder is not known here")
    expected = known[told.stdout.strip()]
    assert on_network(tmp_path) is expected
    assert on_network(tmp_path / "not" / "there" / "yet") is expected


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_links_and_folders_to_come_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").symlink_to("/proc")
    monkeypatch.chdir(tmp_path)
    assert on_network("elsewhere/not/there")
    assert on_network(tmp_path / "elsewhere" / "self")
    assert on_network(tmp_path / "a\0b")  # no path at all


def test_what_the_platform_does_not_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: bool) -> None:
        raise PermissionError("/proc/self/mounts")

    monkeypatch.setattr(psutil, "disk_partitions", refused)
    assert on_network(tmp_path)
