"""What a host has the ring keep and forget: settings, programs, reflexes, all that was said."""

from mynah_wire import uplink
from mynah_wire.downlink import VOLUME, Program, Reflex, Setting

from . import actions
from .acting import Acting
from .playback import Playback
from .said import Said
from .settings import Settings

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

    from mynah_wire.message import Message

ORDERS = (Setting, Program, Reflex)


class Keeping:
    """Between the host's wishes and what is to be written to where it needs no power."""

    def __init__(
        self,
        settings: Settings,
        acting: Acting,
        playback: Playback,
        said: Said,
        tell: "Callable[[Message], None]",
    ) -> None:
        self._settings = settings
        self._acting = acting
        self._playback = playback
        self._said = said
        self._tell = tell
        self._forgetting: "int | None" = None  # the token of a FORGET that is not done
        playback.set_volume(settings.get(VOLUME))

    def obey(self, order: "Message") -> "list[tuple[str, object]]":
        """One of ORDERS."""
        kept: "tuple[str, object] | None" = None
        if isinstance(order, Setting):
            kept = self._settings.change(order.setting, order.value)
            self._playback.set_volume(self._settings.get(VOLUME))
        elif isinstance(order, (Program, Reflex)):
            kept = self._acting.keep(order)
        return [] if kept is None else [(actions.SAVE, kept)]

    def forget(self, token: int, key: "bytes | None", now_ms: int) -> "list[tuple[str, object]]":
        """All of it, for the owner of this key; FORGOTTEN is told when it is done."""
        todo = self.forget_all(key, now_ms)
        self._forgetting = token
        self.tell_forgotten()
        return todo

    def forget_all(self, key: "bytes | None", now_ms: int) -> "list[tuple[str, object]]":
        """The same, for whoever has this key from now on; nobody is told."""
        self._settings.forget()
        self._playback.set_volume(self._settings.get(VOLUME))
        self._acting.stop(now_ms)
        self._acting.forget()
        self._said.wipe(key)
        return [(actions.FORGET, None)]

    def tell_forgotten(self) -> None:
        """If the flash has done it, or could not."""
        token, saving = self._forgetting, self._said.saving
        if token is not None and not saving.wipes:
            self._forgetting = None
            verdict = uplink.NOT_FORGOTTEN if saving.failed else uplink.FORGOTTEN
            self._tell(uplink.Forgotten(token, verdict))
