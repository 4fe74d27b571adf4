"""Part of `make fuzz`: spoilt files of every kind are read, or refused by name; status 1 where one was a fault.

usage: python -m fuzz [COUNT [SEED [SECONDS]]]: COUNT mutations from SEED on (0: any), two at a time, within SECONDS.
"""

from __future__ import annotations

import json
import os
import pickle
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from fuzz import kinds, worker

WORKERS = 2


@dataclass
class Tally:
    """What came of mutations: how many loaded and were refused, and the fault of each seed that had one."""

    answers: Counter[str] = field(default_factory=Counter)
    faults: dict[int, str] = field(default_factory=dict)

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.answers + other.answers, self.faults | other.faults)


def run(folder: Path, count: int, seed: int, until: float) -> Tally:
    """Plays `count` seeds from `seed` on, until the monotonic clock says `until`; faulty files are left in `folder`."""
    sound = kinds.sound()
    (folder / "sound.pickle").write_bytes(pickle.dumps(sound))
    with ThreadPoolExecutor(WORKERS) as pool:
        shares = [(seed + n, len(range(n, count, WORKERS))) for n in range(WORKERS)]
        parts = list(pool.map(lambda share: _worked(folder / f"w{share[0] - seed}", *share, until), shares))
    tally = sum(parts, Tally())
    for faulty in tally.faults:
        _, name, data, _ = worker.case(sound, faulty)
        (folder / f"{faulty}-{name}").write_bytes(data)
    return tally


def _worked(folder: Path, first: int, count: int, until: float) -> Tally:
    """One worker after another, until all seeds of a share are played: a fault may have ended one."""
    tally, end = Tally(), first + count * WORKERS
    while first < end and time.monotonic() < until:
        program = [sys.executable, "-m", "fuzz.worker", folder, first, (end - first) // WORKERS, WORKERS]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        with subprocess.Popen(
            [str(one) for one in program], stdout=subprocess.PIPE, text=True, env=environment
        ) as process:
            last = _followed(process, tally, until)
        assert last is not None, f"no worker starts in {folder}"
        first = last + WORKERS
    return tally


def _followed(process: subprocess.Popen[str], tally: Tally, until: float) -> int | None:
    """Reads what a worker prints until it ends; the last seed that it began."""
    last, done = None, True
    assert process.stdout
    for line in process.stdout:
        said = json.loads(line)
        if "seed" in said:
            last, done = said["seed"], False
            continue
        done = True
        if "fault" in said:
            tally.faults[last or 0] = said["fault"]
        tally.answers[said.get("answer", "fault")] += 1
        if time.monotonic() > until:
            process.kill()
            process.wait()
            return last
    process.wait()
    if not done and last is not None:
        tally.faults[last] = f"the process ended: {_end(process.returncode)}"
        tally.answers["fault"] += 1
    return last


def _end(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"status {code}"


def listed(tally: Tally) -> Iterator[str]:
    """A line for each fault."""
    for seed, fault in sorted(tally.faults.items()):
        yield f"seed {seed}: {fault}"


def main(count: int = 10_000, seed: int = 0, seconds: int = 600) -> int:
    first = seed or secrets.randbelow(10**6) + 1
    folder = Path(tempfile.mkdtemp(prefix="callout-fuzz-"))
    begun = time.monotonic()
    tally = run(folder, count, first, begun + seconds)
    for line in listed(tally):
        print(line)
    played = sum(tally.answers.values())
    facts = ", ".join(f"{number} {answer}" for answer, number in sorted(tally.answers.items()))
    print(f"{played} mutations from seed {first} in {time.monotonic() - begun:.0f} s: {facts}")
    if tally.faults:
        print(f"The files are in {folder}. Again: make fuzz MUTATIONS=1 SEED={min(tally.faults)}")
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
