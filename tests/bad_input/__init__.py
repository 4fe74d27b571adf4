"""One generator for every class of bad input: what it is, how it is made, and what a careful tool answers.

Never a traceback, a hang, a wrong value or a wrong geometry in silence. One row a class, with its variants; case files
have a generator of their own: `bad_cases`.
"""

from __future__ import annotations

from bad_input import bombs, containers, files, geometry, headers, mixtures, streams, texts, values
from bad_input.row import BadInput

__all__ = ["BAD_INPUTS", "BadInput"]

PARTS = (files, headers, geometry, values, mixtures, texts, bombs, containers, streams)
BAD_INPUTS: tuple[BadInput, ...] = tuple(row for part in PARTS for row in part.ROWS)
