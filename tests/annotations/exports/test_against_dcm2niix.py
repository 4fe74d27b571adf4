"""`convert` against dcm2niix, on series as scanners of several makers write them: the same voxels at the same places.

Needs dcm2niix. What differs is listed with its reason, as docs/reference/conformance.md tells it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nibabel
import numpy as np
import numpy.typing as npt
import pytest
from made_kinds import KINDS, SCANS, Kind, make, make_enhanced

import callout
from callout.errors import GridMismatch, InputError
from callout.exports.convert import convert_series
from callout.exports.nifti import grid_of_affine
from callout.geometry import Grid

DCM2NIIX = shutil.which("dcm2niix") or shutil.which("dcm2niix", path=str(Path(sys.executable).parent))
pytestmark = pytest.mark.skipif(DCM2NIIX is None, reason="dcm2niix is not installed")

Stack = tuple[npt.NDArray[np.float64], Grid]

DIFFERS = {
    "echoes": "an EchoTime that differs by a microsecond from slice to slice makes a volume of each slice",
    "perfusion cut short": "no volume at all where the last time point is incomplete",
    "three phases cut short": "one volume whose slices lie in one place",
    "cine": "one volume whose slices lie in one place",
    "phases a little apart": "the second phase is left out",
    "passes a little apart": "all but the first are left out",
    "two frames of reference": "the second is left out",
    "parallel blocks": "one volume, spaced as the first two slices are",
    "both knees": "one volume, spaced as the first two slices are",
    "both jaw joints": "one volume, spaced as the first two slices are",
    "blocks that overlap": "one volume, spaced as the first two slices are",
    "thick slices between": "the thick ones are left out",
    "two tilts": "one volume, spaced as the first two slices are",
    "shear that changes": "one volume, spaced as the first two slices are",
    "scout in the scan": "one volume, the localizer in it",
    "rounded by files": "two volumes with every other slice each",
    "tilted": "the shear is left out of the affine, or slices are resampled",
    "tilted back": "the shear is left out of the affine, or slices are resampled",
    "tilted MR": "the shear is left out of the affine",
    "irregular": "what is interpolated is cut to whole numbers",
    "rounded to tenths": "spaced as the first two slices are",
}


DIFFERS_IN_FRAMES = {
    "tilted MR": "the shear is left out of the affine",
    "missing slice": "spaced as the first two slices are",
    "uneven": "spaced as the first two slices are",
    "uneven MR": "spaced as the first two slices are",
    "irregular": "spaced as the first two slices are",
}


def theirs(images: Path, folder: Path) -> list[Stack]:
    """Every volume that dcm2niix makes of a folder, but those it makes besides by resampling."""
    folder.mkdir()
    command = [str(DCM2NIIX), "-z", "n", "-b", "n", "-f", "%n_%s_%e", "-o", str(folder), str(images)]
    subprocess.run(command, check=False, capture_output=True)
    return [stack for path in sorted(folder.glob("*.nii")) for stack in stacks(path)]


def ours(images: Path, folder: Path) -> list[Stack]:
    """What `convert` writes."""
    files = convert_series(callout.find_series(images), folder, "nifti").files
    return [stack for path, _ in files for stack in stacks(path)]


def stacks(path: Path) -> list[Stack]:
    image = nibabel.load(path)
    voxels = np.asarray(image.get_fdata())
    volumes = np.moveaxis(voxels, 3, 0) if voxels.ndim == 4 else [voxels]
    try:
        return [(volume.transpose(2, 1, 0), grid_of_affine(image.affine, volume.shape)) for volume in volumes]
    except InputError:  # an affine that puts all slices in one place
        return []


def same(one: Stack, other: Stack) -> bool:
    """Whether two stacks hold the same values at the same places, signs and order of axes aside."""
    try:
        lattice = one[1].lattice_map(other[1])
    except GridMismatch:
        return False
    if sorted(other[0].shape) != sorted(one[0].shape) or lattice.permutation != (0, 1, 2):
        return False
    if any((index < 0).any() or (index >= n).any() for index, n in zip(lattice.indices, one[0].shape, strict=True)):
        return False
    return bool(np.abs(one[0][np.ix_(*lattice.indices)] - other[0]).max() <= 1e-3)


def test_every_difference_is_of_a_kind() -> None:
    assert DIFFERS.keys() <= {kind.name for kind in (*KINDS, *SCANS)}


@pytest.mark.parametrize("kind", SCANS, ids=lambda kind: kind.name)
def test_convert_of_frames(kind: Kind, tmp_path: Path) -> None:
    images = make_enhanced(kind, tmp_path / "images")
    [mine], peer = ours(images, tmp_path / "ours"), theirs(images, tmp_path / "theirs")
    assert any(same(mine, other) for other in peer) == (kind.name not in DIFFERS_IN_FRAMES)


@pytest.mark.parametrize("kind", [*KINDS, *SCANS], ids=lambda kind: kind.name)
def test_convert(kind: Kind, tmp_path: Path) -> None:
    images = make(kind, tmp_path / "images")
    mine, peer = ours(images, tmp_path / "ours"), theirs(images, tmp_path / "theirs")
    alike = [sum(same(one, other) for other in peer) for one in mine]
    if kind.name in DIFFERS:
        assert not all(alike)
    else:
        assert all(alike), [(one[1].affine.tolist(), one[0].shape) for one in (*mine, *peer)]
