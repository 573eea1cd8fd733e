"""`python -m tests.updates`: cuts of the power, bad bundles and bad builds, counted."""

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby, islice
from pathlib import Path

from mynah_wire import making
from tests.updates import trials, whole
from tests.updates.power import all_cuts, outcome
from tests.updates.refusals import Case, every
from tests.updates.rig import NEW, OLD, RESET, Rig

BATCH = 20  # bundles that one boot is sent


def refused(cases: Iterable[Case], folder: Path) -> Iterator[tuple[Case, str]]:
    """Each case with what was wrong with its refusal, or nothing; one ring for all of them."""
    rig = Rig(folder)
    before = rig.nvs.read_bytes()
    number = 0
    for architecture, alike in groupby(cases, key=lambda case: case.architecture):
        while some := list(islice(alike, BATCH)):
            number += 1
            bundles = [
                [rig.file(case.bundle, f"{number}-{index}"), case.bundle.build]
                for index, case in enumerate(some)
            ]
            ran = rig.boot({"bundles": bundles, "architecture": architecture})
            answers = [each for each in ran.told if "path" in each]
            assert len(answers) == len(some), ran.output
            for case, answer in zip(some, answers, strict=True):
                good = answer["state"] == making.REFUSED and answer["counted"] == 1
                yield case, "" if good and answer["detail"] else str(answer)
            assert rig.nvs.read_bytes() == before, "a refused bundle reached NVS"
            assert rig.boot().booted == OLD, "a refused bundle broke the ring"
    assert rig.update(NEW).code == RESET, "no update is taken any more"
    assert rig.starts().booted == NEW, "no update starts any more"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """The number of failures, as far as an exit code goes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=36, help="of each kind of bad bundle")
    parser.add_argument("--cuts", type=int, default=0, help="of the power; 0: all there are")
    parser.add_argument("--whole", action="store_true", help="the whole firmware, over the air")
    arguments = parser.parse_args()
    if arguments.whole:
        return whole.run(say)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="mynah-updates-") as scratch:
        folder = Path(scratch)
        failures += _cut(folder, arguments.cuts) + _refuse(folder, arguments.cases)
        failures += _try(folder)
    return min(failures, 100)


def _cut(folder: Path, most: int) -> int:
    cuts = list(all_cuts(folder / "whole"))
    step = max(1, len(cuts) // most) if most else 1
    came: Counter[tuple[str, str]] = Counter()
    for number, cut in enumerate(cuts[::step]):
        try:
            came[cut.kind, outcome(cut, folder / str(number))] += 1
        except AssertionError as error:
            came[cut.kind, "BROKEN"] += 1
            say(f"{cut}: {error}")
    for (kind, which), count in sorted(came.items()):
        say(f"{count:5}  power cut at a {kind}: {which} starts, a second update completes")
    say(f"{came.total():5}  power cuts")
    return sum(count for (_, which), count in came.items() if which == "BROKEN")


def _refuse(folder: Path, count: int) -> int:
    kinds: Counter[str] = Counter()
    failures = 0
    for case, wrong in refused(every(count), folder / "refused"):
        kinds[case.kind] += 1
        if wrong:
            failures += 1
            say(f"NOT REFUSED: {case.kind}: {wrong}")
    for kind, times in kinds.items():
        say(f"{times:5}  {kind}: refused, counted")
    say(f"{kinds.total():5}  bundles, {failures} of them not refused")
    return failures


def _try(folder: Path) -> int:
    apps = trials.broken_apps(folder / "made")
    claims: dict[str, Callable[[Path], None]] = {
        f"on trial, {name}: back": partial(trials.goes_back, files) for name, files in apps.items()
    }
    for content in trials.GARBAGE:
        claims[f"NVS holds {content!r}: slot a"] = partial(trials.survives_nvs, content)
    claims["on trial, no host: back"] = trials.meets_nobody
    claims["a confirmed build breaks in flash: back"] = trials.falls_back
    claims["a confirmed build hangs: back"] = trials.falls_back_from_what_hangs
    claims["both slots broken, one beside the loader: that one"] = trials.built_in_starts
    claims["both slots broken, one in the image: that one"] = trials.image_starts
    claims["both slots broken: a line, and the REPL"] = trials.nothing_starts
    failures = 0
    for number, (claim, check) in enumerate(claims.items()):
        try:
            check(folder / f"trial-{number}")
        except AssertionError as error:
            failures += 1
            say(f"WRONG: {claim}: {error}")
    say(f"{len(claims):5}  starts that fail, {failures} of them otherwise than they should")
    return failures


if __name__ == "__main__":
    sys.exit(main())
