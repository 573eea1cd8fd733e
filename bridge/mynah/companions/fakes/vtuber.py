"""A fake of Open-LLM-VTuber's server: sentences as WAV files, faces, and a turn that stays open."""

import asyncio
import base64
import io
import json
import wave
from typing import Any, ClassVar, Final

import numpy as np

from mynah.companions.fakes import script
from mynah.companions.fakes.live import Client, LiveFake

RATE_HZ: Final = 22_050
"""Of Piper's voices, which it can be set to."""

TONE_HZ: Final = 440
LETTER_MS: Final = 3

_FACES: Final = {"neutral": 0, "joy": 3, "sadness": 1}


class VTuberClient(Client):
    """Whoever shows the character."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.history: list[tuple[str, str]] = []
        """Who said what, as the server wrote it down."""
        self._played = asyncio.Event()
        self._voice = 0
        self._text = ""

    async def greet(self) -> None:
        if self.fake.way == "mute":
            return
        await self.send({"type": "full-text", "text": "Connection established"})
        model = {"name": "shizuku", "emotionMap": _FACES}
        await self.send({"type": "set-model-and-conf", "model_info": model, "client_uid": "1"})
        await self.send({"type": "control", "text": "start-mic"})

    async def receive(self, message: str | bytes) -> None:
        fields = json.loads(message)
        match fields:
            case {"type": "create-new-history"}:
                await self.send({"type": "new-history-created", "history_uid": "history-1"})
            case {"type": "text-input", "text": str(text)}:
                await self._asked_for(text)
            case {"type": "mic-audio-data", "audio": audio}:
                self._voice += len(audio)
            case {"type": "mic-audio-end"}:
                heard, self._voice = self._voice, 0
                await self._asked_for(f"I heard {heard} samples.")
            case {"type": "interrupt-signal", "text": heard}:
                await self._interrupt(heard)
            case {"type": "frontend-playback-complete"}:
                self._played.set()

    async def perform(self, said: str) -> None:
        self._text = ""
        begun = False
        async for step in self.fake.script(said):
            if not begun and not isinstance(step, script.Odd):
                begun = True
                await self.send({"type": "control", "text": "conversation-chain-start"})
                await self.send({"type": "full-text", "text": "Thinking..."})
            await self._step(step)

    async def _step(self, step: script.Step) -> None:
        match step:
            case script.Words(text, voiced):
                self._text += text
                await self._sentence(text, _wav(len(text) * LETTER_MS) if voiced else None)
            case script.Rubbish() | script.Odd():
                await self.send("[")
            case script.Fails():
                await self.send({"type": "error", "message": "Conversation error: no model"})
            case script.Leaves():
                self.leave()
            case script.Ends():
                await self._finish()

    async def _sentence(self, text: str, audio: str | None) -> None:
        shown = {"text": text, "name": "Shizuku", "avatar": None}
        faces = {"expressions": [3]} if self._text == text else None
        await self.send({"type": "audio", "audio": audio, "display_text": shown, "actions": faces})

    async def _finish(self) -> None:
        """It is written down once it was played, or never."""
        if self._text:
            await self.send({"type": "backend-synth-complete"})
            await self._played.wait()
        self.history.append(("ai", self._text))
        await self.send({"type": "force-new-message"})
        await self.send({"type": "control", "text": "conversation-chain-end"})

    async def _asked_for(self, said: str) -> None:
        self.history.append(("human", said))
        self._played.clear()
        await self.answer(said.splitlines()[-1], json.dumps(self.history))

    async def _interrupt(self, heard: str) -> None:
        if self._task is not None and not self._task.done():
            self.history += [("ai", heard), ("system", "[Interrupted by user]")]
        await self.stop()


class FakeVTuber(LiveFake):
    """Its address is that of the server's own web page."""

    companion: ClassVar[str] = "open_llm_vtuber"
    port: ClassVar[int] = 12393
    path: ClassVar[str] = "/client-ws"
    client: ClassVar[type[Client]] = VTuberClient


def _wav(length_ms: int) -> str:
    times = np.arange(RATE_HZ * length_ms // 1000) / RATE_HZ
    with io.BytesIO() as data:
        with wave.open(data, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE_HZ)
            file.writeframes((8000 * np.sin(2 * np.pi * TONE_HZ * times)).astype("<i2").tobytes())
        return base64.b64encode(data.getvalue()).decode()
