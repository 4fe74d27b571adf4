"""The harness itself on trial: files of other makers are read right, and files with planted faults are found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pydicom
from interop import cases, elsewhere
from interop.peers import PEERS, Outcome
from interop.truth import Region, Truth, receipt_differences, truths

import callout
from callout.exports.formats import names

Fault = Callable[[Truth], Truth]
VOXELS = ("dcmqi", "cornerstone", "SimpleITK", "nibabel", "pynrrd", "slicerio")
CONTOURS = ("plastimatch", "dcmrtstruct2nii")
NUMBERS = ("tid1500reader", "csv", "json")
STRICT = ("dciodvfy", "PixelMed")


def _with_masks(truth: Truth, change: Callable[[Region], Region]) -> Truth:
    return replace(truth, regions=tuple(change(region) for region in truth.regions))


def moved_voxel(truth: Truth) -> Truth:
    """One voxel of the first region lies a column further."""
    mask = truth.regions[0].mask.copy()
    line = next(line for line in mask.reshape(-1, mask.shape[2]) if line.any() and not line[-1])
    last = len(line) - 1 - int(line[::-1].argmax())
    line[last], line[last + 1] = False, True
    return replace(truth, regions=(replace(truth.regions[0], mask=mask), *truth.regions[1:]))


def flipped(truth: Truth) -> Truth:
    """Left and right exchanged."""
    return _with_masks(truth, lambda region: replace(region, mask=region.mask[:, :, ::-1]))


def swapped(truth: Truth) -> Truth:
    """The first two regions have each other's voxels."""
    one, other, *rest = truth.regions
    return replace(truth, regions=(replace(one, mask=other.mask), replace(other, mask=one.mask), *rest))


def displaced(truth: Truth) -> Truth:
    """The same bits, a column further in the patient."""
    return replace(truth, origins=truth.origins + truth.across)


FAULTS: dict[str, tuple[Fault, tuple[str, ...]]] = {
    "a voxel moved": (moved_voxel, VOXELS),
    "left and right flipped": (flipped, (*VOXELS, *CONTOURS)),
    "two labels swapped": (swapped, (*VOXELS, *CONTOURS, *NUMBERS)),
    # cornerstone goes by the images that frames refer to; contours are plastimatch's, drawn on the images' own lattice
    "a pixel off in the patient": (displaced, tuple(name for name in VOXELS if name != "cornerstone")),
}


def rows(folder: Path) -> Iterator[object]:
    """Lines of the table: sound files of other makers have to be ok, each planted fault has to be told."""
    from interop.__main__ import Row

    folder.mkdir()
    with callout.create_case(folder / "a.callout", cases._images(folder / "images", "axial"), reader="r1") as case:
        cases.draw(case, case.series[0].id, cases.apart)
        [truth] = truths(case).values()
        drawn = [name for name in names() if name not in ("gsps", "sc")]  # the case has no figures
        exported = {name: callout.export(case, folder / name, to=[name]).files[:-1] for name in drawn}
    for kind, write in elsewhere.WRITERS.items():
        (folder / f"other-{kind}").mkdir()
        path = write(truth, folder / f"other-{kind}")
        for peer in PEERS:
            if kind in peer.formats and peer.name not in (*STRICT, "dcentvfy"):  # what others wrote is not judged
                yield Row("made elsewhere", kind, peer.name, peer((path,), truth))
    for name, (fault, caught_by) in FAULTS.items():
        spoilt = fault(truth)
        for kind, write in elsewhere.WRITERS.items():
            place = folder / f"{name}-{kind}"
            place.mkdir()
            peers = [peer for peer in PEERS if kind in peer.formats and peer.name in caught_by]
            path = write(spoilt, place) if peers else None
            for peer in peers:
                assert path is not None
                yield Row(f"fault: {name}", kind, peer.name, _found(peer((path,), truth)))
        for kind, paths in exported.items():  # and our own files, against a truth that is spoilt
            for peer in PEERS:
                if kind in peer.formats and peer.name in caught_by and fault is not displaced:
                    yield Row(f"fault: {name}, own file", kind, peer.name, _found(peer(paths, spoilt)))
    entry = _receipt_entry(folder / "seg")
    told = receipt_differences(swapped(truth), entry)
    yield Row("fault: two labels swapped", "seg", "receipt", _found(Outcome("differs" if told else "ok")))
    broken = pydicom.dcmread(exported["seg"][0])
    del broken.SegmentSequence[0].SegmentLabel
    broken.save_as(folder / "broken.dcm")
    for peer in PEERS:
        if peer.name in STRICT:
            outcome = _found(peer((folder / "broken.dcm",), truth))
            yield Row("fault: no SegmentLabel", "seg", peer.name, outcome)


def _found(outcome: Outcome) -> Outcome:
    """A fault that was told is ok; one that passed is the harness's own fault."""
    if outcome.status == "differs":
        return Outcome("ok", ("found: " + outcome.details[0],) if outcome.details else ("found",))
    if outcome.status in ("not asked", "not installed"):
        return outcome
    return Outcome("differs", (f"the fault was not found ({outcome.status})", *outcome.details))


def _receipt_entry(folder: Path) -> dict[str, object]:
    import json

    entry: dict[str, object] = json.loads((folder / "receipt.json").read_text("utf-8"))["files"][0]
    return entry
