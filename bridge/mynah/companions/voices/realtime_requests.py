"""What a Realtime server is asked, as JSON. Pure."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np

from mynah.audio import FULL_SCALE, SPEECH_HZ, Samples
from mynah.audio.resample import Resampler
from mynah.companions.voices.realtime_events import CANCEL, QUIET
from mynah.companions.voices.realtime_settings import SOUND_HZ, Dialect

CHUNK: Final = SOUND_HZ
"""Samples a message: a second."""

RESPOND: Final[Mapping[str, Any]] = {"type": "response.create"}
STOP: Final[Mapping[str, Any]] = {"type": "response.cancel", "event_id": CANCEL}


def said(text: str) -> dict[str, Any]:
    """The wearer's words, or what the ring felt."""
    return _message("user", "input_text", text)


def answered(text: str, dialect: Dialect) -> dict[str, Any]:
    """What the server itself is to have said."""
    return _message("assistant", "text" if dialect == "beta" else "output_text", text)


def result(call_id: str, text: str) -> dict[str, Any]:
    """What came of a function."""
    return _item({"type": "function_call_output", "call_id": call_id, "output": text})


def truncated(item_id: str, heard_ms: int) -> dict[str, Any]:
    """Only so much of it was heard: it forgets the rest, sound and words."""
    return {
        "type": "conversation.item.truncate",
        "event_id": f"{QUIET}truncate",
        "item_id": item_id,
        "content_index": 0,
        "audio_end_ms": heard_ms,
    }


def deleted(item_id: str) -> dict[str, Any]:
    """Nothing of it was heard."""
    return {
        "type": "conversation.item.delete",
        "event_id": f"{QUIET}delete",
        "item_id": item_id,
    }


def voiced(sound: Samples) -> Iterator[dict[str, Any]]:
    """The wearer's voice, and that it is over."""
    yield {"type": "input_audio_buffer.clear", "event_id": f"{QUIET}clear"}
    resampler = Resampler(SPEECH_HZ, SOUND_HZ)
    parts = [resampler.push(np.asarray(sound / FULL_SCALE, np.float32)), resampler.finish()]
    whole = np.concatenate(parts).astype("<i2")
    for start in range(0, len(whole), CHUNK):
        data = base64.b64encode(whole[start : start + CHUNK].tobytes()).decode()
        yield {"type": "input_audio_buffer.append", "audio": data}
    yield {"type": "input_audio_buffer.commit"}


def _message(role: str, kind: str, text: str) -> dict[str, Any]:
    return _item({"type": "message", "role": role, "content": [{"type": kind, "text": text}]})


def _item(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "conversation.item.create", "item": item}
