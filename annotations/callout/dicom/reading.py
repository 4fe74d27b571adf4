"""Reading: what one file gives, be it an image, an archive of them, or none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from callout.dicom.archive import OTHER_ARCHIVES, ZIP_NAMES, Archive, Member, archive_of, blocks
from callout.dicom.build import stand_in
from callout.dicom.fragments import check_frame
from callout.dicom.header import FIRST_READ, Header, Unreadable, read_header, walk
from callout.dicom.image import Image, images_of
from callout.dicom.image_file import check_inflates
from callout.dicom.skipped import Skipped
from callout.dicom.tree import OPEN_FLAGS
from callout.dicom.walker import Layouts, Short, Unusual

Read = Callable[[Iterable[str], int], None]


@dataclass(slots=True)
class Content:
    """The images of one file, and what in it was skipped.

    images: by SeriesInstanceUID, or what stands in for it.
    """

    images: dict[str, list[Image]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)


def content_of(path: str, archive: bool, layouts: Layouts, read: Read) -> Content:
    """What the file at `path` gives; as a zip file where `archive`. Nothing of it is ever an error.

    read: called for the file, else for each that an archive holds, with the names of series seen in it so far, and how
        many files more there turn out to be.
    """
    content = Content()
    if archive:
        _read_archive(path, layouts, content, read)
        return content
    try:
        _add(read_header(path, layouts), content)
    except Unreadable as reason:
        content.skipped.append(_skipped(path, reason))
    read(content.images, 0)
    return content


def _add(header: Header, content: Content) -> None:
    images = images_of(header)
    if images[0].header.pixel_length is None:
        check_frame(header.path, images[0].stored, len(images))
    if header.deflated:
        last = images[-1].stored
        check_inflates(header.path, last.offset + (last.length or 0))
    series = images[0].series_uid or stand_in(images[0])
    content.images.setdefault(series, []).extend(images)


def _skipped(path: str, reason: Unreadable) -> Skipped:
    if reason.kind == "other file" and path.lower().endswith((*ZIP_NAMES, *OTHER_ARCHIVES)):
        return Skipped(path, "an archive of a kind that is not opened: unpack it", "other object")
    return Skipped(path, str(reason), reason.kind)


def _read_archive(path: str, layouts: Layouts, content: Content, read: Read) -> None:
    try:
        archive = archive_of(path)
        descriptor = os.open(path, OPEN_FLAGS)
    except OSError as error:
        content.skipped.append(Skipped(path, f"{error.strerror or error}"))
        return
    try:
        _read_members(descriptor, archive, layouts, content, read)
    finally:
        os.close(descriptor)


def _read_members(descriptor: int, archive: Archive, layouts: Layouts, content: Content, read: Read) -> None:
    path, more = archive.path, len(archive.members) - 1
    if not archive.members and not archive.refused:
        content.skipped.append(Skipped(path, "the archive holds no files"))
    for name, reason in archive.refused:
        content.skipped.append(Skipped(f"{path}/{name}", reason))
    for member in archive.members.values():
        place = f"{path}/{member.name}"
        try:
            _add(_header(descriptor, archive, member, place, layouts), content)
        except Unreadable as unreadable:
            content.skipped.append(_skipped(place, unreadable))
        except OSError as error:
            content.skipped.append(Skipped(place, f"{error.strerror or error}"))
        read(content.images, more)
        more = 0


def _header(descriptor: int, archive: Archive, member: Member, path: str, layouts: Layouts) -> Header:
    """The header of a member, of which no more is inflated than that takes."""
    data = b"".join(blocks(descriptor, member, FIRST_READ))
    try:
        return walk(data, path, member.size, archive.modified_ns, layouts)
    except (Short, Unusual):
        return read_header(path, layouts)


def is_archive(path: str) -> bool:
    """Whether a file is named as a zip file."""
    return path[-4:].lower() in ZIP_NAMES
