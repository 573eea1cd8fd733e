"""Companions by name: ours and strangers' are found in the same way."""

import difflib
from importlib.metadata import entry_points

from mynah.companions.base import GROUP, Companion, Said
from mynah.errors import CompanionError, UserError


def names() -> list[str]:
    """Every companion that is installed."""
    return sorted(entry_points(group=GROUP).names)


def open_companion(name: str) -> Companion:
    """The companion of that name, made without arguments."""
    for point in entry_points(group=GROUP, name=name):
        try:
            companion: Companion = point.load()()
        except (Exception, SystemExit) as error:  # a stranger's code: anything may come out of it
            raise CompanionError(f"companion {name} can't be loaded: {error}") from error
        return companion
    close = difflib.get_close_matches(name, names(), n=1)
    advice = f"did you mean {close[0]}?" if close else f"there are: {', '.join(names())}"
    raise UserError(f"no companion is called {name!r}; {advice}")


__all__ = ["Companion", "Said", "names", "open_companion"]
