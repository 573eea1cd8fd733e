"""The command line: one file a command, arguments only. `main` is the entry point."""

import sys
import traceback

from mynah.errors import MynahError

INTERRUPTED = 130  # what shells expect of a program that Ctrl-C ended
USAGE = 2


def main() -> None:
    """Run the command line; `--debug` may stand anywhere in it."""
    arguments = sys.argv[1:]
    sys.exit(invoke([word for word in arguments if word != "--debug"], debug="--debug" in arguments))


def invoke(arguments: list[str], *, debug: bool = False) -> int:
    """One command; a failure is one line on standard error, and the exit code says whose it is."""
    import click

    from mynah.cli.root import app

    try:
        code = app(arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except (MynahError, ExceptionGroup) as error:
        if debug:
            traceback.print_exc()
        known = _known(error)
        if known is None:
            raise
        print(f"mynah: {known}", file=sys.stderr)
        return known.exit_code
    return code if isinstance(code, int) else 0


def _known(error: BaseException) -> MynahError | None:
    """The first error of ours in what a group of tasks raised; None if there is another kind."""
    if isinstance(error, MynahError):
        return error
    if isinstance(error, ExceptionGroup):
        found = [_known(each) for each in error.exceptions]
        return found[0] if all(found) else None
    return None
