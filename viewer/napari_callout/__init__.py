"""The napari plugin of Callout."""
