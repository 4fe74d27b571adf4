"""Peers that read DICOM segmentations: dcmqi, and the loader that OHIF uses."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pydicom
from interop.child import NODE, NotAsked, NotInstalled, Refused, run
from interop.truth import Reading, Truth
from interop.volumes import labels_of


def dcmqi(paths: Sequence[Path], truth: Truth) -> dict[int, Reading]:
    """segimage2itkimage: one NRRD a segment, and a JSON file that names them."""
    [path] = paths
    with tempfile.TemporaryDirectory() as folder:
        run(["segimage2itkimage", "--inputDICOM", path, "--outputDirectory", folder, "--outputType", "nrrd"])
        names = {}
        for listing in Path(folder).glob("*.json"):
            items = [item for group in json.loads(listing.read_text("utf-8"))["segmentAttributes"] for item in group]
            names |= {int(item["labelID"]): item.get("SegmentLabel", "") for item in items}
        readings: dict[int, Reading] = {}
        for volume in Path(folder).glob("*.nrrd"):
            readings |= labels_of(volume)
        if not readings:
            raise Refused("no segment came out")
        return {n: Reading(reading.points, names.get(n, "")) for n, reading in readings.items()}


def cornerstone(paths: Sequence[Path], truth: Truth) -> dict[int, Reading]:
    """@cornerstonejs/adapters: voxels on the images that each frame refers to."""
    [path] = paths
    if not (NODE / "node_modules/@cornerstonejs/adapters").is_dir():
        raise NotInstalled("@cornerstonejs/adapters")
    if len({(image["uid"], image["id"]) for image in truth.images}) < len(truth.images):
        raise NotAsked("it knows no tiles of a mosaic")
    header = pydicom.dcmread(path, stop_before_pixels=True)
    if header.BitsAllocated == 1 and int(header.NumberOfFrames) * header.Rows * header.Columns % 16:
        raise NotAsked("it misreads BINARY pixels that are padded to an even number of bytes")
    script = NODE / "cornerstone.mjs"  # beside the packages that it imports
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder) / "images.json"
        listing.write_text(json.dumps(truth.images))
        said = run(["node", script, path, listing])
    try:
        segments = json.loads(said.splitlines()[0])["segments"]
    except (ValueError, IndexError, KeyError) as error:
        raise Refused(said.splitlines()[-1] if said else "no answer") from error
    columns = truth.series.grid.shape[2]
    lost = _lost(truth) if truth.overlaps else {}
    readings = {}
    for number, segment in segments.items():
        found = [(int(k), pixel // columns, pixel % columns) for k, many in segment["slices"].items() for pixel in many]
        indices = np.array(found, np.intp).reshape(-1, 3)
        gone = lost.get(int(number), np.empty((0, 3), np.intp))
        note = f"{number}: {len(gone)} voxels lost, a known fault of its own" if len(gone) else ""
        name = _utf8(segment["label"] or "")
        note = note or (
            "takes UTF-8 in sequences for Latin-1, a known fault of its own" if name != segment["label"] else ""
        )
        readings[int(number)] = Reading(truth.points(np.concatenate([indices, gone])), name, note)
    return readings


def _utf8(text: str) -> str:
    """Text as it was, where dcmjs took it for Latin-1 (it forgets the character set inside sequences)."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _lost(truth: Truth) -> dict[int, np.ndarray]:
    """What its loader drops of regions that overlap others: (n, 3) indices, by number.

    It lays segments together in layers, and goes only through the slices that the longer of the two has: slices of a
    segment on which a longer layer has nothing yet are lost.
    """
    layers: list[dict[int, np.ndarray]] = []
    lost = {}
    for region in truth.regions:
        new = {k: plane for k, plane in enumerate(region.mask) if plane.any()}
        for layer in layers:
            longer = layer if max(layer) > max(new) else new
            both = [k for k in longer if k in layer and k in new]
            if any((layer[k] & new[k]).any() for k in both):
                continue
            gone = [k for k in new if k not in longer]
            places = [(k, *at) for k in gone for at in np.argwhere(new[k])]
            lost[region.number] = np.array(places, np.intp).reshape(-1, 3)
            layer |= {k: layer.get(k, new[k]) | new[k] for k in new if k in longer}
            break
        else:
            layers.append(dict(new))
    return lost


def prepare() -> None:
    """Node looks for packages from where a script lies."""
    if NODE.is_dir():
        shutil.copy(Path(__file__).with_name("cornerstone.mjs"), NODE)
