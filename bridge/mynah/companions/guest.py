"""A companion as its author wrote it, with what they left out."""

import logging
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing
from typing import Any

from mynah.companions.base import Said
from mynah.companions.plausible import PlausibleText
from mynah.errors import CompanionError, MynahError

_logger = logging.getLogger(__name__)


class Guest:
    """Has all that a Companion has; what the author's class lacks does nothing."""

    def __init__(self, name: str, companion: Any) -> None:
        self.name = name
        self.companion = companion

    @property
    def free(self) -> bool:
        return bool(getattr(self.companion, "free", False))

    async def start(self) -> None:
        if not hasattr(self.companion, "start"):
            return
        try:
            await self.companion.start()
        except MynahError:
            raise
        except Exception as error:  # a stranger's code: anything may come out of it
            raise CompanionError(f"companion {self.name} can't start: {error!r}") from error

    def reply(self, said: Said) -> AsyncGenerator[str, None]:
        """Whatever it writes, what comes out is text: nobody after this has to ask again."""
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

    async def _plausible(self, answer: AsyncGenerator[Any, None]) -> AsyncGenerator[str, None]:
        text = PlausibleText(f"companion {self.name}")
        async with aclosing(answer):
            async for piece in answer:
                yield text.push(piece) if isinstance(piece, str) else piece
                text.check()
        if rest := text.flush():
            yield rest

    def heard(self, said: Said, text: str) -> None:
        if not hasattr(self.companion, "heard"):
            return
        try:
            self.companion.heard(said, text)
        except Exception as error:  # noqa: BLE001 - the turn is over: it must not cost the next
            # Only its kind: the message may hold what was said.
            _logger.error(  # noqa: TRY400
                "companion %s did not take what was heard: %s", self.name, type(error).__name__
            )

    async def close(self) -> None:
        await self.companion.close()
