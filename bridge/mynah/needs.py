"""What the settings need on this computer: every model here, each fit for its use."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mynah import companions
from mynah.companions.local import check_installed
from mynah.config import Settings
from mynah.errors import ModelError, UserError
from mynah.speech import smart_turn
from mynah.speech.models import (
    Kind,
    catalogue,
    find,
    is_fetched,
    is_here,
    is_hub_name,
    unknown,
)

HEARING: Final = "hearing"
VOICE: Final = "voice"
LANGUAGE_MODEL: Final = "language model"
LOCAL: Final = "local"
"""The companion that needs one."""
TURN_ENDS: Final = "turn ends"

_SETTINGS: Final = {
    HEARING: "hearing.model",
    VOICE: "speaking.voice",
    LANGUAGE_MODEL: "local.model",
    TURN_ENDS: "turns.smart_turn",
}
_KINDS: Final[dict[str, Kind]] = {
    HEARING: "whisper",
    VOICE: "piper",
    LANGUAGE_MODEL: "llama",
    TURN_ENDS: "turn",
}
_CALLED: Final[dict[Kind, str]] = {
    "whisper": "a Whisper model",
    "piper": "a Piper voice",
    "llama": "a language model",
    "turn": "a model of how turns end",
    "recordings": "people's speech, for benchmarks",
}


@dataclass(frozen=True, slots=True)
class SpeechModels:
    """Where they are."""

    hearing: Path
    voice: Path
    turn_ends: Path | None = None
    """Where it is asked for."""


def models_of(settings: Settings) -> dict[str, str]:
    """Which models these settings need, by what they are for."""
    wanted = {HEARING: settings.hearing.model, VOICE: settings.speaking.voice}
    if settings.companion == LOCAL:
        wanted[LANGUAGE_MODEL] = settings.local.model
    if settings.turns.smart_turn:
        wanted[TURN_ENDS] = smart_turn.NAME
    return wanted


def find_models(settings: Settings) -> SpeechModels:
    """UserError for a choice that can't work, ModelError for what is still to be fetched."""
    if settings.companion not in companions.names(settings):
        raise companions.unknown(settings.companion, settings)
    if settings.companion == LOCAL:
        check_installed()
    wanted = models_of(settings)
    for use, name in wanted.items():
        _check_kind(use, name)
    _check_language(settings)
    _check_here(wanted)
    turn_ends = find(wanted[TURN_ENDS]) if TURN_ENDS in wanted else None
    return SpeechModels(find(wanted[HEARING]), find(wanted[VOICE]), turn_ends)


def _check_kind(use: str, name: str) -> None:
    model = catalogue().get(name)
    path = Path(name).expanduser()
    if model is None and not path.exists():
        if use == HEARING and is_hub_name(name):
            return  # it was looked at when it was fetched
        raise unknown(name, "nor a file or folder")
    kind = model.kind if model else _kind_of(path)
    if kind is None or kind == _KINDS[use]:
        return
    names = ", ".join(each.name for each in catalogue().values() if each.kind == _KINDS[use])
    raise UserError(
        f"{_SETTINGS[use]} is {name!r}, which is {_CALLED[kind]}; "
        f"it takes {_CALLED[_KINDS[use]]}, such as {names}"
    )


def _kind_of(path: Path) -> Kind | None:
    """What a model of the person's own looks like; None for neither fish nor fowl."""
    names = [each.name for each in path.iterdir()] if path.is_dir() else [path.name]
    if any(name.endswith(".onnx") for name in names):
        return "piper"
    if any(name.endswith(".gguf") for name in names):
        return "llama"
    return "whisper" if "model.bin" in names else None


def _check_language(settings: Settings) -> None:
    """Of a pinned model; what a model of the person's own knows, its worker finds out."""
    language, model = settings.hearing.language, catalogue().get(settings.hearing.model)
    if model is None or model.language == "many" or language in {"auto", model.language}:
        return
    versed = [
        each.name
        for each in catalogue().values()
        if each.kind == "whisper" and each.language == "many"
    ]
    raise UserError(
        f"hearing.model {model.name} knows only {model.language!r}, and hearing.language is "
        f"{language!r}; set hearing.model to {' or '.join(versed)}"
    )


def _check_here(wanted: dict[str, str]) -> None:
    missing = {use: name for use, name in wanted.items() if is_missing(name)}
    if not missing:
        return
    names = list(missing.values())
    what = f"models {', '.join(names)} are" if len(names) > 1 else f"model {names[0]} is"
    instead = ", or take --companion parrot" if list(missing) == [LANGUAGE_MODEL] else ""
    raise ModelError(f"{what} not here; run `mynah models get {' '.join(names)}`{instead}")


def is_missing(name: str) -> bool:
    """Whether it can be fetched and was not."""
    if model := catalogue().get(name):
        return not is_here(model)
    of_hub = is_hub_name(name) and not Path(name).exists()
    return of_hub and not is_fetched(name)
