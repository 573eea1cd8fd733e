"""The tables of the documentation: adapter by capability, and the presets."""

from collections.abc import Iterable

from mynah.companions.models.presets import presets
from tests.bridge.conformance.cases import CASES, applicable
from tests.bridge.conformance.contract import Adapter
from tests.bridge.conformance.rows import rows

COLUMNS = (
    *("Companion", "Remembers", "Interrupted", "Hears", "Speaks", "Feels", "Thinks", "Tools"),
    *("Counts", "Touched", "Begins", "Cases", "Proved against"),
)
FLAGS = ("hears", "speaks", "feels", "thinks", "tools", "counts", "touched", "proactive")
CANCELS = {
    "none": "is not told",
    "close": "hung up",
    "call": "hung up, and a call",
    "truncate": "cut to what was heard",
}
MEMORY = {"client": "the bridge", "server": "itself"}


def table() -> str:
    """Adapter by capability; the cases are those that the test suite runs."""
    head = [_row(COLUMNS), _row("---" for _ in COLUMNS)]
    return "\n".join([*head, *map(_line, rows())])


def _line(row: Adapter) -> str:
    can = row.capabilities
    flags = ["✓" if getattr(can, name) else "" for name in FLAGS]
    proved = f"a fake and {row.real}" if row.real else "a fake"
    cells = [f"`{row.name}`", MEMORY[can.memory], CANCELS[can.cancel], *flags]
    cells += [f"{len(applicable(row))} of {len(CASES)}", proved]
    return _row(cells)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def presets_table() -> str:
    """Every preset, and where its line comes from."""
    lines = [_row(("Name", "", "Address", "Model, for example", "Key", "From"))]
    lines.append(_row("---" for _ in range(6)))
    for preset in presets().values():
        key = f"`{preset.variable}`" if preset.hosts else ""
        address, model = (f"`{preset.settings[name]}`" for name in ("base_url", "model"))
        cells = (f"`{preset.name}`", preset.about, address, model, key, preset.origin)
        lines.append(_row(cells))
    return "\n".join(lines)
