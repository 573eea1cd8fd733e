"""First-run choices: which there are, what they make of the settings, and the file they go into."""

import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from mynah import toml
from mynah.config import Settings, parse
from mynah.needs import models_of
from mynah.speech.models import Model, catalogue

ENGLISH: Final = "en"
OF_MANY_LANGUAGES: Final = "base"
"""The pinned Whisper that knows other languages than English."""

_LANGUAGE: Final = re.compile(r"auto|[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Choices:
    """What setup asks for."""

    companion: str
    voice: str
    language: str
    volume: int
    base_url: str = ""
    """Of the companion `openai`, as the two that follow; empty leaves what was set."""
    model: str = ""
    api_key: str = ""


def sensible(
    settings: Settings,
    known: list[str],
    *,
    fresh: bool,
    installed: Callable[[str], object] = find_spec,
) -> Choices:
    """What is set already; on a fresh computer the parrot if `local` can't run there."""
    companion = settings.companion
    if fresh and not ("local" in known and installed("xllamacpp")):
        companion = "parrot"
    return Choices(
        companion, settings.speaking.voice, settings.hearing.language, settings.speaking.volume
    )


def is_language(name: str) -> bool:
    """A code as Whisper names languages, or `auto`."""
    return _LANGUAGE.fullmatch(name) is not None


def is_foreign(voice: str, language: str) -> bool:
    """Whether a pinned voice was made for another language than the wearer speaks."""
    model = catalogue().get(voice)
    return model is not None and language not in {"auto", model.language.partition("-")[0]}


def voices() -> list[str]:
    """The voices that can be fetched."""
    return [model.name for model in catalogue().values() if model.kind == "piper"]


def tables(settings: Settings, choices: Choices) -> dict[str, Any]:
    """What the file is to hold: what was set before, and what was chosen now."""
    kept = settings.model_dump(exclude_unset=True)
    kept["companion"] = choices.companion
    hearing = kept.setdefault("hearing", {})
    hearing["language"] = choices.language
    if choices.language != ENGLISH and settings.hearing.model.endswith(f".{ENGLISH}"):
        hearing["model"] = OF_MANY_LANGUAGES
    kept.setdefault("speaking", {}).update(voice=choices.voice, volume=choices.volume)
    openai = kept.get("openai", {})
    if "api_key" in openai:
        openai["api_key"] = openai["api_key"].get_secret_value()
    given = {"base_url": choices.base_url, "model": choices.model, "api_key": choices.api_key}
    openai.update({name: value for name, value in given.items() if value})
    if openai:
        kept["openai"] = openai
    return kept


def chosen(settings: Settings, choices: Choices) -> Settings:
    """The settings as they will be; UserError if they can't be."""
    return parse(tables(settings, choices), "setup")


def save(path: Path, settings: Settings, choices: Choices) -> None:
    """Write the file, whole or not at all; with a key in it, for its owner alone."""
    content = tables(settings, choices)
    parse(content, str(path))
    path = path.resolve()  # a link to where its owner keeps such files stays one
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(toml.written(content))
        if not content.get("openai", {}).get("api_key"):
            Path(fresh).chmod(path.stat().st_mode if path.exists() else 0o666 & ~_umask())
        Path(fresh).replace(path)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise


def to_fetch(settings: Settings) -> list[Model]:
    """The pinned models that these settings need and that are not here, or not the pinned ones."""
    from mynah.errors import ModelError
    from mynah.speech.models import check

    wanted = []
    for name in models_of(settings).values():
        if model := catalogue().get(name):
            try:
                check(model)
            except ModelError:
                wanted.append(model)
    return wanted


def _umask() -> int:
    mask = os.umask(0)  # it can only be read by setting it
    os.umask(mask)
    return mask
