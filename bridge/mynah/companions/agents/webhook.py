"""The companion `webhook`: any address that takes a turn as JSON and answers in JSON."""

from contextlib import aclosing
from typing import Any, Final

from mynah.companions.agents.own_backend import OwnSettings, touch_of, turn_of
from mynah.companions.base import Capabilities, Reply, Said, Touch
from mynah.companions.reaching.backend_http import EVENTS, LINES, WHOLE, HttpBackend
from mynah.companions.reaching.backend_trouble import Trouble
from mynah.companions.reaching.objects import object_in, step_of
from mynah.companions.reaching.openai_http import key_of, key_variable
from mynah.companions.reaching.sections import ANYWHERE, section, where, with_scheme
from mynah.companions.reaching.steps import Step, answer
from mynah.companions.reaching.unheard import Unheard

NAME: Final = "webhook"

KINDS: Final = LINES | {EVENTS, WHOLE}
"""An object, or several: an event or a line each, and the last of them is the end."""

DONE: Final = "[DONE]"


class Webhook:
    """Posts one turn; whoever takes it keeps the conversation."""

    capabilities = Capabilities(
        memory="server", cancel="close", feels=True, thinks=True, tools=True, touched=True
    )

    def __init__(self, **table: Any) -> None:
        self._settings = section(OwnSettings, NAME, table)
        url, key = self._settings.url, key_of(NAME, self._settings.key.get_secret_value(), ANYWHERE)
        self._trouble = Trouble(
            NAME, where(url), self._settings.wait_s, key=key, variable=key_variable(NAME)
        )
        self._backend = HttpBackend(with_scheme(url, socket=False), key, self._trouble)
        self._unheard = Unheard(self._settings.interrupted)

    def reply(self, said: Said) -> Reply:
        return self._turn(turn_of(said, self._settings, self._unheard))

    def notify(self, touch: Touch) -> Reply | None:
        """It may answer, or send an object that says nothing."""
        return self._answer(touch_of(touch, self._settings))

    async def cancel(self, heard_text: str, heard_ms: int) -> None:  # noqa: ARG002
        self._unheard.cancelled(heard_text)

    def heard(self, said: Said, text: str) -> None:  # noqa: ARG002
        self._unheard.heard(text)

    async def close(self) -> None:
        await self._backend.close()

    async def _turn(self, turn: dict[str, Any]) -> Reply:
        with self._unheard.asking():
            async with aclosing(self._answer(turn)) as pieces:
                async for piece in pieces:
                    yield piece

    def _answer(self, turn: dict[str, Any]) -> Reply:
        frames = self._backend.frames("", lambda: turn, KINDS)
        return answer(frames, _read, self._trouble, open_end=True)


def _read(data: str) -> Step | None:
    if data.strip() == DONE:
        return Step(done=True)
    fields = object_in(data)
    return None if fields is None else step_of(fields)
