"""What an inbox wants of its disk, done in order; in a thread if the disk takes its time."""

import asyncio
import errno
from collections import deque
from collections.abc import Callable
from itertools import groupby
from typing import Final, TypeAlias

from mynah.inbox.files import Files, Refused
from mynah.inbox.key import Key
from mynah.inbox.late import Late, late_of
from mynah.inbox.wants import Append, Deliver, Failed, Note, Noted, OnDisk, Spoilt, Sync, Synced

QUEUE_BYTES: Final = 1 << 20
"""Waiting for the disk: two minutes of speech. A disk that takes longer is as good as full: the
ring keeps what it has."""

END_S: Final = 5.0
"""At the end of a connection for what waits: an fsync that takes longer is not waited for."""

Wanted: TypeAlias = OnDisk | Deliver
Answer: TypeAlias = Synced | Failed | Noted | Spoilt | Late


class Worker:
    """One inbox's."""

    def __init__(
        self, files: Files, answer: Callable[[Answer], None], refused: Callable[[OSError], None]
    ) -> None:
        """`answer` is told what came of what was wanted, `refused` why the disk did not do it."""
        self._files = files
        self._answer = answer
        self._refused = refused
        self._queue: deque[Wanted] = deque()
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None
        self._busy = False

    def want(self, wanted: Wanted) -> None:
        """Do it soon; `work` begins."""
        if isinstance(wanted, Append):
            self._bytes += len(wanted.record)
            if self._bytes > QUEUE_BYTES:
                self._give_up(wanted.key)
                return
        self._queue.append(wanted)

    def work(self) -> None:
        """Begin with what is wanted; a disk that does not block has done it at once."""
        if not self._queue or self._busy:
            return
        self._busy = True
        if self._files.disk.blocks:
            self._task = asyncio.create_task(self._work_in_thread(), name="inbox")
            return
        try:
            while self._queue:
                self._tell(self._do(self._take()))
        finally:
            self._busy = False

    async def end(self) -> None:
        """Until all is done, or the disk took too long."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=END_S)

    async def _work_in_thread(self) -> None:
        try:
            while self._queue:
                self._tell(await asyncio.to_thread(self._do, self._take()))
        finally:
            self._busy = False

    def _take(self) -> list[Wanted]:
        taken = list(self._queue)
        self._queue.clear()
        self._bytes = 0
        return taken

    def _do(self, taken: list[Wanted]) -> list[Answer | Refused]:
        answers: list[Answer | Refused] = []
        for late, group in groupby(taken, lambda wanted: isinstance(wanted, Deliver)):
            if late:
                answers += [self._load(each) for each in group if isinstance(each, Deliver)]
            else:
                answers += self._write([each for each in group if not isinstance(each, Deliver)])
        return answers

    def _write(self, wanted: list[OnDisk]) -> list[Answer | Refused]:
        refused = self._files.carry_out(wanted)
        answers: list[Answer | Refused] = [*refused]
        broken = {each.action.key for each in refused if isinstance(each.action, Append | Sync)}
        answers += [Failed(key) for key in sorted(broken)]
        for action in wanted:
            if isinstance(action, Note):
                answers.append(Noted(action.key))
            elif isinstance(action, Sync) and action.key not in broken:
                answers.append(Synced(action.key))
        return answers

    def _load(self, deliver: Deliver) -> Late | Spoilt:
        try:
            kept = self._files.read(deliver.key)
        except OSError:
            kept = None
        return Spoilt(deliver.key) if kept is None else late_of(deliver, kept)

    def _tell(self, answers: list[Answer | Refused]) -> None:
        for answer in answers:
            if isinstance(answer, Refused):
                self._refused(answer.error)
            else:
                self._answer(answer)

    def _give_up(self, key: Key) -> None:
        self._queue = deque(each for each in self._queue if each.key != key)
        self._bytes = sum(len(each.record) for each in self._queue if isinstance(each, Append))
        self._refused(OSError(errno.ETIMEDOUT, "it takes too long"))
        self._answer(Failed(key))
