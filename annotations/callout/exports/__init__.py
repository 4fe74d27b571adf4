"""Masks out of a case and into it: one module a format, each file read back by other code than wrote it."""

from callout.exports.export import Exported, add_mask, export, import_masks
from callout.exports.receipt import Problem, verify

__all__ = ["Exported", "Problem", "add_mask", "export", "import_masks", "verify"]
