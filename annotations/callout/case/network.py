"""Whether a folder lies on a file system that other machines share.

SQLite's write-ahead log needs memory that all its readers share, so it must not be used there (sqlite.org/wal.html).
What is not known to be local counts as shared: only speed is lost by that.
"""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import NamedTuple

LOCAL = {
    "apfs", "bcachefs", "btrfs", "cdfs", "devtmpfs", "erofs", "exfat", "ext2", "ext3", "ext4", "f2fs", "fat", "fat32",
    "fuseblk", "hfs", "iso9660", "jfs", "msdos", "nilfs2", "ntfs", "ntfs3", "overlay", "ramfs", "refs", "reiserfs",
    "rootfs", "squashfs", "tmpfs", "udf", "ufs", "vfat", "xfs", "zfs",
}  # fmt: skip


class Mount(NamedTuple):
    """A line of the table of mounts, in psutil's words; `opts` is separated by commas."""

    mountpoint: str
    fstype: str
    opts: str


def on_network(path: str | os.PathLike[str]) -> bool:
    """Whether `path`, which need not exist yet, lies where other machines can write too; True where in doubt."""
    try:
        import psutil

        mounts = [Mount(one.mountpoint, one.fstype, one.opts) for one in psutil.disk_partitions(all=True)]
        return shared(str(Path(path).resolve()), mounts, sys.platform)
    except Exception:  # whatever a platform does not tell: the safe answer
        return True


def shared(path: str, mounts: Iterable[Mount], platform: str) -> bool:
    """Whether `path`, absolute and free of links, lies on a shared file system by this table of mounts.

    platform: `sys.platform` of the machine that the table is of.
    """
    place = _place(path, platform)
    if place.drive.startswith("\\\\"):  # a share by its own name: \\server\share
        return True
    above = [(_place(mount.mountpoint, platform), mount) for mount in mounts]
    above = [(point, mount) for point, mount in above if place.is_relative_to(point)]
    if not above:
        return True
    longest = max(len(point.parts) for point, _ in above)
    here = [mount for point, mount in above if len(point.parts) == longest]
    # What is mounted on demand lies over its own autofs; of all else that lies there, the uppermost can't be told.
    here = [mount for mount in here if mount.fstype != "autofs"] or here
    return not all(_local(mount) for mount in here)


def _local(mount: Mount) -> bool:
    """By its type; but Windows names that of the disk behind a share too, so there its options decide."""
    return mount.fstype.lower() in LOCAL and "remote" not in mount.opts.lower().split(",")


def _place(path: str, platform: str) -> PurePath:
    """A path that compares as the platform's own file systems do by default."""
    if platform == "win32":
        plain = path.removeprefix("\\\\?\\") if path[5:6] == ":" else path  # \\?\C:\… is C:\…
        return PureWindowsPath(plain)
    if platform == "darwin":
        return PurePosixPath(unicodedata.normalize("NFD", path).casefold())
    return PurePosixPath(path)
