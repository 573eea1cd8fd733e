"""What a Piper voice's own file says of it, and which voice to name to whom."""

import json
from pathlib import Path
from typing import Final

from mynah.errors import ModelError
from mynah.speech.reading import CHINESE, language_of

NAMED: Final = {
    CHINESE: "zh_CN-huayan-medium",
    "de": "de_DE-thorsten-medium",
    "es": "es_ES-davefx-medium",
    "fr": "fr_FR-siwis-medium",
}
"""Of Piper's own list, one for each language that Mynah's word lists know; none is in a wheel.
The Chinese one is read through espeak, as all that Mynah can use."""

_PINYIN: Final = "pinyin"


def language_of_voice(file: Path) -> str:
    """Which it speaks, "" if it does not say; ModelError if nothing here can read for it."""
    try:
        about = json.loads(Path(f"{file}.json").read_text("utf-8"))
        kind, name = about.get("phoneme_type", ""), about["espeak"]["voice"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ""  # what is wrong with it its worker tells
    if kind == _PINYIN:
        raise ModelError(
            f"{file.name} needs a model of tones that Piper would fetch by itself; "
            f"take a voice read through espeak, such as {NAMED[CHINESE]}"
        )
    return language_of(name) if isinstance(name, str) else ""


def such_as(language: str) -> str:
    """The end of a sentence that advises a voice; empty where there is none to name."""
    name = NAMED.get(language_of(language))
    return f", such as {name}" if name else ""
