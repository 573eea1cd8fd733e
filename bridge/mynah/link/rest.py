"""Whether a ring that is gone sleeps: as its board's rules have it, after its last use. Pure."""

from typing import Final

from mynah.maker.boards import boards
from mynah_device.power import AWAKE_MS, FOR_EVER
from mynah_wire import uplink
from mynah_wire.message import Message

EARLY_MS: Final = 2000.0
"""Its last use is known by what it tells of it, which takes a while."""

_USES: Final = (
    uplink.Start,
    uplink.End,
    uplink.Button,
    uplink.Touch,
    uplink.Cursor,
    uplink.PastEnd,
)


class Rest:
    """Of one connection."""

    def __init__(self, build: str, now_ms: float) -> None:
        """`build` is its board's."""
        self._limit_ms = AWAKE_MS.get(build, FOR_EVER)[1]
        self._used_ms = now_ms

    def heed(self, message: Message, now_ms: float) -> None:
        """The ring told something."""
        if isinstance(message, _USES):
            self._used_ms = now_ms

    def begun(self, now_ms: float) -> bool:
        """Whether a ring that went now went to sleep."""
        if self._limit_ms is None:
            return False
        return now_ms - self._used_ms >= self._limit_ms - EARLY_MS


def build_of(board: bytes) -> str:
    """What a ring's board is for, by the name it tells; empty if we have no such board."""
    known = boards().get(board.decode(errors="replace"))
    return "" if known is None else known.build
