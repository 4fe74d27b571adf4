"""The one room that touches napari's window."""
