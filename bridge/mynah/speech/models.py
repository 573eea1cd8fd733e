"""The models: a catalogue of pinned ones, a cache of checked ones, the way from one to the other.

A model's wheel is data: it is fetched by pip against its hash, unzipped, checked, never imported.
"""

import difflib
import hashlib
import json
import os
import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

import platformdirs

from mynah.errors import ModelError, UserError

CACHE_VARIABLE: Final = "MYNAH_MODELS"
"""The folder of models, if it is not to be in the user's cache."""

MARKER: Final = "checked.json"
"""What was hashed, with size and time of change: hashing 75 MB at each start would cost 0.2 s."""

HUB_FILES: Final = ("config.json", "model.bin", "tokenizer.json")
"""Of a model of the hub. Without the last, faster-whisper would look for it there at each start."""

_NAME: Final = "[A-Za-z0-9][A-Za-z0-9._-]*"
_HUB_NAME: Final = f"{_NAME}/{_NAME}"

Kind = Literal["whisper", "piper", "llama", "turn", "recordings"]


@dataclass(frozen=True, slots=True)
class Wheel:
    """A file of the package index, by its hash."""

    distribution: str
    version: str
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model: parts of wheels, joined in order."""

    name: str
    parts: tuple[str, ...]
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model that can be fetched."""

    name: str
    kind: Kind
    language: str
    default: bool
    licence: str
    origin: str
    note: str
    wheels: tuple[Wheel, ...]
    files: tuple[ModelFile, ...]

    @property
    def folder(self) -> Path:
        """Where it is, or will be."""
        return cache_folder() / self.name

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def catalogue() -> dict[str, Model]:
    """The pinned models by name, from `models.toml`."""
    text = files("mynah").joinpath("models.toml").read_text("utf-8")
    models = [_model(table) for table in tomllib.loads(text)["model"]]
    return {model.name: model for model in models}


def cache_folder() -> Path:
    """Where models are kept."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_cache_path("mynah") / "models"


def find(name_or_path: str) -> Path:
    """The folder of a pinned model, checked; a path of the user's own, as it is; or one of the hub.

    That is a Whisper model that was fetched as owner/name; ModelError if it was not.
    """
    if model := catalogue().get(name_or_path):
        check(model)
        return model.folder
    path = Path(name_or_path).expanduser()
    if path.exists():
        return path
    if is_hub_name(name_or_path):
        if not is_fetched(name_or_path):
            raise missing(name_or_path)
        return hub_folder(name_or_path)
    raise unknown(name_or_path, "nor a file or folder")


def missing(name: str) -> ModelError:
    """What to say of a model that can be fetched."""
    return ModelError(f"model {name} is not here; run `mynah models get {name}`")


def is_hub_name(name: str) -> bool:
    """Whether it may be the owner/name of a model of the hub."""
    return re.fullmatch(_HUB_NAME, name) is not None


def hub_folder(name: str = "") -> Path:
    """Where a model of the hub is, or will be; where all of them are."""
    return cache_folder() / "hub" / name


def is_fetched(name: str) -> bool:
    """Whether a model of the hub is in the cache."""
    return all((hub_folder(name) / file).is_file() for file in HUB_FILES)


def unknown(name: str, otherwise: str) -> UserError:
    """What to say of a name that is not in the catalogue."""
    names = list(catalogue())
    close = difflib.get_close_matches(name, names, n=1)
    advice = f"did you mean {close[0]}?" if close else f"there are {', '.join(names)}"
    return UserError(f"{name!r} is no model {otherwise}; {advice}")


def is_here(model: Model) -> bool:
    """Every file is in the cache; says nothing of what is in them."""
    return all((model.folder / file.name).is_file() for file in model.files)


def check(model: Model) -> None:
    """ModelError unless every file is here and is the one that was pinned."""
    if not is_here(model):
        raise missing(model.name)
    stamps = {file.name: _stamp(model.folder / file.name, file) for file in model.files}
    marker = model.folder / MARKER
    if _read_marker(marker) == stamps:
        return
    for file in model.files:
        check_file(model, file, sha256_of(model.folder / file.name))
    write_marker(model, model.folder)


def check_file(model: Model, file: ModelFile, got: str) -> None:
    """ModelError unless the hash is the pinned one."""
    if got != file.sha256:
        raise ModelError(
            f"model {model.name} is not the one that was pinned: {file.name} has sha256 {got}, "
            f"expected {file.sha256}; run `mynah models get {model.name}`"
        )


def write_marker(model: Model, folder: Path) -> None:
    """Note that what is in the folder was checked."""
    stamps = {file.name: _stamp(folder / file.name, file) for file in model.files}
    # A cache that can't be written costs a hash at each start, no more.
    if os.access(folder, os.W_OK):
        (folder / MARKER).write_text(json.dumps(stamps, indent=1), "utf-8")


def sha256_of(path: Path) -> str:
    """Of a file's content, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _stamp(path: Path, file: ModelFile) -> list[int | str]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, file.sha256]


def _read_marker(path: Path) -> object:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _model(table: dict[str, Any]) -> Model:
    if not re.fullmatch(_NAME, table["name"]):
        raise ModelError(f"models.toml: {table['name']!r} can't be the name of a folder")
    return Model(
        **{key: table[key] for key in ("name", "kind", "language", "default")},
        **{key: table[key] for key in ("licence", "origin", "note")},
        wheels=tuple(Wheel(**wheel) for wheel in table["wheel"]),
        files=tuple(ModelFile(**{**file, "parts": tuple(file["parts"])}) for file in table["file"]),
    )
