"""The speaker's side of a conversation: what sounds is told to the turns, and done as they want."""

from collections.abc import Callable
from typing import TypeAlias

from mynah.audio.speaker import Played, Speaker
from mynah.companions.base import Act
from mynah.errors import SoundCardError, one_line
from mynah.link.client import RingClient
from mynah.reporting import Reporting
from mynah.stages import Stages
from mynah.turn import events
from mynah.turn.answer import Answer
from mynah.turn.reply import Reply
from mynah_wire.uplink import DONE, FLUSHED, PLAYING, STARTED, Cursor

Handle: TypeAlias = Callable[[events.Event], None]


class Playing:
    """Of one connection."""

    def __init__(
        self,
        ring: RingClient,
        reporting: Reporting,
        handle: Handle,
        answer: Callable[[], Answer | None],
    ) -> None:
        """`answer` is the turn in hand."""
        self.speaker: Speaker | None = None
        """None until the ring has told what it can do."""
        self._ring = ring
        self._reporting = reporting
        self._handle = handle
        self._answer = answer
        self._play: Callable[[Act], object] = lambda _act: None

    def open(self, stages: Stages) -> None:
        """The ring has told what it can do."""
        self.speaker = stages.open_speaker(self._ring, self._played)
        self._play = stages.open_acts(self._ring)

    async def close(self) -> None:
        """Nothing sounds any more."""
        if self.speaker is not None:
            await self.speaker.close()

    def move(self, cursor: Cursor, *, dated: bool = True) -> None:
        """The speaker is further on; `dated` if it is known when."""
        answer = self._answer()
        if self._reporting.move(cursor) or answer is None or answer.reply.id != cursor.reply:
            return
        started = answer.reply.played is None and cursor.state in (STARTED, PLAYING)
        if started and dated:
            answer.start(cursor)
        answer.reply.move(cursor)
        self.feel(answer.reply)
        event: events.Event = events.ReplyProgressed(answer.turn)
        if started:
            event = events.ReplyStarted(answer.turn)
        elif cursor.state in (DONE, FLUSHED):
            event = events.ReplyEnded(answer.turn, whole=cursor.state == DONE)
        self._handle(event)

    def feel(self, reply: Reply) -> None:
        """The ring does what the words have come to."""
        for act in reply.due():
            self._play(act)

    def touch(self) -> bool:
        """A press: the ring's own speaker stops by itself; this computer's, and True, has to be."""
        answer = self._answer()
        if self.speaker is None or self.speaker.stops_itself or answer is None:
            return False
        self.speaker.flush(answer.reply.id)
        return True

    def stop(self) -> None:
        """Whatever sounds of the answer falls silent."""
        answer = self._answer()
        if answer is not None and self.speaker is not None:
            self.speaker.flush(answer.reply.id)

    def disturb(self, action: events.Duck | events.Hold | events.Resume) -> None:
        """Somebody speaks beside the reply, or did."""
        answer, speaker = self._answer(), self.speaker
        if answer is None or speaker is None:
            return
        if isinstance(action, events.Duck):
            speaker.duck(answer.reply.id)
        elif isinstance(action, events.Hold):
            speaker.pause(answer.reply.id)
        else:
            speaker.resume(answer.reply.id)

    def _played(self, news: Played | SoundCardError) -> None:
        """A speaker of this computer told how far it is, or that it can't go on."""
        answer = self._answer()
        if isinstance(news, Played):
            at_ms = self._ring.session.clock.ring_ms(news.at_ms)
            cursor = Cursor(news.reply, news.state, news.samples, at_ms or 0)
            self.move(cursor, dated=at_ms is not None)
        elif answer is not None and answer.committed_ms is not None:
            self._handle(events.AnswerFailed(answer.turn, one_line(news)))
