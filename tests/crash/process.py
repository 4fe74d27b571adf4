"""A writer as its parent sees it: told what to do, listened to, killed."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from crash.account import Account, Fault

TESTS = Path(__file__).parents[1]
PATIENCE = 60.0  # seconds of silence after which a writer is taken to hang


class Process:
    """A writer process, started by the command `under`; what it says goes to `account`, and `said` keeps it."""

    def __init__(self, account: Account, seed: int, fault: str = "", under: Sequence[str] = ()) -> None:
        self.account, self.said, self._rest = account, list[list[Any]](), b""
        roots = [str(TESTS), *(entry for entry in sys.path if entry)]
        self._child = subprocess.Popen(
            [*under, sys.executable, "-m", "crash.writer", str(seed), fault],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(roots), "OPENBLAS_NUM_THREADS": "1"},
        )
        self.pid = self._child.pid
        self.until("ready")

    def tell(self, *command: Any) -> None:
        """Hand the writer one command."""
        if self._child.stdin is None:
            raise Fault("the writer can't be told anything")
        self._child.stdin.write(json.dumps([os.fspath(v) if isinstance(v, Path) else v for v in command]).encode())
        self._child.stdin.write(b"\n")
        self._child.stdin.flush()

    def ask(self, *command: Any, answer: str) -> list[Any]:
        """Hand it a command and wait for the answer; Fault where it is another one."""
        self.tell(*command)
        said = self.until(answer, "error")
        if said[0] != answer:
            raise Fault(f"{command[0]}: {said[2]}")
        return said

    def until(self, *words: str) -> list[Any]:
        """Listen to the writer until it says one of `words`."""
        heard = len(self.said)
        while not any(said[0] in words for said in self.said[heard:]):
            if not self._listen(PATIENCE):
                raise Fault(f"the writer ended, or hangs, before it said {' or '.join(words)}: {self._complaint()}")
        return next(said for said in self.said[heard:] if said[0] in words)

    def kill(self, after: float = 0.0) -> None:
        """Listen for `after` seconds more, kill the process as it stands, and hear what it said last."""
        end = time.monotonic() + after
        while (left := end - time.monotonic()) > 0 and self._listen(left):
            pass
        ended = self._child.poll()
        self._child.send_signal(signal.SIGKILL)
        self._child.wait()
        while self._listen(0):
            pass
        if ended is not None:
            raise Fault(f"the writer ended by itself: {self._complaint()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.kill()
        self._child.wait()
        for stream in (self._child.stdin, self._child.stdout, self._child.stderr):
            if stream is not None:
                with suppress(BrokenPipeError):  # a command that it never read
                    stream.close()

    def _listen(self, seconds: float) -> bool:
        """Hear what comes within `seconds`; False where nothing came."""
        if self._child.stdout is None or not select.select([self._child.stdout], [], [], seconds)[0]:
            return False
        data = os.read(self._child.stdout.fileno(), 1 << 16)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            said = json.loads(line)
            self.said.append(said)
            self.account.hear(said)
        return bool(data)

    def _complaint(self) -> str:
        self._child.kill()
        return self._child.stderr.read().decode(errors="replace")[-2000:] if self._child.stderr else ""
