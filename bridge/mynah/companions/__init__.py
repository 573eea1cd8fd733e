"""Companions by name: ours and strangers' are found in the same way."""

import difflib
from collections.abc import Callable
from importlib.metadata import entry_points
from typing import Any

from mynah.companions.base import GROUP, Companion, Said
from mynah.companions.guest import Guest
from mynah.config import Section, Settings
from mynah.errors import CompanionError, MynahError, UserError


def names(settings: Settings | None = None) -> list[str]:
    """Every companion that is installed, every preset, and those that the settings make of one."""
    from mynah.companions.models import presets  # with httpx, which takes a while

    own = (settings or Settings()).companions
    mine = [name for name, table in own.items() if presets.OWN & table.keys()]
    return sorted({*entry_points(group=GROUP).names, *presets.presets(), *mine})


def open_companion(name: str, settings: Settings | None = None) -> Guest:
    """The companion of that name, made with its settings, not started yet."""
    settings = settings or Settings()
    for point in entry_points(group=GROUP, name=name):
        try:
            return Guest(name, _make(point.load(), name, settings))
        except MynahError:
            raise
        except (Exception, SystemExit) as error:  # a stranger's code: anything may come out of it
            raise CompanionError(f"companion {name} can't be loaded: {error}") from error
    from mynah.companions.models import presets

    preset = presets.companion(name, settings)
    if preset is None:
        raise unknown(name, settings)
    return Guest(name, preset)


def unknown(name: str, settings: Settings | None = None) -> UserError:
    """What to say of a companion that nobody has."""
    if settings is not None and name in settings.companions:
        return UserError(
            f"[companions.{name}] does not say who that is; give it a base_url, or a preset = "
            "with a name out of `mynah companion list`"
        )
    close = difflib.get_close_matches(name, names(), n=1)
    advice = f"did you mean {close[0]}?" if close else f"there are: {', '.join(names())}"
    return UserError(f"no companion is called {name!r}; {advice}")


def _make(maker: Callable[..., Any], name: str, settings: Settings) -> Any:
    """Ours get their own section; strangers' the keys of [companions.NAME], if there are any."""
    section = getattr(settings, name, None)
    if isinstance(section, Section):
        return maker(section)
    table = settings.companions.get(name, {})
    try:
        return maker(**table)
    except TypeError as error:
        if not table:
            raise
        keys = ", ".join(table)
        raise CompanionError(f"companion {name} can't be loaded with {keys}: {error}") from error


__all__ = ["Companion", "Said", "names", "open_companion", "unknown"]
