"""A fake of xiaozhi's server: its messages, its Opus, its calls of a device's tools, its quirks."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar, Final

import numpy as np

from mynah.audio import SPEECH_HZ
from mynah.companions.fakes import script
from mynah.companions.fakes.live import Client, LiveFake
from mynah.companions.voices.opus import FRAME_MS, OpusEncoder

TONE_HZ: Final = 440
LETTERS_A_PACKET: Final = 10
"""A fast speaker: tests need not decode much."""

_EMOTION: Final = {"type": "llm", "text": "🙂", "emotion": "happy"}


class XiaozhiClient(Client):
    """A device, as the server sees it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.tools: list[Mapping[str, Any]] = []
        """What it said that it can do."""
        self.results: list[Mapping[str, Any]] = []
        """What came of calls."""
        self.packets: list[bytes] = []
        """Of the voice, in the last turn."""
        self._session = {"session_id": f"session-{len(self.fake.clients) + 1}"}
        self._calls = 0

    async def receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self.packets.append(message)
            return
        fields = json.loads(message)
        match fields:
            case {"type": "hello"}:
                await self._hello(fields)
            case {"type": "listen", "state": "start"}:
                self.packets = []
            case {"type": "listen", "state": "stop"}:
                await self.answer(f"I heard {len(self.packets)} packets.", message)
            case {"type": "listen", "state": "detect", "text": str(text)}:
                await self.answer(text.splitlines()[-1] if text else "", text)
            case {"type": "abort"} if self.fake.way != "deaf":
                await self.stop()
                await self.tell("tts", state="stop")
            case {"type": "mcp", "payload": {"id": number, **rest}}:
                await self._device_said(number, rest)

    async def tell(self, kind: str, **fields: Any) -> None:
        await self.send({"type": kind, **fields, **self._session})

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> None:
        """Have the ring do something."""
        self._calls += 1
        name = f"self.ring.{tool}"
        await self._rpc(self._calls, "tools/call", name=name, arguments=dict(arguments))

    async def speak(self, words: str) -> None:
        """Without being asked, as when somebody calls the device."""
        await self._begin(words)
        await self._step(script.Words(words))
        if self.fake.way != "stall":
            await self._step(script.Ends())

    async def perform(self, said: str) -> None:
        begun = False
        async for step in self.fake.script(said):
            if not begun and not isinstance(step, script.Odd):
                begun = True
                await self._begin(said)
            await self._step(step)

    async def _begin(self, said: str) -> None:
        # The real one tells the words back without their punctuation.
        await self.tell("stt", text="".join(filter(str.isalnum, said)))
        await self.tell("tts", state="start")
        await self.send({**_EMOTION, **self._session})

    async def _step(self, step: script.Step) -> None:
        match step:
            case script.Words(text, voiced):
                await self.tell("tts", state="sentence_start", text=text.strip())
                for packet in speech(text) if voiced else ():
                    await self.send(packet)
            case script.Rubbish():
                await self.send(bytes(range(100, 200)))
            case script.Odd():
                await self.send("pong")
                await self.send({"type": "weather", "temperature": 21.5})
            case script.Calls(tool, arguments):
                await self.call(tool, arguments)
            case script.Fails():
                await self.tell("goodbye")
            case script.Leaves():
                self.leave()
            case script.Ends():
                await self.tell("tts", state="stop")

    async def _hello(self, fields: Mapping[str, Any]) -> None:
        match self.fake.way:
            case "mute":
                return
            case "refuses":
                await self.send("认证失败")
                await self.connection.close()
                return
        # The real one says what the device said: 16 kHz, and then sends 24 kHz.
        greeting = {"transport": "websocket", "audio_params": fields.get("audio_params")}
        await self.tell("hello", version=1, **greeting)
        if fields.get("features", {}).get("mcp"):
            await self._rpc(1, "initialize", protocolVersion="2024-11-05", capabilities={})

    async def _rpc(self, number: int, method: str, **parameters: Any) -> None:
        payload = {"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}
        await self.send({"type": "mcp", "payload": payload})

    async def _device_said(self, number: int, rest: Mapping[Any, Any]) -> None:
        result = rest.get("result", {})
        if "serverInfo" in result:
            await self._rpc(2, "tools/list")
        elif "tools" in result:
            self.tools = result["tools"]
        else:
            self.results.append({"id": number, **rest})


class FakeXiaozhi(LiveFake):
    """Its address is what the server prints when it starts."""

    companion: ClassVar[str] = "xiaozhi"
    port: ClassVar[int] = 8000
    path: ClassVar[str] = "/xiaozhi/v1/"
    client: ClassVar[type[Client]] = XiaozhiClient


def speech(text: str) -> list[bytes]:
    """A tone, the longer the more there is to say."""
    tone = _tone()
    return [tone[at % len(tone)] for at in range(max(1, len(text) // LETTERS_A_PACKET))]


@cache
def _tone() -> list[bytes]:
    encoder = OpusEncoder()
    times = np.arange(SPEECH_HZ * FRAME_MS * 10 // 1000) / SPEECH_HZ
    return encoder.push((8000 * np.sin(2 * np.pi * TONE_HZ * times)).astype(np.int16))
