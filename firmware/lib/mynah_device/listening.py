"""The microphone's life as the link sees it: START, END, and what becomes of the talk."""

from mynah_wire import uplink
from mynah_wire.codecs import IMA_ADPCM

from . import talk
from .said import Said
from .session import Identity, Session
from .talk import Talk
from .telling import Telling

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable


class Listening:
    """Between the microphone, the talk it belongs to, and what is said in it."""

    def __init__(
        self,
        identity: Identity,
        session: Session,
        talk: Talk,
        said: Said,
        telling: Telling,
        on_over: "Callable[[], None]",
    ) -> None:
        """`on_over()` is called when the last word about a stream has been told."""
        self.overruns = 0  # frames the microphone lost
        self._identity = identity
        self._session = session
        self._talk = talk
        self._said = said
        self._telling = telling
        self._on_over = on_over
        self._hears = False  # the microphone has started

    def started(self, at_ms: int) -> None:
        """The first sample is of then."""
        self._hears = True
        stream, said = self._talk.stream, self._said
        said.begin(stream, IMA_ADPCM, at_ms, self._session.proven)
        if said.is_live:
            self._telling.tell_in_place(uplink.Start(stream, IMA_ADPCM, self._talk.cause, at_ms))

    def stopped(self, frames: int, lost: int, now_ms: int) -> "list[tuple[str, object]]":
        """It is closed, or never opened."""
        if not self._hears:
            self.started(now_ms)  # the stream is told all the same
        self._hears = False
        self.overruns += lost
        ended, said = self._talk, self._said
        if ended.state != talk.CLOSING:
            ended.handle(talk.LIMIT, now_ms)  # the microphone failed: cut
        was_live = said.is_live
        dropped = said.finish(ended.verdict, frames, lost, now_ms, self._session.proven)
        if was_live:
            end = uplink.End(ended.stream, ended.verdict, frames, dropped, ended.ended_ms)
            self._telling.tell_in_place(end)
        self._on_over()
        todo = self._begin_anew() if ended.stream == talk.LAST_STREAM else []
        return todo + ended.handle(talk.STOPPED, now_ms)

    def _begin_anew(self) -> "list[tuple[str, object]]":
        """Stream ids are used up: count them under another boot id, which READY must tell."""
        identity = self._identity
        identity.boot_id = self._said.boot_id = int.from_bytes(identity.random(4), "little")
        self._telling.outbox.forget()
        self._said.cut()
        return self._session.hang_up()
