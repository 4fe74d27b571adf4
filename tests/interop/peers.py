"""The peers: which formats each reads, what it is asked, and what it can't be asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from interop import measurements, segmentations, structures, validators, volumes
from interop.child import NotAsked, NotInstalled, Refused
from interop.truth import Reading, Truth, differences

Read = Callable[[Sequence[Path], Truth], Mapping[int, Reading]]
Check = Callable[[Sequence[Path], Truth], list[str]]
Spare = Callable[[Truth], str]


@dataclass(frozen=True)
class Outcome:
    """What came of one file at one peer: ok, differs, refused, not asked, or not installed; and the details."""

    status: str
    details: tuple[str, ...] = ()

    @property
    def fails(self) -> bool:
        return self.status in ("differs", "refused")


@dataclass(frozen=True)
class Peer:
    """A program that reads files of some formats.

    read: the regions it finds; or check: what it says is wrong. spared: why it is not asked about a stack, or "".
    """

    name: str
    formats: tuple[str, ...]
    read: Read | None = None
    check: Check | None = None
    spared: Spare = lambda truth: ""
    least_dice: float | None = None

    def __call__(self, paths: Sequence[Path], truth: Truth) -> Outcome:
        reason = self.spared(truth)
        if reason:
            return Outcome("not asked", (reason,))
        notes: list[str] = []
        try:
            if self.read is not None:
                readings = self.read(paths, truth)
                notes = [reading.note for reading in readings.values() if reading.note]
                wrong = differences(truth, readings, least_dice=self.least_dice)
            else:
                assert self.check is not None
                wrong = self.check(paths, truth)
        except NotAsked as error:
            return Outcome("not asked", (str(error),))
        except NotInstalled as error:
            return Outcome("not installed", (str(error),))
        except Refused as error:
            return Outcome("refused", (str(error),))
        except Exception as error:  # a peer may raise anything
            return Outcome("refused", (f"{type(error).__name__}: {error}",))
        return Outcome("differs", tuple(wrong)) if wrong else Outcome("ok", tuple(notes))


def _upright_and_even(truth: Truth) -> str:
    """ITK's images have three perpendicular axes."""
    if truth.is_tilted:
        return "it has no sheared volumes"
    return "it has no uneven volumes" if truth.is_uneven else ""


def _axial(truth: Truth) -> str:
    return _upright_and_even(truth) or ("" if truth.is_axial else "it rasterises axial contours only")


PEERS = (
    Peer("dciodvfy", ("seg", "rtstruct", "sr", "gsps", "sc"), check=validators.dciodvfy),
    Peer("dcentvfy", ("seg", "labelmap", "rtstruct", "sr", "gsps", "sc"), check=validators.dcentvfy),
    Peer("PixelMed", ("seg", "sr"), check=validators.pixelmed),
    Peer("dcmqi", ("seg", "labelmap"), segmentations.dcmqi, spared=_upright_and_even),
    Peer("cornerstone", ("seg", "labelmap"), segmentations.cornerstone),
    Peer("plastimatch", ("rtstruct",), structures.plastimatch, spared=_axial, least_dice=0.99),
    Peer("dcmrtstruct2nii", ("rtstruct",), structures.dcmrtstruct2nii, spared=_upright_and_even, least_dice=0.99),
    Peer("SimpleITK", ("nifti", "nrrd"), volumes.simple_itk, spared=_upright_and_even),
    Peer("nibabel", ("nifti",), volumes.nibabel),
    Peer("pynrrd", ("nrrd",), volumes.pynrrd),
    Peer("slicerio", ("nrrd",), volumes.slicerio),
    Peer("tid1500reader", ("sr",), check=measurements.tid1500reader),
    Peer("dsrdump", ("sr",), check=validators.dsrdump),
    Peer("dcmpschk", ("gsps",), check=validators.dcmpschk),
    Peer("csv", ("csv",), check=measurements.csv_reader),
    Peer("json", ("json",), check=measurements.json_reader),
)
DICOM = ("seg", "labelmap", "rtstruct", "sr", "gsps", "sc")  # what an archive stores
TO_COME = ("labelmap", "rtstruct", "sr", "nrrd", "csv", "json")  # reported where the program does not have them
