"""Settings: one TOML file, every key known, flags on top."""

import difflib
import tomllib
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import BaseModel, ConfigDict, ValidationError

from mynah.errors import UserError


class Section(BaseModel):
    """Frozen, and strict about names."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Hearing(Section):
    """Speech to text."""

    model: str = "tiny.en"
    """A Whisper model: a name from `mynah models`, or a folder."""
    language: str = "en"
    """As Whisper names it; "auto" to detect it in every turn."""


class Speaking(Section):
    """Text to speech."""

    voice: str = "joe"
    """A Piper voice: a name from `mynah models`, or a file."""


class Settings(Section):
    """Everything that can be set."""

    link: str = "emulator:"
    companion: str = "parrot"
    hearing: Hearing = Hearing()
    speaking: Speaking = Speaking()

    def overridden(self, **flags: str | None) -> "Settings":
        """The same with the flags that were given."""
        return self.model_copy(update={name: value for name, value in flags.items() if value})


def settings_path() -> Path:
    """Where the settings are looked for unless `--config` names a file."""
    return platformdirs.user_config_path("mynah") / "mynah.toml"


def load(path: Path | None = None) -> Settings:
    """The settings in a file; the defaults if none is named and there is none."""
    if path is None:
        path = settings_path()
        if not path.is_file():
            return Settings()
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{path}: not settings in TOML: {error}") from error
    return parse(tables, str(path))


def parse(tables: dict[str, Any], where: str) -> Settings:
    """Settings from tables; UserError names the first key that is unknown or wrong."""
    try:
        return Settings.model_validate(tables)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            raise UserError(f"{where}: unknown setting {key!r}{_nearest(key)}") from error
        raise UserError(f"{where}: {key}: {first['msg'].lower()}") from error


def keys(section: type[BaseModel] = Settings, prefix: str = "") -> list[str]:
    """The names of all settings, dotted."""
    names = []
    for name, field in section.model_fields.items():
        names.append(prefix + name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            names += keys(field.annotation, f"{prefix}{name}.")
    return names


def _nearest(key: str) -> str:
    close = difflib.get_close_matches(key, keys(), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are: {', '.join(keys())}"
