"""The version of Callout."""

__version__ = "0.0.1"
