"""All rows of the table: every file `rows_*.py` here holds some, in `ROWS`."""

import importlib
from pathlib import Path

from tests.bridge.conformance.contract import Adapter


def rows() -> list[Adapter]:
    """In the order of the lanes' files and of each file's own."""
    found: list[Adapter] = []
    for path in sorted(Path(__file__).parent.glob("rows_*.py")):
        found += importlib.import_module(f"tests.bridge.conformance.{path.stem}").ROWS
    return found
