"""The inboxes of all rings that this bridge talks with: a folder each."""

import time
from collections.abc import Callable
from pathlib import Path

from mynah.inbox.disk import Disk, RealDisk
from mynah.inbox.fake_disk import FakeDisk
from mynah.inbox.mailbox import Mailbox
from mynah_wire.uplink import Ready


class Inboxes:
    """One mailbox a ring, over all its connections."""

    def __init__(
        self, open_disk: Callable[[str], Disk], wall_s: Callable[[], float] = time.time
    ) -> None:
        """`open_disk` is called with a device id; `wall_s` is the clock on the wall."""
        self._open_disk = open_disk
        self._wall_s = wall_s
        self._mailboxes: dict[str, Mailbox] = {}

    def of(self, ready: Ready) -> Mailbox:
        """That of the ring that says so."""
        device_id = ready.device_id.hex()
        if device_id not in self._mailboxes:
            disk = self._open_disk(device_id)
            self._mailboxes[device_id] = Mailbox(device_id, disk, self._wall_s)
        return self._mailboxes[device_id]

    def close(self) -> None:
        """Nobody uses them any more."""
        for mailbox in self._mailboxes.values():
            mailbox.close()
        self._mailboxes.clear()


def inboxes_in(folder: Path) -> Inboxes:
    """Those in a folder of the real disk, made when a ring has something to keep."""
    return Inboxes(lambda device_id: RealDisk(folder / device_id))


def inboxes_in_memory() -> Inboxes:
    """Those that last as long as this program."""
    return Inboxes(lambda _device_id: FakeDisk())
