r"""What host and worker say to each other: one line of JSON, then `bytes` raw bytes.

    {"kind": "request", "id": 7, "bytes": 32000, ...}\n <32000 bytes>

Host to worker: `request`, `cancel`. Worker to host: `ready`, `reply` (any number), `done`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mynah.errors import WorkerError

LONGEST_HEADER_BYTES: Final = 64 * 1024
"""A header holds a clause or a transcript, never sound; asyncio's own limit on a line."""

LONGEST_PAYLOAD_BYTES: Final = 256 * 1024 * 1024
"""Two hours of 16-bit speech; more can only be a broken header."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of either side."""

    kind: str
    id: int = 0
    fields: Mapping[str, Any] = field(default_factory=dict)
    payload: bytes = b""

    def encode(self) -> bytes:
        header = {"kind": self.kind, "id": self.id, "bytes": len(self.payload), **self.fields}
        return json.dumps(header).encode() + b"\n" + self.payload


def parse_header(line: bytes) -> tuple[Message, int]:
    """The message without its payload, and how many bytes of payload follow."""
    try:
        fields = json.loads(line)
        kind, request, length = fields.pop("kind"), fields.pop("id"), fields.pop("bytes")
    except (ValueError, AttributeError, KeyError, TypeError) as error:
        raise WorkerError(f"a worker wrote {line[:60]!r}, which is no message") from error
    if not isinstance(length, int) or not 0 <= length <= LONGEST_PAYLOAD_BYTES:
        raise WorkerError(f"a worker announced a payload of {length} bytes")
    return Message(kind, request, fields), length
