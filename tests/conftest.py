"""Settings of all tests: how fast a machine is decides nothing."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("callout", deadline=None)
settings.load_profile("callout")
