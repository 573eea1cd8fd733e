"""The serial console: the cable that pairs the ring."""

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

    def obey(self, line: str) -> None:
        """Do what a line asks for, and answer."""
        command, argument = console.parse(line)
        if command == "error":
            print("mynah error: " + argument.decode())
        elif command:
            if command == "key":
                self._on_key(argument)
            elif command == "forget":
                self._on_key(None)
            print(self._describe())
