"""A fake of OpenAI's Realtime and its kin: their events, functions, usage, truncation."""

import base64
import json
from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np

from mynah.companions.fakes import script
from mynah.companions.fakes.live import Client, LiveFake
from mynah.companions.voices.realtime_settings import SOUND_HZ

TONE_HZ: Final = 440
LETTER_MS: Final = 3
"""A fast speaker: tests need not carry much."""

CHUNK: Final = SOUND_HZ // 10

_OLD: Final = {"output_audio": "audio", "output_audio_transcript": "audio_transcript"}


class RealtimeClient(Client):
    """Whoever connected, and the conversation with them."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.session: Mapping[str, Any] = {}
        self.items: list[dict[str, Any]] = []
        """The conversation, as the server has it."""
        self.voice_bytes = 0
        """Of sound that was committed."""
        self._buffered = 0
        self._named = 0
        self._active = False

    @property
    def beta(self) -> bool:
        return "modalities" in self.session

    async def greet(self) -> None:
        if self.fake.way == "refuses":
            await self.send(_error("invalid_api_key", "Incorrect API key provided"))
            await self.connection.close()
        elif self.fake.way != "mute":
            await self.tell("session.created", session={"object": "realtime.session"})

    async def receive(self, message: str | bytes) -> None:
        fields = json.loads(message)
        match fields:
            case {"type": "session.update", "session": session}:
                self.session = session
                await self.tell("session.updated", session=session)
            case {"type": "conversation.item.create", "item": item}:
                self.items.append(item | {"id": self._name("item")})
            case {"type": "conversation.item.delete", "item_id": name}:
                self.items = [item for item in self.items if item["id"] != name]
            case {"type": "conversation.item.truncate"}:
                await self._truncate(fields)
            case {"type": "input_audio_buffer.append", "audio": audio}:
                self._buffered += len(base64.b64decode(audio))
            case {"type": "input_audio_buffer.commit"}:
                self.voice_bytes, self._buffered = self._buffered, 0
                heard = {"type": "input_text", "text": f"I heard {self.voice_bytes} bytes."}
                self.items.append({"id": self._name("item"), "role": "user", "content": [heard]})
            case {"type": "response.create"}:
                await self.answer(self._last_words(), json.dumps(self.items, ensure_ascii=False))
            case {"type": "response.cancel"} if self.fake.way != "deaf":
                await self._cancel(fields.get("event_id", ""))

    async def tell(self, kind: str, **fields: Any) -> None:
        if self.beta:
            for new, old in _OLD.items():
                kind = kind.replace(f"response.{new}.", f"response.{old}.")
        await self.send({"type": kind, "event_id": self._name("event"), **fields})

    async def perform(self, said: str) -> None:
        self._active = True
        item = {"id": self._name("item"), "role": "assistant", "text": "", "samples": 0}
        began = called = False
        async for step in self.fake.script(said):
            if not began and not isinstance(step, script.Odd):
                began = True
                await self.tell("response.created", response={"status": "in_progress"})
                self.items.append(item)
            if isinstance(step, script.Calls):
                if self.items[-2].get("type") == _RESULT:
                    continue  # it was called in the response before this one
                called = True
            elif called:
                await self._done()
                return
            await self._step(step, item)

    async def _step(self, step: script.Step, item: dict[str, Any]) -> None:
        match step:
            case script.Words(text, voiced):
                item["text"] += text
                await self._say(item, text, voiced=voiced)
            case script.Rubbish():
                await self.tell("response.output_audio.delta", item_id=item["id"], delta="%%%")
            case script.Odd():
                await self.send("[")
                await self.send({"temperature": 21.5})
            case script.Calls(tool, arguments):
                call = {"call_id": self._name("call"), "name": f"ring_{tool}"}
                given = {"arguments": json.dumps(dict(arguments))}
                await self.tell("response.function_call_arguments.done", **call, **given)
                done = {"type": "function_call", **call, **given}
                await self.tell("response.output_item.done", item=done)
            case script.Fails() if self.fake.way == "fails-open":
                self._active = False
                await self.send(_error("tts_error", "TTS generation failed"))
            case script.Fails():
                await self._done("failed", {"error": {"message": "out of memory"}})
            case script.Leaves():
                self.leave()
            case script.Ends():
                await self._done()

    async def _say(self, item: dict[str, Any], text: str, *, voiced: bool) -> None:
        wanted = self.session.get("output_modalities", self.session.get("modalities", ["audio"]))
        if "audio" not in wanted:
            await self.tell("response.output_text.delta", item_id=item["id"], delta=text)
            return
        for word in text.split(" "):
            if word:
                delta = f"{word} "
                await self.tell(
                    "response.output_audio_transcript.delta", item_id=item["id"], delta=delta
                )
        sound = _tone(len(text) * LETTER_MS) if voiced else b""
        for start in range(0, len(sound), 2 * CHUNK):
            data = base64.b64encode(sound[start : start + 2 * CHUNK]).decode()
            item["samples"] += len(sound[start : start + 2 * CHUNK]) // 2
            await self.tell("response.output_audio.delta", item_id=item["id"], delta=data)

    async def _done(self, status: str = "completed", details: object = None) -> None:
        self._active = False
        cost = {"input_tokens": 20, "output_tokens": 30}
        usage = cost | {"input_token_details": {"cached_tokens": 10}}
        response = {"status": status, "status_details": details, "usage": usage}
        await self.tell("response.done", response=response)

    async def _cancel(self, event_id: str) -> None:
        await self.stop()
        if self._active:
            await self._done("cancelled")
        elif self.fake.way != "fails-open":
            code = "response_cancel_not_active"
            await self.send(_error(code, "no active response found", event_id))

    async def _truncate(self, fields: Mapping[str, Any]) -> None:
        """Of the words it keeps as many as of the sound; the real one forgets all of them."""
        for item in self.items:
            if item["id"] == fields["item_id"]:
                length_ms = item["samples"] * 1000 // SOUND_HZ
                if fields["audio_end_ms"] > length_ms:
                    reason = f"audio of {length_ms} ms is already shorter"
                    await self.send(_error("invalid_value", reason, fields.get("event_id", "")))
                    return
                kept = len(item["text"]) * fields["audio_end_ms"] // max(1, length_ms)
                item["text"] = item["text"][:kept]
                await self.tell("conversation.item.truncated", item_id=item["id"])

    def _last_words(self) -> str:
        said = [item for item in self.items if item.get("role") == "user"]
        return str(said[-1]["content"][0]["text"]) if said else ""

    def _name(self, kind: str) -> str:
        self._named += 1
        return f"{kind}_{self._named}"


_RESULT: Final = "function_call_output"


class FakeRealtime(LiveFake):
    """LocalAI's port: of the servers of its kin that run at home."""

    companion: ClassVar[str] = "realtime"
    port: ClassVar[int] = 8080
    path: ClassVar[str] = "/v1/realtime"
    client: ClassVar[type[Client]] = RealtimeClient

    def settings(self) -> str:
        return f'{super().settings()}server = "localai"\n'


def _tone(length_ms: int) -> bytes:
    times = np.arange(SOUND_HZ * length_ms // 1000) / SOUND_HZ
    return (8000 * np.sin(2 * np.pi * TONE_HZ * times)).astype("<i2").tobytes()


def _error(code: str, message: str, event_id: str = "") -> dict[str, Any]:
    error = {"type": "invalid_request_error", "code": code, "message": message}
    return {"type": "error", "error": error | {"event_id": event_id or None}}
