"""The look at whether the voice speaks what the wearer does."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from mynah.doctor.finding import Finding
from mynah.errors import ModelError, MynahError
from mynah.speech import models
from mynah.speech.reading import language_of
from mynah.speech.tts import voice_file
from mynah.speech.voices import language_of_voice, such_as

NAME: Final = "language"


def language(hears: str, voice: str, find: Callable[[str], Path] = models.find) -> Finding:
    """Another language is well, who wants it: there is a hint, and nothing is broken."""
    try:
        file = voice_file(find(voice))
    except MynahError:
        return Finding(NAME, "ok", hears)  # that there is no voice is told as such
    try:
        speaks = language_of_voice(file)
    except ModelError as error:
        return Finding(NAME, "broken", str(error), "set speaking.voice to another voice")
    if hears == "auto" or speaks in {"", language_of(hears)}:
        return Finding(NAME, "ok", hears)
    detail = f"you speak {hears}, the voice {file.stem} speaks {speaks}"
    return Finding(
        NAME, "ok", detail, f"set speaking.voice to a Piper voice of {hears}{such_as(hears)}"
    )
