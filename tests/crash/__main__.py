"""`make crash`: many rounds, two at a time; status 1 where one found a fault.

usage: python -m crash [ROUNDS [SEED [KIND]]]: a round with its SEED alone is that round again.
"""

from __future__ import annotations

import secrets
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from crash import rounds, stage


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
    for name, number in sorted(Counter(one.kind for one in outcomes).items()):
        mine = [one for one in outcomes if one.kind == name]
        faults, skipped = sum(bool(one.fault) for one in mine), sum(bool(one.not_here) for one in mine)
        print(f"{name:18} {number:4} rounds {sum(one.kills for one in mine):4} kills {faults:3} faults {skipped:3} skipped")
    faulty = [one.seed for one in outcomes if one.fault]
    if faulty:
        print(f"Faults; what is left of them is in {folder}. Again: make crash ROUNDS=1 SEED={faulty[0]}")
    return 1 if faulty else 0


if __name__ == "__main__":
    count, seed, kind = (*sys.argv[1:], *("200", "0", "")[len(sys.argv) - 1 :])
    sys.exit(main(int(count), int(seed), kind))
