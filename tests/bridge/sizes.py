"""How much our own objects hold: the length of each container that can be reached, by its path."""

from collections import deque
from types import FunctionType, MethodType, ModuleType

OURS = ("mynah", "mynah_wire", "mynah_device", "asyncio.queues")
LEAVES = (type, ModuleType, FunctionType, MethodType, str, bytes, int, float, type(None))


def sizes(*roots):
    """Those of one path count together, as all items of a list have the path of the list."""
    found, seen = {}, set()
    waiting = [(type(root).__name__, root) for root in reversed(roots)]
    while waiting:
        path, each = waiting.pop()
        if isinstance(each, LEAVES) or id(each) in seen:
            continue
        seen.add(id(each))
        items = _items(each)
        if items is None:
            waiting += [(f"{path}.{name}", value) for name, value in _attributes(each)]
        else:
            found[path] = found.get(path, 0) + len(each)
            waiting += [(f"{path}[]", item) for item in items]
    return found


def _items(each):
    if isinstance(each, dict):
        return [*each.keys(), *each.values()]
    if isinstance(each, bytearray):
        return []
    return list(each) if isinstance(each, (list, tuple, set, frozenset, deque)) else None


def _attributes(each):
    if not type(each).__module__.startswith(OURS):
        return []
    slots = [name for kind in type(each).__mro__ for name in getattr(kind, "__slots__", ())]
    named = {name: getattr(each, name) for name in slots if hasattr(each, name)}
    return [*named.items(), *getattr(each, "__dict__", {}).items()]
