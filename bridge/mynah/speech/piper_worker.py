"""The Piper worker: `python -m mynah.speech.piper_worker VOICE.onnx`. A reply for each sentence.

The only file that imports Piper (GPL-3.0), and never part of the process of the bridge.
"""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnxruntime
from piper import PiperVoice
from piper.config import PiperConfig

from mynah.audio import SPEECH_HZ
from mynah.audio.resample import Resampler
from mynah.audio.trim import LeadTrimmer
from mynah.speech.child import ChildPipe, Reply
from mynah.speech.messages import Message


class Speaker:
    """A loaded, warm voice."""

    def __init__(self, voice: Path, threads: int) -> None:
        config = json.loads(Path(f"{voice}.json").read_text("utf-8"))
        self._voice = PiperVoice(_session(voice, threads), PiperConfig.from_dict(config))
        for _ in self.answer(Message("request", payload=b"Hello, how are you?")):
            pass

    def answer(self, request: Message) -> Iterator[Reply]:
        """Lines of text in; sentences of sound out, resampled as one utterance."""
        resampler = Resampler(self._voice.config.sample_rate, SPEECH_HZ)
        trimmer = LeadTrimmer()
        for line in request.payload.decode().splitlines():
            for chunk in self._voice.synthesize(line):
                yield _reply(trimmer.push(resampler.push(chunk.audio_float_array)))
        yield _reply(trimmer.push(resampler.finish()))


def _reply(samples: "np.ndarray[tuple[int], np.dtype[np.int16]]") -> Reply:
    return {}, samples.astype("<i2").tobytes()


def _session(voice: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(voice), options, providers=["CPUExecutionProvider"])


def main() -> None:
    """Run until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("voice", type=Path)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    pipe = ChildPipe()
    pipe.serve(Speaker(options.voice, options.threads).answer)


if __name__ == "__main__":
    main()
