"""What a bridge tells Wyoming's clients of itself, in the words of its `info` event. Pure."""

from typing import Any, Final

from mynah.serving.services import Names

WHO: Final = {"name": "Mynah", "url": ""}


def info(names: Names) -> dict[str, Any]:
    """Ears, a voice, and somebody who answers."""
    hears = [] if names.language == "auto" else [names.language]
    hearing = _artifact(names.hearing, "the ears", names) | {"languages": hears}
    voice = _artifact(names.voice, "the voice", names) | {"languages": [names.written]}
    answers = _artifact(names.companion, "who answers", names) | {"languages": [names.written]}
    mynah = _artifact("mynah", "the bridge of a companion ring", names)
    return {
        "asr": [mynah | {"models": [hearing]}],
        "tts": [mynah | {"voices": [voice], "supports_synthesize_streaming": True}],
        "handle": [mynah | {"models": [answers], "supports_handled_streaming": True}],
        "intent": [],
        "wake": [],
        "mic": [],
        "snd": [],
    }


def _artifact(name: str, about: str, names: Names) -> dict[str, Any]:
    return {
        "name": name,
        "description": about,
        "attribution": WHO,
        "installed": True,
        "version": names.version,
    }
