"""A conversation at one place that outlives its connections, until the ring stays away."""

import asyncio
from collections.abc import Callable
from typing import Final

from mynah.conversing import conversing
from mynah.errors import DeviceError, LinkError, MynahError, innermost
from mynah.link.place import Place
from mynah.link.trouble import TROUBLES, kind_of
from mynah.stages import Stages
from mynah.turn.record import TurnRecord
from mynah.view import View

AWAY_S: Final = 20.0
"""A ring that boots, or a radio that is back, is found within three."""

AGAIN_S: Final = 0.1
"""Between two attempts; each takes as long as the ring needs to be heard."""


class Returning:
    """Keep `run` going; `ready` is set while there is a conversation."""

    def __init__(
        self,
        place: Place,
        stages: Stages,
        on_turn: Callable[[TurnRecord], None],
        view: View,
        away_s: float = AWAY_S,
    ) -> None:
        self._place = place
        self._stages = stages
        self._on_turn = on_turn
        self._view = view
        self._away_s = away_s
        self.ready = asyncio.Event()
        self.losses = 0
        """How often a conversation was lost."""

    async def run(self, *, patient: bool = False) -> None:
        """Until cancelled; a ring that stays away is raised as what it was lost by.

        Whoever is patient looks for it as long when it is not there at first.
        """
        away: Exception | None = None  # since this was raised
        until_s = self._deadline_s() if patient else None
        while True:
            losses = self.losses
            error = await self._converse(until_s)
            if self.losses != losses:  # it was there, and went
                away, until_s = error, self._deadline_s()
                self._view.show(None, "the ring is out of reach", "")
            if not _passes(error):
                raise error
            away = away or error
            if until_s is None or asyncio.get_running_loop().time() >= until_s:
                raise away
            await asyncio.sleep(AGAIN_S)

    def _deadline_s(self) -> float:
        return asyncio.get_running_loop().time() + self._away_s

    async def _converse(self, until_s: float | None) -> Exception:
        """One connection, which has to be there by then; why it ended, or did not begin."""
        try:
            async with (
                asyncio.timeout_at(until_s) as patience,
                conversing(self._place, self._stages, self._on_turn, self._view) as running,
            ):
                patience.reschedule(None)
                self.ready.set()
                await running
        except (LinkError, DeviceError) as error:
            return error
        except TimeoutError:
            return LinkError("the ring stays away")
        except ExceptionGroup as group:
            inner = innermost(group)
            if isinstance(inner, LinkError | DeviceError):
                return inner
            raise
        finally:
            self.losses += self.ready.is_set()
            self.ready.clear()
        return MynahError("the conversation ended by itself")


def _passes(error: Exception) -> bool:
    """Whether it may be over by itself, with nobody's help."""
    trouble = TROUBLES[kind_of(error)]
    return trouble.first_ms < trouble.most_ms
