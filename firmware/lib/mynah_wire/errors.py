"""What can be wrong on the wire, split by whose fault it is.

WireError
├── LocalError       we asked for something that the protocol does not allow
├── MalformedError   the peer sent bytes that mean nothing
├── ForgedError      a record that the holder of the key did not seal, or that came before
└── RefusedError     the peer, or we, ended the handshake; `reason` says why
"""


class WireError(Exception):
    """The root of the tree."""


class LocalError(WireError):
    """Our own mistake."""


class MalformedError(WireError):
    """Bytes from the peer that no version of the protocol could have meant."""


class ForgedError(WireError):
    """A record that fails its tag, repeats, or goes back."""


class RefusedError(WireError):
    """The handshake ended; `reason` is one of `handshake.REASONS`."""

    def __init__(self, reason: int, message: str) -> None:
        super().__init__(message)
        self.reason = reason
