"""The parrot says it back: no model, no network, and every word of it can be checked."""

from collections.abc import AsyncGenerator

from mynah.companions.base import Capabilities, Said


class Parrot:
    """Streams the wearer's own words, one by one, as a language model would."""

    free = True
    capabilities = Capabilities(memory="none")

    async def reply(self, said: Said) -> AsyncGenerator[str, None]:
        for word in said.text.split():
            yield word + " "

    async def close(self) -> None:
        """There is nothing to close."""
