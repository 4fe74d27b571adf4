"""Masks out of a case and into it: one module a format, each file read back by other code than wrote it."""

from callout.exports.export import Exported, export
from callout.exports.importing import Imported, add_mask, import_masks
from callout.exports.receipt import Problem, verify

__all__ = ["Exported", "Imported", "Problem", "add_mask", "export", "import_masks", "verify"]
