"""What kind of trouble a message tells of: a word for it, since the message may quote people."""

import re
from typing import Final

OTHER: Final = "other"

_KINDS: Final = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        # Whose fault it is comes first in our messages; what they quote comes behind it.
        ("unheard", r"no (words|voice)|there is no speech"),
        ("fault", r"a fault in"),
        ("companion", r"the companion\b|companion \w|the language model refused"),
        ("worker", r"(whisper|piper|the language model|the worker)\b"),
        ("lost", r"[^:]*\b(lost|dropped|no place was left)\b"),
        ("storage", r"[^:]*\b(disk|inbox|no space)\b"),
        ("reach", r"[^:]*\b(out of reach|in range|not connected|fell silent|did not answer)\b"),
        ("refused", r"[^:]*\b(refused|keys differ|pair)\b"),
        ("bluetooth", r"[^:]*\b(bluetooth|bluez|adapter)\b"),
        ("sound", r"[^:]*\b(microphone|speaker|sound card)\b"),
        ("ring", r"(the|this) (emulated )?ring\b"),
    )
)


def kind_of(message: str) -> str:
    """One of a dozen words, for logs and metrics."""
    return next((kind for kind, pattern in _KINDS if pattern.match(message)), OTHER)
