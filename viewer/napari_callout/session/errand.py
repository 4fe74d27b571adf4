"""An errand: something that takes a while, done in a thread of its own, that can be cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

TOLD_SECONDS = 0.1  # at most so often does it say how far it is
Result = TypeVar("Result")
Tell = Callable[..., None]


class Cancelled(Exception):
    """The errand is to end now; raised from `tell`."""


class Errand(Generic[Result]):
    """Does `work(tell)`; `tell(*counts)` says how far it is, and ends it where it was cancelled.

    told: called with the errand and the counts, now and then. ended: called with the errand when it is over, in
    whatever way. Both in the errand's thread.
    """

    def __init__(
        self,
        work: Callable[[Tell], Result],
        told: Callable[[Errand[Result], tuple[int, ...]], object],
        ended: Callable[[Errand[Result]], object],
    ) -> None:
        """Begins at once."""
        self._work, self._told, self._ended = work, told, ended
        self._last = time.monotonic()
        self.cancelled = self.over = False
        self.result: Result | None = None
        self.error: Exception | None = None
        self._thread = Thread(target=self._run, name="callout-errand", daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """End it where it next says how far it is; doesn't wait for that."""
        self.cancelled = True

    def wait(self, seconds: float | None = None) -> bool:
        """Waits until it is over, at most so long; whether it is."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            self.result = self._work(self._tell)
        except Cancelled:
            pass
        except Exception as error:  # kept for whoever began it
            self.error = error
        self.over = True
        self._ended(self)

    def _tell(self, *counts: int) -> None:
        if self.cancelled:
            raise Cancelled
        now = time.monotonic()
        if now - self._last > TOLD_SECONDS:
            self._last = now
            self._told(self, counts)
