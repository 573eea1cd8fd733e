"""What becomes of a turn that is over: once its reply has faded, all who ask are told."""

import asyncio
from collections.abc import Callable
from typing import Final

from mynah.answering import NOTHING_HEARD
from mynah.inbox.late import iso
from mynah.inbox.mail import Mail
from mynah.inbox.wants import Report
from mynah.lag import Lag
from mynah.link.client import RingClient
from mynah.stages import Stages
from mynah.turn.answer import Answer
from mynah.turn.record import TurnRecord
from mynah.turn.tape import Tape
from mynah_wire.uplink import DONE, FLUSHED, Cursor

FADE_S: Final = 0.5
"""A stopped reply's last cursor comes within a round trip; then what was heard is known exactly."""

KEPT: Final = "what was said is kept, and will be answered"
PUT_OFF: Final = "more was said before this was answered, and both are too long for one answer"


class Reporting:
    """Of one connection."""

    def __init__(
        self,
        ring: RingClient,
        stages: Stages,
        mail: Mail,
        tape: Tape,
        lag: Lag,
        on_turn: Callable[[TurnRecord], None],
    ) -> None:
        """`on_turn` is told each turn; `tape` has what happened in it."""
        self._ring = ring
        self._stages = stages
        self._mail = mail
        mail.on_lost = self._lost
        self._tape = tape
        self._lag = lag
        self._on_turn = on_turn
        # By reply id, until the last cursor; with why the turn had no whole answer, and whether
        # it is wanted again if nothing of its answer was heard.
        self._fading: dict[int, tuple[Answer, str | None, bool]] = {}

    def close(self, answer: Answer, error: str | None, *, cut_off: bool) -> None:
        """A turn is over; `cut_off` if nobody meant it to be."""
        self._fading[answer.reply.id] = answer, error, cut_off
        if answer.reply.sounds:
            asyncio.get_running_loop().call_later(FADE_S, self._report, answer.reply.id)
        else:
            self._report(answer.reply.id)

    def move(self, cursor: Cursor) -> bool:
        """A speaker is further on; False if that is no reply of a turn that is over."""
        if cursor.reply not in self._fading:
            return False
        self._fading[cursor.reply][0].reply.move(cursor)
        if cursor.state in (DONE, FLUSHED):
            self._report(cursor.reply)
        return True

    def leave(self, answer: Answer) -> None:
        """The conversation ends in the middle of a turn: what was half answered is not repeated."""
        if answer.reply.reached:
            self._mail.told(answer)

    def end(self) -> None:
        """No turn stays untold."""
        for reply_id in list(self._fading):
            self._report(reply_id)

    def _report(self, reply_id: int) -> None:
        if reply_id not in self._fading:
            return
        answer, error, cut_off = self._fading.pop(reply_id)
        said = answer.occasion is None  # else nobody said anything that could be kept
        again = cut_off and said and not answer.reply.reached and self._mail.keeps
        if answer.continued:
            pass  # the next turn answers it, and tells of it
        elif again:
            self._mail.untold(answer)
        else:
            self._remember(answer)
            self._mail.told(answer)
        error = PUT_OFF if answer.put_off and not answer.reply.reached else error
        record = self._record(answer, f"{error}; {KEPT}" if again else error)
        record.kept = again
        silent = answer.late is not None and answer.late.quiet and error == NOTHING_HEARD
        silent = silent or (answer.touch and not answer.transcript)
        if not silent and not (again and answer.late):
            self._on_turn(record)

    def _remember(self, answer: Answer) -> None:
        reply, occasion = answer.reply, answer.occasion
        if reply.said is None or (occasion is not None and not occasion.own):
            return
        if answer.transcript:
            self._stages.patience.after_turn(answer.transcript)
        broken_off_ms = round(reply.heard_ms) if reply.broken_off else None
        self._stages.heard(reply.said, reply.heard(), broken_off_ms)

    def _record(self, answer: Answer, error: str | None) -> TurnRecord:
        record = answer.record(self._ring.session.counters, error or answer.reply.cut_off)
        record.loop_lag_ms = round(self._lag.worst_since_ms(answer.begun_ms), 1)
        record.events = self._tape.take(answer.turn)
        return record

    def _lost(self, report: Report) -> None:
        """What was said can't be answered any more."""
        now_ms = self._mail.wall_ms
        record = TurnRecord(0, error=report.reason, said_at=iso(report.said_ms))
        record.late_s = round((now_ms - (report.said_ms or now_ms)) / 1000, 1)
        self._on_turn(record)
