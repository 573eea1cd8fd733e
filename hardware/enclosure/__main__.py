"""`python -m hardware.enclosure`: the meshes and pictures again, of all enclosures or those named.

Needs build123d and pillow: `make hardware` installs them.
"""

import importlib
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from hardware.enclosure import FOLDER, NAMES, fingerprint, parameters
from hardware.enclosure.drawing import picture
from hardware.enclosure.mesh import Triangles, read, volume, write

FACET_MM = 0.05  # how far a facet may be from the curve: finer than a printer's 0.1
FACET_RADIANS = 0.26  # 24 facets round a hole, so that the files stay small
RECORD = FOLDER / "made.json"


def mesh(shape: Any) -> Triangles:
    """A build123d shape as triangles."""
    from build123d import export_stl

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "shape.stl"
        export_stl(shape, file, tolerance=FACET_MM, angular_tolerance=FACET_RADIANS)
        return read(file)


def make(name: str) -> dict[str, object]:
    """Writes an enclosure's STL files and its picture; what they were made from."""
    module = importlib.import_module(f"hardware.enclosure.{name}")
    made = module.make()
    if broken := [shell for shell, shape in made.items() if not shape.is_valid]:
        raise ValueError(
            f"{name}: build123d made no valid solid of {broken}: look for faces that touch"
        )
    shells = {shell: mesh(shape) for shell, shape in made.items()}
    for shell, triangles in shells.items():
        write(FOLDER / f"{name}_{shell}.stl", triangles)
    picture(name, shells, module.BLOCKS).save(FOLDER / f"{name}.png", optimize=True)
    volumes = {shell: round(volume(triangles), 1) for shell, triangles in shells.items()}
    return {"parameters": parameters(name), "source": fingerprint(name), "volume_mm3": volumes}


if __name__ == "__main__":
    made = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    made.update({name: make(name) for name in sys.argv[1:] or NAMES})
    RECORD.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n", encoding="utf-8")
