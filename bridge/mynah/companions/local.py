"""A companion on this computer: a small language model, with no network and no account."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from mynah.companions.base import Capabilities, Said
from mynah.companions.history import BYTES_PER_TOKEN, tokens
from mynah.companions.mind import Mind, PlainMind
from mynah.companions.spoken import FewSentences, SpokenText
from mynah.config import Local
from mynah.errors import CompanionError, ModelError, UserError, WorkerError
from mynah.speech.models import find
from mynah.speech.worker import Worker

TOKEN_DEADLINE_S: Final = 30.0
"""For the first: 2000 tokens of a prompt take 8 s on two slow cores. Any other takes 12 ms."""

LONGEST_SAID_TOKENS: Final = 400
"""Two minutes of speech. Of more the model is told the end: its prompt has to have an end."""

MARGIN: Final = 1.5
"""Rare words, and other languages than English, have more tokens than are reckoned with."""


class LocalCompanion:
    """llama.cpp in a process of its own; what it says is short, because it is spoken."""

    free = True
    capabilities = Capabilities(touched=True)

    def __init__(self, settings: Local) -> None:
        check_installed()
        self._settings = settings
        self.mind: Mind = PlainMind(settings.persona, settings.context_tokens, small=True)
        self._model = model_file(find(settings.model))

    async def start(self) -> None:
        """Reads the persona too: the first words then come 0.6 s sooner."""
        prompt = self._prompt(Said("Hello.", "en"))
        await self._worker.ask({"tokens": 1}, prompt, deadline_s=TOKEN_DEADLINE_S)

    @cached_property
    def _worker(self) -> Worker:
        """Made when it is needed: how long a prompt can be depends on the mind."""
        settings = self._settings
        command = ["mynah.companions.llama_worker", str(self._model)]
        command += ["--threads", str(settings.threads), "--context", str(self._context())]
        command += ["--seed", str(settings.seed)]
        return Worker.of_module("the language model", *command)

    async def reply(self, said: Said) -> AsyncGenerator[str, None]:
        spoken = SpokenText("the language model")
        sentences = FewSentences(self._settings.sentences)
        async with aclosing(self._pieces(said)) as pieces:
            async for piece in pieces:
                if text := sentences.push(spoken.push(piece)):
                    yield text
                spoken.check()
                if sentences.full:
                    return
        if rest := spoken.flush():
            yield rest

    def heard(self, said: Said, text: str) -> None:
        self.mind.heard(said, text)

    async def close(self) -> None:
        await self._worker.stop()

    async def _pieces(self, said: Said) -> AsyncGenerator[str, None]:
        fields = {"tokens": self._settings.answer_tokens}
        prompt = self._prompt(said)
        try:
            replies = self._worker.stream(fields, prompt, deadline_s=TOKEN_DEADLINE_S)
            async with aclosing(replies):
                async for reply in replies:
                    if "error" in reply.fields:
                        raise self._refused(reply.fields["error"])
                    yield reply.fields["text"]
        except WorkerError as error:
            raise CompanionError(f"{error}; say it again") from error

    def _refused(self, reason: str) -> CompanionError:
        # Most likely the prompt is too long for the model; a shorter one must be next.
        self.mind.forget()
        return CompanionError(f"the language model refused: {reason}; say it again")

    def _prompt(self, said: Said) -> bytes:
        letters = said.text[-LONGEST_SAID_TOKENS * BYTES_PER_TOKEN :]
        return json.dumps(self.mind.chat(replace(said, text=letters)).messages()).encode()

    def _context(self) -> int:
        chat = self.mind.chat(Said("", "en")).messages()
        opening = sum(tokens(each["content"]) for each in chat)
        prompt = opening + self._settings.context_tokens + LONGEST_SAID_TOKENS
        return round(prompt * MARGIN) + self._settings.answer_tokens


def check_installed() -> None:
    """UserError without llama.cpp, which is an extra."""
    if find_spec("xllamacpp") is None:
        raise UserError(
            "companion local needs xllamacpp; run `make setup`, or take --companion parrot"
        )


def model_file(model: Path) -> Path:
    """The .gguf file itself, or the only one in its folder."""
    files = sorted(model.glob("*.gguf")) if model.is_dir() else [model]
    if len(files) != 1:
        raise ModelError(f"{model} holds {len(files)} .gguf models; name the file of one")
    return files[0]
