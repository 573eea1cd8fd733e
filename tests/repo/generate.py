"""Writes the generated parts of the documentation: `make docs`.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; nothing else is touched.
"""

import re
from collections.abc import Callable
from pathlib import Path

from hardware.pages import drawings, page_parts
from mynah.faults.listing import table as faults_table
from tests.bridge.conformance.table import presets_table
from tests.bridge.conformance.table import table as companions_table
from tests.maker.shipping import PACKAGE, package
from tests.repo.protocol import SPECIFICATION, TABLES
from tests.repo.settings import settings_table
from tests.repo.sources import REPOSITORY

# Where each part stands, and what writes it.
PARTS: tuple[tuple[str, str, Callable[[], str]], ...] = (
    *page_parts(),
    ("bridge/README.md", "settings", settings_table),
    ("bridge/README.md", "faults", faults_table),
    ("bridge/COMPANIONS.md", "companions", companions_table),
    ("bridge/COMPANIONS.md", "presets", presets_table),
    *((SPECIFICATION, name, write) for name, write in TABLES.items()),
)


def fill(text: str, name: str, content: str) -> str:
    """The text with this part's content replaced; LookupError if the part is not there once."""
    begin, end = f"<!-- generated: {name} -->\n", "<!-- end -->"
    pattern = re.compile(f"(?<={re.escape(begin)}).*?(?={end})", re.DOTALL)
    filled, parts = pattern.subn(lambda _: f"{content.strip()}\n", text)
    if parts != 1:
        raise LookupError(f"{begin.strip()} … {end} stands there {parts} times, wanted once")
    return filled


def generated() -> dict[Path, str]:
    """What each file with generated parts ought to hold, and each that is generated whole."""
    texts = {REPOSITORY / file: text for file, text in (drawings() | {PACKAGE: package()}).items()}
    for file, name, write in PARTS:
        path = REPOSITORY / file
        texts[path] = fill(texts.get(path) or path.read_text(encoding="utf-8"), name, write())
    return texts


if __name__ == "__main__":
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
