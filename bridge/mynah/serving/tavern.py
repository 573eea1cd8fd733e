"""The companion `sillytavern`: whoever is on the screen of the SillyTavern in the browser."""

from contextlib import aclosing

from mynah.companions.base import Begin, Capabilities, Reply, Said, Touch
from mynah.companions.plausible import PlausibleText
from mynah.serving.tabs import TABS, Tabs


class SillyTavernCompanion:
    """Needs its tab to be open; whether it is, it finds out when it is asked."""

    capabilities = Capabilities(
        memory="server", cancel="truncate", feels=True, touched=True, proactive=True
    )

    def __init__(self, tabs: Tabs = TABS) -> None:
        self._tabs = tabs
        self._last = ""
        self._unanswered = ""  # the turn that is not over yet, by its id

    async def reply(self, said: Said) -> Reply:
        text = PlausibleText("the companion sillytavern")
        self._last, answer = await self._tabs.ask(said, self._unanswered)
        self._unanswered = self._last
        async with aclosing(answer):
            async for piece in answer:
                yield text.push(piece) if isinstance(piece, str) else piece
                text.check()
        if rest := text.flush():
            yield rest

    async def cancel(self, heard_text: str, heard_ms: int) -> None:
        """The message in SillyTavern is cut to what was heard."""
        del heard_ms
        if self._tabs.tab is not None and self._last:
            self._tabs.tab.post(op="stop", id=self._last, heard=heard_text)

    def heard(self, said: Said, text: str) -> None:
        """SillyTavern has the conversation; but this turn of it is over."""
        del said, text
        self._unanswered = ""

    def notify(self, touch: Touch) -> Reply | None:
        """Told in the next prompt; SillyTavern may begin to answer by itself."""
        if self._tabs.tab is not None:
            self._tabs.tab.post(op="event", kind=touch.name, line=touch.line)
        return None

    def on_proactive(self, begin: Begin) -> None:
        self._tabs.begin = begin

    async def close(self) -> None:
        self._tabs.begin = None
