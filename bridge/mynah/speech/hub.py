"""Whisper models of the Hugging Face hub, by owner and name: fetched when a person asks for one.

Nobody has pinned or checked them; a bridge that listens never goes to the network for them.
"""

import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

from mynah.errors import ModelError
from mynah.speech.fetch import put_in_place
from mynah.speech.models import HUB_FILES, cache_folder, hub_folder, is_fetched, is_hub_name


def fetched() -> list[str]:
    """What is in the cache."""
    hub = hub_folder()
    names = (path.relative_to(hub).as_posix() for path in sorted(hub.glob("*/*")))
    return [name for name in names if is_hub_name(name) and is_fetched(name)]


def download(name: str, folder: Path) -> None:
    """By faster-whisper, which knows what a model is made of."""
    from faster_whisper.utils import download_model

    with warnings.catch_warnings():
        # It passes the hub's library an option that this no longer needs.
        warnings.simplefilter("ignore", UserWarning)
        download_model(name, output_dir=str(folder))


def fetch_from_hub(name: str, download: Callable[[str, Path], None] = download) -> Path:
    """Fetch a model into the cache, whole or not at all; replaces one that is there."""
    target = hub_folder(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=".fetching-") as temporary:
        folder = Path(temporary, "model")
        folder.mkdir()
        try:
            download(name, folder)
        except Exception as error:  # the hub's library raises errors of six unrelated trees
            reason = (str(error).strip() or repr(error)).splitlines()[0]
            raise ModelError(f"{name} did not come from the hub: {reason}") from error
        absent = [file for file in HUB_FILES if not (folder / file).is_file()]
        if absent:
            raise ModelError(
                f"{name} has no {', '.join(absent)}: it is no Whisper model for faster-whisper, "
                "such as Systran/faster-whisper-base.en"
            )
        shutil.rmtree(folder / ".cache", ignore_errors=True)  # the library's own notes
        put_in_place(target, folder)
    return target
