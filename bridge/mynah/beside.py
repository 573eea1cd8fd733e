"""Several rings beside each other: what each has of its own, and how one view shows them all."""

import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, fields

from mynah.companions import Companion
from mynah.link.client import monotonic_ms
from mynah.occasions import Occasions
from mynah.speech.asr import WhisperTranscriber
from mynah.stages import Stages
from mynah.turn.glimpse import Glimpse
from mynah.turn.machine import State
from mynah.turn.record import TurnRecord
from mynah.view import View

_logger = logging.getLogger(__name__)


@dataclass(slots=True)
class SharedStages(Stages):
    """One wearer's: their own companion and habits, the same models as the others'."""

    tenants: set[int] = field(default_factory=set)
    """Who still uses the models; the last to go ends them."""

    async def stop(self) -> None:
        self.tenants.discard(id(self))
        if not self.tenants:
            await Stages.stop(self)
            return
        try:
            await self.companion.close()
        except Exception as error:  # noqa: BLE001 - a stranger's code, and it is over
            _logger.warning("the companion did not close: %r", error)


def several(stages: Stages, companions: Sequence[Companion]) -> list[Stages]:
    """For so many wearers; of one alone, the stages themselves."""
    if len(companions) == 1:
        return [stages]
    named = {each.name: getattr(stages, each.name) for each in fields(Stages) if each.init}
    tenants: set[int] = set()
    every: list[Stages] = []
    for companion in companions:
        transcriber = stages.transcriber
        if every and isinstance(transcriber, WhisperTranscriber):
            transcriber = transcriber.beside()
        own = {"companion": companion, "transcriber": transcriber, "tenants": tenants}
        own["occasions"] = Occasions(monotonic_ms)
        one = SharedStages(**named | own)
        tenants.add(id(one))
        every.append(one)
    return every


class Beside:
    """One view of several rings: lines say whose they are; one ring at a time has the rest."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._shown = ""

    def of(self, name: str) -> View:
        """What that ring is shown with."""
        return _Of(self, self._view, name)

    def may_show(self, name: str, glimpse: Glimpse | None) -> bool:
        """Whoever began to talk last; else whoever was shown before."""
        busy = glimpse is not None and glimpse.state is not State.LISTENING
        if busy or not self._shown:
            self._shown = name
        return self._shown == name


class _Of(View):
    def __init__(self, beside: Beside, view: View, name: str) -> None:
        self._beside = beside
        self._view = view
        self._name = name
        self.shows_captions = view.shows_captions
        self.shows_words = view.shows_words

    def busy(self, what: str) -> AbstractContextManager[object]:
        return self._view.busy(what)  # it names the ring

    def show(self, glimpse: Glimpse | None, ring: str, hint: str) -> None:
        if self._beside.may_show(self._name, glimpse):
            self._view.show(glimpse, ring, hint)

    def turn(self, record: TurnRecord, companion: str) -> None:
        if self.shows_words or record.error:
            self._view.tell(f"{self._name}:")
        self._view.turn(record, companion)

    def tell(self, text: str) -> None:
        self._view.tell(f"{self._name}: {text}")

    def trouble(self, text: str) -> None:
        self._view.trouble(f"{self._name}: {text}")
