"""One turn, as a fake noted it."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Turn:
    """What a client asked for, and how that ended."""

    body: dict[str, Any]
    said: str
    connection: int
    """Which connection it came over: the same number is the same connection."""
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up: bool = False
    """The client left, or called it off, before the answer was over."""

    @property
    def told(self) -> str:
        """All that the client told, as text."""
        return json.dumps(self.body, ensure_ascii=False)
