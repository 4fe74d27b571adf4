"""`make crash`: many rounds, two at a time; status 1 where one found a fault.

usage: python -m crash [ROUNDS [SEED [KIND]]]: a round with its SEED alone is that round again.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from crash import rounds, stage
from crash.rounds import Outcome


def main(count: int = 200, seed: int = 0, kind: str = "") -> int:
    first = seed or secrets.randbelow(10**6) + 1
    chosen = next((one for one in rounds.KINDS if one.__name__ == kind), None)
    folder = Path(tempfile.mkdtemp(prefix="callout-crash-"))
    folder.chmod(0o755)  # a round looks at its case as another user
    materials = stage.materials(folder / "materials")
    print(f"{count} rounds from seed {first}, in {folder}", flush=True)
    outcomes = []
    with ThreadPoolExecutor(2) as pool:
        seeds = range(first, first + count)
        for outcome in pool.map(lambda n: rounds.play(n, folder / str(n), materials, chosen), seeds):
            outcomes.append(outcome)
            if outcome.fault:
                print(f"seed {outcome.seed}, {outcome.kind}: {outcome.fault}", flush=True)
            elif outcome.not_here:
                print(f"seed {outcome.seed}, {outcome.kind}: skipped, {outcome.not_here}", flush=True)
    _print_table(outcomes)
    faulty = [one.seed for one in outcomes if one.fault]
    if faulty:
        print(f"Faults; what is left of them is in {folder}. Again: make crash ROUNDS=1 SEED={faulty[0]}")
    return 1 if faulty else 0


def _print_table(outcomes: Sequence[Outcome]) -> None:
    print(f"{'':18}{'rounds':>8}{'kills':>8}{'edits':>8}{'failed':>8}{'skipped':>8}{'faults':>8}")
    for name in sorted({one.kind for one in outcomes}):
        mine = [one for one in outcomes if one.kind == name]
        numbers = (
            len(mine),
            sum(one.kills for one in mine),
            sum(one.edits for one in mine),
            sum(one.failures for one in mine),
            sum(bool(one.not_here) for one in mine),
            sum(bool(one.fault) for one in mine),
        )
        print(f"{name:18}" + "".join(f"{number:8}" for number in numbers))


if __name__ == "__main__":
    count, seed, kind = (*sys.argv[1:], *("200", "0", "")[len(sys.argv) - 1 :])
    sys.exit(main(int(count), int(seed), kind))
