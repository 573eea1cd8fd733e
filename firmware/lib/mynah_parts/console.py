"""The serial console: the cable that pairs the ring, and reads its log."""

from mynah_device import console
from mynah_device.journal import Journal

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable


class Console:
    """Answers the lines that are for us; `on_key(key or None)` when the owner changes."""

    def __init__(
        self,
        describe: "Callable[[], str]",
        on_key: "Callable[[bytes | None], None]",
        journal: Journal,
    ) -> None:
        self._describe = describe
        self._on_key = on_key
        self._journal = journal

    def obey(self, line: str) -> None:
        """Do what a line asks for, and answer."""
        command, argument = console.parse(line)
        if command == "error":
            print("mynah error: " + argument.decode())
        elif command == "log":
            self._print_log()
        elif command:
            try:
                if command == "key":
                    self._on_key(argument)
                elif command == "forget":
                    self._on_key(None)
            except OSError as error:
                print("mynah error: it can't be written: %s" % error)
            else:
                print(self._describe())

    def _print_log(self) -> None:
        number = 0
        while (line := self._journal.line(number)) is not None:
            print("%d %s" % (line[0], line[1].decode()))
            number = line[0] + 1
        print("mynah log: the next line is %d" % number)
