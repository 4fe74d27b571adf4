"""UIDs of what exports make: the same content gives the same UIDs, so files made apart can refer to each other."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any, Literal, NamedTuple

from callout.exports.expected import expected
from callout.exports.labelled import LabelledStack
from callout.version import __version__


class InstanceUIDs(NamedTuple):
    """A DICOM object alone in its series: SeriesInstanceUID and SOPInstanceUID."""

    series: str
    instance: str


def uids_of(kind: str, content: Any) -> InstanceUIDs:
    """Those of an object of that kind with that content (JSON values); other content gives others (PS3.5 B.2)."""
    text = json.dumps([kind, __version__, content], sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()
    series, instance = (uuid.uuid5(uuid.NAMESPACE_OID, f"{level} {digest}").int for level in ("series", "instance"))
    return InstanceUIDs(f"2.25.{series}", f"2.25.{instance}")


def segmentation_uids(stack: LabelledStack, kind: Literal["BINARY", "LABELMAP"]) -> InstanceUIDs:
    """Those of the segmentation of a stack, whether it is written now, was or will be."""
    images = [(one.sop_instance_uid, one.frame) for one in stack.series.instances]
    made = [(one.finding.site, one.finding.reader, one.algorithm, one.algorithm_name) for one in stack.regions]
    return uids_of(kind, [expected(stack), images, made])
