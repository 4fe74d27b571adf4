"""Which region a finding is measured on: regions of several series show the same lesion, so one of them counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callout.case.model import Finding


def reference_of(finding: Finding, sizes: Mapping[str, Any]) -> str | None:
    """The id of the series whose region is a finding's reference: the one that its reader chose, else the largest.

    sizes: of its regions that are drawn and can be measured, by the id of their series; what is larger compares so.
    None where there are none. A region that was chosen and is erased counts no longer, until it is drawn again.
    """
    if finding.reference in sizes:
        return finding.reference
    return max(sizes, key=lambda series_id: sizes[series_id], default=None)
