"""The companion's answer as text for another program: one at a time, and told what was read."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from mynah.characters.language import language_of
from mynah.companions.base import Said, Sound, Usage
from mynah.serving.services import Services


class Asked:
    """One answer; iterate `text` once."""

    def __init__(self, services: Services, words: str) -> None:
        self._services = services
        self._said = Said(words, language_of(words) or services.names.written)
        self.usage: Usage | None = None
        """What it cost, where the companion tells."""

    async def text(self) -> AsyncGenerator[str, None]:
        """What is to be spoken. Reasoning, moods and acts are nobody else's business.

        Closed before its end, whoever read it has read so much, and the companion is told.
        """
        companion = self._services.companion
        async with self._services.asked:
            if not self._services.started:
                await companion.start()
                self._services.started = True
            read: list[str] = []
            done = False
            try:
                async with aclosing(companion.reply(self._said)) as pieces:
                    async for piece in pieces:
                        if isinstance(piece, Usage):
                            self.usage = piece
                        words = piece.text if isinstance(piece, Sound) else piece
                        if isinstance(words, str) and words:
                            read.append(words)
                            yield words
                done = True
            finally:
                heard = "".join(read)
                if not done:
                    await companion.cancel(heard, 0)
                companion.heard(self._said, heard)
