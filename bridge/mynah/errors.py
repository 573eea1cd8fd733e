"""Every error this package raises on purpose, in one tree.

    MynahError               trouble outside: exit code 1
    ├── UserError            what the person typed or gave us: exit code 2
    │   └── AudioError       a file that is missing, not audio, or holds no sound
    ├── LinkError            the radio or the cable; `retryable` says whether trying again can help
    │   └── BluetoothError   this computer's own trouble, whatever ring is looked for
    ├── DeviceError          the ring refused, or broke the protocol
    ├── ModelError           a model is missing, or not the one that was pinned
    ├── SoundCardError       this computer's microphone or speaker is missing, or went
    ├── WorkerError          a worker process died or answered rubbish
    ├── CompanionError       the companion is down, slow, or answers rubbish; `retryable` as above
    ├── ServiceError         this computer's service manager refused, or what it began has ended
    └── EmulatorError        the emulated ring could not start, or stopped

A message says what is wrong, with the values, and what to do, in one line.
"""


class MynahError(Exception):
    """Trouble that a person can be told about in one line."""

    exit_code = 1


class UserError(MynahError):
    """The person's own input is wrong."""

    exit_code = 2


class AudioError(UserError):
    """A file can't be used as speech."""


class LinkError(MynahError):
    """The link to the ring failed."""

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable


class BluetoothError(LinkError):
    """There is no Bluetooth here, or none that answers; it may be plugged in, or switched on."""


class DeviceError(MynahError):
    """The ring refused us, or said what the protocol does not allow."""


class ModelError(MynahError):
    """A model is missing or is not what it should be."""


class SoundCardError(MynahError):
    """There is no sound card for it on this computer, or no more."""


class WorkerError(MynahError):
    """A worker process died, hung, or answered rubbish."""


class CompanionError(MynahError):
    """The companion could not answer."""

    def __init__(self, message: str, *, retryable: bool = True) -> None:
        super().__init__(message)
        self.retryable = retryable


class ServiceError(MynahError):
    """The computer's service manager said no, or our service does not stay up."""


class EmulatorError(MynahError):
    """The emulated ring could not start, or stopped."""


def one_line(error: BaseException) -> str:
    """What an error says, whatever a stranger's code put into it."""
    return " ".join(printable(str(error)).split()) or type(error).__name__


def printable(text: str, kept: str = "") -> str:
    """A stranger's words, without what a terminal would obey instead of showing.

    What is `kept` stays though: a line's end, where there may be several lines.
    """
    return "".join(each if each.isprintable() or each in kept else " " for each in text)


def innermost(error: Exception) -> Exception:
    """The first error in a group of them, however deep."""
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
