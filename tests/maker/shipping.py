"""`firmware/package.json`, for `mip`, out of the tree: `make docs` writes it."""

import json

from mynah.maker.compiled import application, loader
from tests.repo.sources import REPOSITORY

PACKAGE = "firmware/package.json"
VERSION = "0.1"


def package():
    """Places on the board and where mip finds them; paths relative to the package's own."""
    firmware = REPOSITORY / "firmware"
    # Without slots: what lies beside main.py is as good as built in.
    sources = sorted({*application(firmware).values(), *loader(firmware).values()})
    paths = [path.relative_to(firmware).as_posix() for path in sources]
    urls = ",\n".join(f"    {json.dumps([path, path])}" for path in paths)
    return f'{{\n  "urls": [\n{urls}\n  ],\n  "deps": [],\n  "version": {json.dumps(VERSION)}\n}}\n'
