"""Whisper's encoder on as much sound as there is, not on 30 s of it. Pure.

The decoder knows from the end of the 30 s window that nothing follows; without that end it says
the same again and again. So the end is put there: it is cut from a window of silence, once.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mynah.audio import SPEECH_HZ

Sound = NDArray[np.float32]
"""16 kHz, from -1 to 1."""

Floats = NDArray[np.float32]

WINDOW_FRAMES: Final = 3000
"""30 s of features, 10 ms each: what Whisper was trained on."""

SILENCE: Final = -0.8
"""How features call silence beside speech (-1.1 to -0.5 in recordings). Alone, zeros are -1.5, an
end that `base` believes less; from -1.2 to -0.4 the word errors are the same."""

END_POSITIONS: Final = 50
"""1 s. With 100, 200 or 400 the word errors are the same, and each 100 cost 1 ms."""

PAD_SAMPLES: Final = 7 * SPEECH_HZ // 10
"""Zeros after the sound. With 0.1 s of them 9 % of the words are wrong, with 0.3 s 5, with 0.5 to
1 s 4; it makes no difference whether 60 or 400 ms of the room's silence come before them."""

SHORTEST_SAMPLES: Final = 4 * SPEECH_HZ
"""A word alone is said six times if its window is short: 15 of 36 were without this, 7 with 2 s, 1
with 3 and none with 4. The zeros cost 4 ms."""


def padded(sound: Sound) -> Sound:
    """The sound and the zeros that it needs behind it."""
    zeros = max(PAD_SAMPLES, SHORTEST_SAMPLES - len(sound))
    return np.concatenate([sound, np.zeros(zeros, np.float32)])


class Splice:
    """Encodes features of any length up to 30 s so that the decoder sees where they end."""

    def __init__(self, encode: Callable[[Floats], Floats], bands: int) -> None:
        """`encode` takes (bands, frames) and gives (1, positions, width): two frames a position."""
        self._encode = encode
        silence = encode(np.full((bands, WINDOW_FRAMES), SILENCE, np.float32))
        self._end = silence[:, -END_POSITIONS:].copy()

    def encoded(self, features: Floats) -> Floats:
        """What the decoder is given."""
        whole = features[:, :WINDOW_FRAMES]
        return np.ascontiguousarray(np.concatenate([self._encode(whole), self._end], axis=1))
