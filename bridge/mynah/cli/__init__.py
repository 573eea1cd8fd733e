"""The command line: one file a command, arguments only. `main` is the entry point."""

import logging
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from mynah.errors import MynahError, one_line, printable
from mynah.heap import keep_heap_small

INTERRUPTED = 130  # what shells expect of a program that Ctrl-C ended
ENDINGS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
FAULT = "a fault in this program"


def main() -> None:
    """Run the command line; `--debug` may stand anywhere in it."""
    # A shell's background job is started deaf to Ctrl-C, which is what ends us in every case.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in ENDINGS:
        signal.signal(number, _as_control_c)
    keep_heap_small()
    arguments = sys.argv[1:]
    debug = "--debug" in arguments
    try:
        code = invoke([word for word in arguments if word != "--debug"], debug=debug)
    except KeyboardInterrupt:  # while Python was still importing
        code = INTERRUPTED
    sys.exit(code)


def invoke(arguments: list[str], *, debug: bool = False) -> int:
    """One command; a failure is one line on standard error, and the exit code says whose it is.

    A fault of ours leaves a report as well, and the line says where.
    """
    from mynah.cli.quiet import tell_why
    from mynah.cli.root import app

    try:
        with _log_shown(debug):
            app(arguments)
    except SystemExit as end:  # how typer ends, after telling of a wrong flag itself
        return end.code if isinstance(end.code, int) else 1
    except Exception as error:  # noqa: BLE001 - told in one line, whole with --debug
        if debug:
            from mynah.seeing.redaction import REDACTION

            told = REDACTION.redacted(traceback.format_exc(), words=False)
            tell_why(printable(told, "\n"))
        first = _first(error)
        tell_why(f"mynah: {printable(_told(first, error))}\n")
        return first.exit_code if isinstance(first, MynahError) else 1
    return 0


def _as_control_c(_number: int, _frame: object) -> None:
    """Whoever ends us, the ring's power is cut and its recordings are deleted.

    asyncio has a Ctrl-C of its own, which cancels; an exception from here could come anywhere. A
    terminal that hangs up tells it twice, and a second Ctrl-C would not wait.
    """
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)
    signal.raise_signal(signal.SIGINT)


@contextmanager
def _log_shown(wanted: bool) -> Iterator[None]:
    """With --debug, what the bridge notes for whoever writes a companion or mends the bridge."""
    if not wanted:
        yield
        return
    from mynah.seeing.log import WithoutSecrets

    logger, handler = logging.getLogger("mynah"), logging.StreamHandler()
    handler.setFormatter(WithoutSecrets("%(name)s: %(message)s"))
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def _told(error: Exception, whole: Exception) -> str:
    if isinstance(error, MynahError):
        return one_line(error)
    if isinstance(error, OSError) and error.strerror:  # the system's no, not a fault of ours
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    from mynah.seeing import crash

    return crash.told(f"{FAULT}: {error!r}", crash.report(whole))


def _first(error: Exception) -> Exception:
    """What a group of tasks raised: a fault of ours before what a person can be told."""
    if not isinstance(error, ExceptionGroup):
        return error
    each = [_first(inner) for inner in error.exceptions]
    return next((inner for inner in each if not isinstance(inner, MynahError)), each[0])
