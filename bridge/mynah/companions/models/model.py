"""A companion that is a language model behind HTTP, whichever way its server speaks."""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Final

from mynah.companions.base import Capabilities, Piece, Reasoning, Said
from mynah.companions.mind import Mind, PlainMind
from mynah.companions.models.asking import Asking
from mynah.companions.models.learned import note, with_known
from mynah.companions.models.openai_trouble import Trouble
from mynah.companions.models.quirks import Quirks
from mynah.companions.models.wire import Chunk, Wire, Wish
from mynah.companions.plausible import PlausibleText
from mynah.companions.reaching.openai_http import is_this_computer
from mynah.companions.thoughts import Part, Thoughts
from mynah.config import OpenAI
from mynah.errors import CompanionError

_THINKERS: Final = re.compile(
    r"\br1\b|qwq|think|(?<!non-)reason|magistral|nemotron|qwen-?3|glm-4\.[5-9]", re.IGNORECASE
)
"""Models, by their names, whose templates may open the thoughts in the prompt. Until one was heard,
nothing of its answer is spoken before it is clear that it is no thought."""


_TOO_LONG: Final = re.compile(
    r"context.{0,20}(length|size|window)|too many tokens|too long", re.IGNORECASE
)
"""What servers say of a chat that is more than the model can hold: less is told the next time."""


class ModelCompanion:
    """Is told everything in each turn, and stopped by hanging up."""

    def __init__(
        self, settings: OpenAI, key: str, wire: Wire, quirks: Quirks, trouble: Trouble
    ) -> None:
        self.mind: Mind = PlainMind(settings.persona, settings.context_tokens)
        self.tools: tuple[Mapping[str, Any], ...] = ()
        """What it may call, as its server wants tools described."""
        self.keyless = False
        """There is no key, and its server answers nobody without one."""
        self._settings = settings
        self._trouble = trouble
        quirks = with_known(quirks, settings.base_url, settings.model)
        self._asking = Asking(wire, settings.base_url, key, quirks, trouble, settings.wait_s)

    @property
    def free(self) -> bool:
        """On this computer nobody is paid."""
        return is_this_computer(self._settings.base_url)

    @property
    def capabilities(self) -> Capabilities:
        quirks = self._asking.quirks
        return Capabilities(
            cancel="call" if quirks.abort else "close",
            thinks=True,
            tools=bool(self.tools) and quirks.tools,
            counts=quirks.usage,
        )

    async def start(self) -> None:
        """A model of one's own that sleeps on a disk is woken; nobody is paid for anything."""
        if self.free:
            await self._asking.warm(self._wish())

    async def reply(self, said: Said) -> AsyncGenerator[Piece, None]:
        if self.keyless:
            raise self._trouble.no_key()
        words = _Words(self._trouble.whose, doubt=self._doubtful())
        cut = came = False
        try:
            async with aclosing(self._asking.answer(self.mind.chat(said), self._wish())) as chunks:
                async for chunk in chunks:
                    cut, came = cut or chunk.cut, True
                    for piece in (*words.push(chunk), *chunk.calls):
                        yield piece
                    words.check()
                    if chunk.usage is not None:
                        self.mind.used(chunk.usage)
                        yield chunk.usage
        except CompanionError as error:
            if not came:
                self.mind.refused()
            if _TOO_LONG.search(str(error)):
                self.mind.forget()
            raise
        for piece in words.end(cut=cut):
            yield piece
        self._note(words.unopened)
        if cut and not words.spoke:
            raise self._trouble.only_thought()

    def heard(self, said: Said, text: str) -> None:
        self.mind.heard(said, text)

    async def close(self) -> None:
        await self._asking.close()

    def _wish(self) -> Wish:
        settings = self._settings
        return Wish(
            settings.model,
            settings.answer_tokens,
            settings.temperature,
            tuple(getattr(settings, "stop", ())),
            self.tools,
            getattr(settings, "extra", {}),
        )

    def _doubtful(self) -> bool:
        unopened = self._asking.quirks.unopened
        return bool(_THINKERS.search(self._settings.model)) if unopened is None else unopened

    def _note(self, unopened: bool | None) -> None:  # noqa: FBT001 - as it was found
        """Whether this model's thoughts begin without a tag: the next answer is read so."""
        asking, settings = self._asking, self._settings
        if unopened is None or asking.quirks.unopened in {True, unopened}:
            return  # one that did so once may do so again
        asking.quirks = asking.quirks.but(unopened=unopened)
        note(settings.base_url, settings.model, {"unopened": unopened})


class _Words:
    """What of one answer is spoken, and what only thought."""

    def __init__(self, whose: str, *, doubt: bool) -> None:
        self._thoughts = Thoughts(doubt=doubt)
        self._text = PlausibleText(whose)
        self.spoke = False

    @property
    def unopened(self) -> bool | None:
        """Whether it began with thoughts that nothing marked; None if nobody knows."""
        return self._thoughts.unopened

    def push(self, chunk: Chunk) -> list[Piece]:
        self.spoke = self.spoke or bool(chunk.calls)
        if not chunk.thought:
            return self._sorted(self._thoughts.push(chunk.text))
        # A server that tells thoughts apart leaves none among the words.
        trusted = self._sorted([*self._thoughts.trust(), *self._thoughts.push(chunk.text)])
        return [Reasoning(chunk.thought), *trusted]

    def end(self, *, cut: bool) -> list[Piece]:
        """What was held back."""
        pieces = self._sorted(self._thoughts.flush(cut=cut))
        rest = self._text.flush()
        return [*pieces, rest] if rest else pieces

    def check(self) -> None:
        """CompanionError if there was too much of anything."""
        self._text.check()

    def _sorted(self, parts: list[Part]) -> list[Piece]:
        pieces = [self._text.push(part) if isinstance(part, str) else part for part in parts]
        self.spoke = self.spoke or any(isinstance(each, str) and each.strip() for each in pieces)
        return [piece for piece in pieces if piece]
