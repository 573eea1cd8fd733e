"""Telling systemd that a job has begun well: `sd_notify(3)`, without its library."""

import os
import socket
from typing import Final

READY: Final = b"READY=1"


def tell_ready() -> None:
    """To whoever began us and waits for it; nothing if nobody does."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):  # in Linux's own name space, where no file is
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.sendto(READY, address)
