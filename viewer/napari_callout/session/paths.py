"""What a path leads to: something that can be opened here, or not."""

from __future__ import annotations

import os

from napari_callout.session.opening import is_case

PREAMBLE = 128  # bytes before the prefix "DICM" (PS3.10 section 7.1)


def opens(path: str) -> bool:
    """Whether it can be tried: a case, a folder, a zip, a DICOMDIR or another DICOM file, by what is in it."""
    from callout.dicom.archive import is_zip

    return is_case(path) or os.path.isdir(path) or is_zip(path) or _is_dicom(path)


def _is_dicom(path: str) -> bool:
    from callout.dicom.tree import OPEN_FLAGS

    try:
        descriptor = os.open(path, OPEN_FLAGS)
    except OSError:
        return False
    try:
        return os.pread(descriptor, 4, PREAMBLE) == b"DICM"
    except OSError:
        return False
    finally:
        os.close(descriptor)
