"""Sound on the host: formats, levels, files."""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mynah_wire.codecs import SAMPLE_RATE_HZ

SPEECH_HZ: Final = SAMPLE_RATE_HZ
"""The one rate of sound inside the bridge: what Whisper and Silero were trained on."""

Samples: TypeAlias = NDArray[np.int16]
"""Mono sound at SPEECH_HZ, unless a rate is given beside it."""

FULL_SCALE: Final = 32_768
"""What a sample is divided by to lie in [-1, 1)."""

__all__ = ["FULL_SCALE", "SPEECH_HZ", "Samples"]
