"""The table of adapters: `python -m tests.bridge.conformance [--run] [--every] [NAME ...]`.

`--run` tries every case again and says what failed; `--every` cuts every stream at every byte.
"""

import argparse
import sys
from time import monotonic

from tests.bridge.conformance.cases import any_byte_may_be_the_last, applicable
from tests.bridge.conformance.quick_time import at_once
from tests.bridge.conformance.rows import rows
from tests.bridge.conformance.table import table


def _run(names: list[str], *, every: bool) -> int:
    failed = 0
    for row in [row for row in rows() if not names or row.name in names]:
        for case in applicable(row):
            begun = monotonic()
            try:
                whole = every and case is any_byte_may_be_the_last
                running = case(row, cuts=row.body_bytes) if whole else case(row)
                at_once(running, hurried=not row.outside)
            except Exception as error:  # noqa: BLE001 - a case fails in whatever way it does
                failed += 1
                sys.stderr.write(f"{row.name}: {case.__name__}: {error!r}\n")
            took_s = monotonic() - begun
            if took_s > 1:
                sys.stderr.write(f"{row.name}: {case.__name__}: {took_s:.1f} s\n")
    return failed


def main() -> int:
    """Print the table; 1 if a case failed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", action="store_true")
    parser.add_argument("--every", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    failed = 0
    if options.run or options.every:
        failed = _run(options.names, every=options.every)
    sys.stdout.write(f"{table()}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
