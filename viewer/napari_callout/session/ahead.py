"""What a tool would do, worked out ahead beside the window: the newest wish alone, and older ones are ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from callout.masks import Mask
from callout.masks.progress import Tell, quietly
from napari_callout.session.errand import Errand


@dataclass(frozen=True, eq=False)
class Wish:
    """work: in any thread; pure. then: called in the window's own with what it found, or with what went wrong."""

    work: Callable[[Tell], Mask]
    then: Callable[[Mask | None, Exception | None], object]


class Ahead:
    """One thread at most works; while it ends what nobody wants any more, the newest wish waits.

    post: called in the thread that has worked; it has `take` called with the same in the window's own thread. Without
    it everything is done at once.
    """

    def __init__(self, post: Callable[[Any], None] | None = None) -> None:
        self._post = post
        self._errand: Errand[Mask] | None = None
        self._running: Wish | None = None  # None too where nobody wants any more what runs
        self._next: Wish | None = None

    @property
    def working(self) -> bool:
        """Whether something that is wanted is still to come."""
        return self._running is not None or self._next is not None

    def want(self, wish: Wish) -> None:
        """This, and nothing that was wanted before."""
        if self._post is None:
            wish.then(wish.work(quietly), None)
            return
        self.forget()
        self._next = wish
        if self._errand is None:
            self._begin()

    def forget(self) -> None:
        """Nothing is wanted."""
        self._running = self._next = None
        if self._errand is not None:
            self._errand.cancel()

    def take(self, errand: Errand[Any]) -> bool:
        """A thread has done its work; False where it was not for this."""
        if errand is not self._errand:
            return False
        wish, self._errand, self._running = self._running, None, None
        self._begin()
        if wish is not None and (errand.result is not None or errand.error is not None):
            wish.then(errand.result, errand.error)
        return True

    def _begin(self) -> None:
        wish, self._next = self._next, None
        if wish is not None and self._post is not None:
            self._running = wish
            self._errand = Errand(wish.work, lambda errand, counts: None, self._post)
