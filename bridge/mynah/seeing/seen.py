"""A view that looks on: passes everything to another, and notes it in log and metrics."""

import json
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from typing import Any, Final

from mynah.config import Settings
from mynah.errors import MynahError
from mynah.seeing import crash, log
from mynah.seeing.fatal import fatal, left_behind
from mynah.seeing.kinds import kind_of
from mynah.seeing.redaction import REDACTION
from mynah.turn.glimpse import Glimpse
from mynah.turn.record import TurnRecord
from mynah.view import View

LOUD: Final = "logs.words is set: what you say and what is answered is written to"


@asynccontextmanager
async def seen(settings: Settings, view: View) -> AsyncIterator[View]:
    """The same view, seen: in the log, and where a port is set in metrics and health."""
    crash.remember(settings)
    async with AsyncExitStack() as stack:
        path = stack.enter_context(log.logged(words=settings.logs.words))
        if settings.logs.words:
            view.trouble(f"{LOUD} {path}")
        stack.enter_context(fatal())
        for report in left_behind():
            view.trouble(crash.told("the last conversation ended in a crash", report))
        if settings.metrics.port:
            try:
                await stack.enter_async_context(served(settings.metrics.port))
            except MynahError as error:  # nobody's port is worth a conversation
                view.trouble(f"no metrics: {error}")
        log.event("began", companion=settings.companion, hands_free=settings.hands_free)
        try:
            yield Seen(view)
        finally:
            log.event("ended")


@asynccontextmanager
async def served(port: int) -> AsyncIterator[None]:
    """Metrics that this computer can read on a port."""
    from mynah.seeing.metrics import Metrics  # Prometheus and HTTP, for who wants them
    from mynah.seeing.server import LocalServer, known_token

    metrics = Metrics()

    def health() -> tuple[str, bytes]:
        return "application/json", json.dumps(metrics.health()).encode() + b"\n"

    pages = {"/metrics": metrics.page, "/health": health}
    with log.heard_by(metrics.note):
        async with LocalServer(pages, known_token(), port=port):
            yield


class Seen(View):
    """Whoever watches, watched."""

    def __init__(self, view: View) -> None:
        self._view = view
        self.shows_captions = view.shows_captions
        self.shows_words = view.shows_words

    def ready(self) -> None:
        self._view.ready()

    def busy(self, what: str) -> AbstractContextManager[object]:
        return self._view.busy(what)

    def show(self, glimpse: Glimpse | None, ring: str, hint: str) -> None:
        self._view.show(glimpse, ring, hint)

    def turn(self, record: TurnRecord, companion: str) -> None:
        for text in (record.transcript, record.reply, *record.overheard):
            REDACTION.said(text)
        words = {"transcript": record.transcript, "reply": record.reply, "heard": record.heard}
        log.event("turn", words=words, companion=companion, **figures(record))
        self._view.turn(record, companion)

    def tell(self, text: str) -> None:
        self._view.tell(text)

    def trouble(self, text: str) -> None:
        log.event("trouble", why=text, kind=kind_of(text))
        self._view.trouble(text)


def figures(record: TurnRecord) -> dict[str, Any]:
    """Of a turn, all but its words."""
    return {
        "turn": record.turn,
        "v2v_ms": record.v2v_ms,
        "late_s": getattr(record, "late_s", None),
        "waterfall": record.waterfall,
        "bound_by": record.bound_by,
        "revisions": record.revisions,
        "guesses_used": record.guesses.hits,
        "guesses_wasted": record.guesses.misses,
        "frames": record.link.frames,
        "lost_frames": record.link.lost_frames,
        "underruns": record.link.underruns,
        "enomem": record.link.enomem,
        "loop_lag_ms": record.loop_lag_ms,
        "transcript_characters": len(record.transcript),
        "reply_characters": len(record.reply),
        "heard_characters": len(record.heard),
        "error": kind_of(record.error) if record.error else None,
    }
