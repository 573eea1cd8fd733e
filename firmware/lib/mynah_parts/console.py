"""The serial console: the cable that pairs the ring."""

import asyncio
import sys

from mynah_device import console

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable


class Console:
    """Answers the lines that are for us; `on_key(key or None)` when the owner changes."""

    def __init__(
        self, describe: "Callable[[], str]", on_key: "Callable[[bytes | None], None]"
    ) -> None:
        self._describe = describe
        self._on_key = on_key

    async def run(self) -> None:
        """Listen for ever, or until there is no cable."""
        reader = asyncio.StreamReader(sys.stdin)
        while True:
            try:
                line = await reader.readline()
                # The port gives text, or bytes, by what standard input is.
                text = line if isinstance(line, str) else line.decode()
            except UnicodeError:
                continue  # noise on the cable, which must not end the ring
            if not text:
                return
            self._obey(text)

    def _obey(self, line: str) -> None:
        command, argument = console.parse(line)
        if command == "error":
            print("mynah error: " + argument.decode())
        elif command:
            if command == "key":
                self._on_key(argument)
            elif command == "forget":
                self._on_key(None)
            print(self._describe())
