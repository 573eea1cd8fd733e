"""Every connection that Python code attempts, told as it is attempted. Native code is not seen.

What native code does is seen from outside: `python -m tests.egress`.
"""

import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

CONNECTS: Final = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
LOOKS_UP: Final = frozenset({"socket.getaddrinfo", "socket.gethostbyname"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something was to be reached, or asked for by name."""

    how: str
    to: str
    """HOST:PORT, a path of this computer, or a name."""


def watch(tell: Callable[[Attempt], None]) -> None:
    """Tell of every attempt of this process, from now on and for good."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in CONNECTS and arguments[1] is not None:
            tell(Attempt(event, _address(arguments[1])))
        elif event in LOOKS_UP and arguments[0] is not None and not _is_address(arguments[0]):
            tell(Attempt(event, str(arguments[0])))

    sys.addaudithook(hook)


def _address(address: Any) -> str:
    return f"{address[0]}:{address[1]}" if isinstance(address, tuple) else f"unix:{address!s}"


def _is_address(host: Any) -> bool:
    """A number needs no looking up."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, TypeError):
            continue
        return True
    return False
