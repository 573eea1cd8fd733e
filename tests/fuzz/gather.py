"""Writes the corpus: of many seeded inputs those that reached a line by a way that none had before.

Run by hand, when a decoder has changed: `python -m tests.fuzz.gather`.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import typer

from tests.fuzz.mutation import Dice

CORPUS = Path(__file__).with_name("corpus")
TRIED = 6000  # of each target: what is new is rare after that
SEED = 1
MOST_HEX = 700  # a line; all but a few are shorter
PACKAGES = ("mynah_wire", "mynah_device", "inbox", "link")


class Ways:
    """Which line came after which, in the packages that are tried."""

    def __init__(self) -> None:
        self.known: set[tuple[str, int, int]] = set()
        self._line = 0

    def are_new(self, target: Any, data: bytes) -> bool:
        """Whether this input went where none had gone before."""
        before = len(self.known)
        sys.settrace(self._called)
        try:
            target.take(data)
        finally:
            sys.settrace(None)
        return len(self.known) > before

    def _called(self, frame: FrameType, _event: str, _argument: object) -> Any:
        folders = Path(frame.f_code.co_filename).parts
        return self._traced if any(package in folders for package in PACKAGES) else None

    def _traced(self, frame: FrameType, event: str, _argument: object) -> Any:
        if event == "line":
            self.known.add((frame.f_code.co_filename, self._line, frame.f_lineno))
            self._line = frame.f_lineno
        return self._traced


def interesting(name: str, make: Any) -> Iterator[str]:
    """Lines of the corpus."""
    target, dice, ways = make(SEED), Dice(SEED + 1), Ways()
    for _ in range(TRIED):
        data = target.make(dice)
        if ways.are_new(target, data) and len(data.hex()) <= MOST_HEX:
            yield f"{name} {data.hex()}"


def main() -> None:
    """Both sides'."""
    sys.path.insert(0, str(Path(__file__).parent))
    import device_targets  # as MicroPython finds it

    from tests.fuzz import host

    for side, targets in (("host", host.TARGETS), ("device", device_targets.TARGETS)):
        lines = [line for name in sorted(targets) for line in interesting(name, targets[name])]
        (CORPUS / f"{side}.txt").write_text("\n".join(lines) + "\n", encoding="ascii")
        typer.echo(f"{side}: {len(lines)} lines")


if __name__ == "__main__":
    main()
