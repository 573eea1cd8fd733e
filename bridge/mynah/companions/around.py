"""Another companion, as it is: what something changes about it overrides a method of this."""

from mynah.companions.base import Begin, Capabilities, Companion, Reply, Said, Touch


class Around:
    """Passes everything on."""

    def __init__(self, companion: Companion) -> None:
        self.companion = companion

    @property
    def free(self) -> bool:
        return self.companion.free

    @property
    def capabilities(self) -> Capabilities:
        return self.companion.capabilities

    async def start(self) -> None:
        await self.companion.start()

    def reply(self, said: Said) -> Reply:
        return self.companion.reply(said)

    async def cancel(self, heard_text: str, heard_ms: int) -> None:
        await self.companion.cancel(heard_text, heard_ms)

    def heard(self, said: Said, text: str) -> None:
        self.companion.heard(said, text)

    def notify(self, touch: Touch) -> Reply | None:
        return self.companion.notify(touch)

    def on_proactive(self, begin: Begin) -> None:
        self.companion.on_proactive(begin)

    async def close(self) -> None:
        await self.companion.close()
