"""Volumes and regions ↔ layer data, on each stack's own axes; pure: no Qt, no viewer."""

from __future__ import annotations

from napari_callout.layers.factory import LayerParts, image_parts, labels_parts
from napari_callout.layers.regions import RegionArray, RegionSource
from napari_callout.session.order import DisplayOrder

__all__ = ["DisplayOrder", "LayerParts", "RegionArray", "RegionSource", "image_parts", "labels_parts"]
