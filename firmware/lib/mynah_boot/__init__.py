"""Which application starts: what the loader in `main.py` and an updater must agree on.

It lies beside the slots, is never updated over the link, and imports nothing of the other packages.
"""

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from .boot import Boot

booted: "Boot | None" = None  # this boot, once `main.py` has decided; None where nothing decides
