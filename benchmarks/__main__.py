"""Measures and prints one table: ``python -m benchmarks [part ...]``."""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.avatars import avatars
from benchmarks.bench import Bench
from benchmarks.cold import cold
from benchmarks.hits import hits
from benchmarks.load import NoLoadGenerator
from benchmarks.log_cost import log_cost
from benchmarks.measurement import Measurement
from benchmarks.memory import memory
from benchmarks.misses import misses
from benchmarks.pictures import pictures
from benchmarks.processor import LOAD_CORE, SERVERS_CORE
from benchmarks.start import start
from benchmarks.table import as_text, write_into

_PARTS: Final[dict[str, Callable[[Bench], list[Measurement]]]] = {
    "hits": hits,
    "avatars": avatars,
    "log": log_cost,
    "cold": cold,
    "misses": misses,
    "pictures": pictures,
    "start": start,
    "memory": memory,
}
_HERE: Final = Path(__file__).parent
_BUSY: Final = 0.3


def main() -> None:
    """Measure the chosen parts and print the table."""
    options = _options()
    _warn_of_disturbances()
    with tempfile.TemporaryDirectory(prefix="avatars-bench-") as folder:
        bench = Bench(
            rounds=options.rounds,
            seconds=options.seconds,
            rows=options.rows,
            requests=options.requests,
            folder=Path(folder),
        )
        results = {}
        for name in options.parts or _PARTS:
            print(f"{name} …", flush=True)
            results[name] = _PARTS[name](bench)
    print(f"\n{as_text(results)}")
    if options.write:
        write_into(_HERE / "README.md", results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(_PARTS)}; default: all")
    parser.add_argument("--rounds", type=int, default=5, help="how often each ratio is taken (default 5)")
    parser.add_argument("--seconds", type=int, default=3, help="how long a round lasts (default 3)")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the large table (default 1,000,000)")
    parser.add_argument("--requests", type=int, default=200_000, help="of the memory part (default 200,000)")
    parser.add_argument("--write", action="store_true", help="write the results into benchmarks/README.md")
    options = parser.parse_args()
    unknown = set(options.parts) - set(_PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(_PARTS)}")
    return options


def _warn_of_disturbances() -> None:
    if SERVERS_CORE == LOAD_CORE:
        print("One core only: load and servers share it. Do not trust the ratios.")
    if os.getloadavg()[0] > _BUSY:
        print(f"The machine is busy (load {os.getloadavg()[0]:.1f}): ratios will wander, and times are too long.")


if __name__ == "__main__":
    try:
        main()
    except NoLoadGenerator as missing:
        sys.exit(str(missing))
