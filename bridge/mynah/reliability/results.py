"""What a run found, as one JSON object: what, when, on which machine, by which command.

    {"kind": "chaos", "taken": "2026-11-22", "machine": "...", "command": "...", "figures": {...}}

What another program wrote is figures alone; then the day is the file's, and the command is known.
A kind that nobody has taken is no error. What the figures of each are, `sections.py` says.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Self

from mynah.bench.machine import machine
from mynah.errors import UserError

KINDS: Final = (
    "chaos",
    "edges",
    "stack",
    "fuzz",
    "attacks",
    "recovery",
    "loss",
    "soak",
    "egress",
    "rings",
)
"""In the order of the page; each is read from a file of that name with .json behind it."""

COMMANDS: Final = {
    "fuzz": "make fuzz RECORDS=10000000 JSON=build/reliability/fuzz.json",
    "attacks": "make attack JSON=build/reliability/attacks.json",
    "recovery": ".venv/bin/mynah bench recovery --json > build/reliability/recovery.json",
    "egress": ".venv/bin/python -m tests.egress --json build/reliability/egress.json",
    "rings": ".venv/bin/mynah bench rings --json > build/reliability/rings.json",
}
"""Of those that write figures alone."""


@dataclass(frozen=True, slots=True)
class Result:
    """One run's figures and where they come from."""

    kind: str
    taken: str
    """The day, UTC."""
    machine: str
    command: str
    """Repeats it."""
    figures: Mapping[str, Any]

    @classmethod
    def now(cls, kind: str, command: str, figures: Mapping[str, Any]) -> Self:
        """Taken here and now."""
        return cls(kind, datetime.now(UTC).date().isoformat(), machine(), command, figures)

    def write(self, path: Path) -> None:
        """Keep it; the folder is made if need be."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")


def read(folder: Path) -> dict[str, Result]:
    """The results in a folder, by kind; UserError if one of them is not what it should be."""
    paths = {kind: folder / f"{kind}.json" for kind in KINDS}
    return {kind: _read(path) for kind, path in paths.items() if path.is_file()}


def _read(path: Path) -> Result:
    try:
        found = json.loads(path.read_text("utf-8"))
        if "figures" in found:
            return Result(**found)
        day = datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
        where = str(found.get("machine", machine()))
        return Result(path.stem, day, where, COMMANDS[path.stem], found)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UserError(f"{path}: no result of a run ({error!r}); take it again") from error
