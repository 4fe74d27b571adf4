"""Callout: words of a radiology report tied to places in its pictures."""

__version__ = "0.0.1"
