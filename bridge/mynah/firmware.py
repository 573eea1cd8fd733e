"""Where the ring's sources are: in the repository, or inside the installed package."""

from pathlib import Path

from mynah.errors import MynahError

_HERE = Path(__file__).resolve().parent
_IN_THE_WHEEL = _HERE / "_firmware"
_IN_THE_REPOSITORY = _HERE.parents[1] / "firmware"


def firmware_folder() -> Path:
    """The folder with `main.py`, `app.py`, `lib` and `boards`: the same files that are flashed."""
    for folder in (_IN_THE_WHEEL, _IN_THE_REPOSITORY):
        if (folder / "main.py").is_file():
            return folder
    raise MynahError(
        f"no firmware at {_IN_THE_WHEEL} or {_IN_THE_REPOSITORY}: install mynah-companion again"
    )
