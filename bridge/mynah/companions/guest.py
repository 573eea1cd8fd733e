"""A companion as its author wrote it, with what they left out."""

import logging
from collections.abc import AsyncGenerator, Coroutine, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, Final

import numpy as np

from mynah.audio import Samples
from mynah.companions.base import (
    Act,
    Begin,
    Capabilities,
    Emotion,
    Instead,
    Piece,
    Reasoning,
    Reply,
    Said,
    Sound,
    ToolCall,
    Touch,
    Usage,
)
from mynah.companions.mind import Mind
from mynah.companions.plausible import PlausibleText
from mynah.errors import CompanionError, MynahError

_logger = logging.getLogger(__name__)

_SILENT: Final = (Emotion, Act, Reasoning, ToolCall, Usage, Instead)


class Guest:
    """Has all that a Companion has; what the author's class lacks does nothing."""

    def __init__(self, name: str, companion: Any) -> None:
        self.name = name
        self.companion = companion

    @property
    def free(self) -> bool:
        return bool(getattr(self.companion, "free", False))

    @property
    def capabilities(self) -> Capabilities:
        found = getattr(self.companion, "capabilities", None)
        return found if isinstance(found, Capabilities) else Capabilities()

    def inhabit(self, mind: Mind) -> bool:
        """Give a mind to a companion that has one; False if it has none."""
        has = hasattr(self.companion, "mind")
        if has:
            self.companion.mind = mind
        return has

    async def start(self) -> None:
        if not hasattr(self.companion, "start"):
            return
        try:
            await self.companion.start()
        except MynahError:
            raise
        except Exception as error:  # a stranger's code: anything may come out of it
            raise CompanionError(f"companion {self.name} can't start: {error!r}") from error

    def reply(self, said: Said) -> Reply:
        """Whatever it writes, what comes out is pieces: nobody after this has to ask again."""
        answer = self.companion.reply(said)
        if isinstance(answer, AsyncGenerator):
            return self._plausible(answer)
        if isinstance(answer, Coroutine):
            answer.close()  # it would complain that nobody awaited it
        raise CompanionError(
            f"companion {self.name}: reply has to be `async def` with `yield` in it; "
            f"it returned a {type(answer).__name__}",
            retryable=False,
        )

    async def _plausible(self, answer: AsyncGenerator[Any, None]) -> Reply:
        text = PlausibleText(f"companion {self.name}")
        async with aclosing(answer):
            async for piece in answer:
                yield self._piece(piece, text)
                text.check()
        if rest := text.flush():
            yield rest

    def _piece(self, piece: object, text: PlausibleText) -> Piece:
        if isinstance(piece, str):
            return text.push(piece)
        if isinstance(piece, Sound):
            return Sound(self._samples(piece.samples), text.push(piece.text))
        if isinstance(piece, _SILENT):
            return piece
        raise CompanionError(f"companion {self.name} said {piece!r}, which is not text")

    def _samples(self, samples: object) -> Samples:
        if isinstance(samples, np.ndarray) and samples.dtype == np.int16 and samples.ndim == 1:
            return samples
        raise CompanionError(
            f"companion {self.name}: a Sound has to be a row of 16-bit numbers, 16,000 a second"
        )

    async def cancel(self, heard_text: str, heard_ms: int) -> None:
        if hasattr(self.companion, "cancel"):
            with self._forgiven("be interrupted"):
                await self.companion.cancel(heard_text, heard_ms)

    def heard(self, said: Said, text: str) -> None:
        if hasattr(self.companion, "heard"):
            with self._forgiven("take what was heard"):
                self.companion.heard(said, text)

    def notify(self, touch: Touch) -> Reply | None:
        if not hasattr(self.companion, "notify"):
            return None
        with self._forgiven("take a touch"):
            answer = self.companion.notify(touch)
            return None if answer is None else self._plausible(answer)
        return None

    def on_proactive(self, begin: Begin) -> None:
        if hasattr(self.companion, "on_proactive"):
            with self._forgiven("listen for who begins"):
                self.companion.on_proactive(lambda answer: begin(self._plausible(answer)))

    async def close(self) -> None:
        await self.companion.close()

    @contextmanager
    def _forgiven(self, what: str) -> Iterator[None]:
        """What a stranger's code fails at besides answering must not cost the next turn."""
        try:
            yield
        except Exception as error:  # noqa: BLE001
            # Only its kind: the message may hold what was said.
            _logger.error(  # noqa: TRY400
                "companion %s did not %s: %s", self.name, what, type(error).__name__
            )
