"""Regions as sparse masks on a series' own voxels, the strokes that change them, and what is measured on them."""

from callout.masks.mask import Mask
from callout.masks.measures import BODY_AXES, Measures, measure, volume_text
from callout.masks.stroke import Stroke

__all__ = ["BODY_AXES", "Mask", "Measures", "Stroke", "measure", "volume_text"]
