"""Lorebooks in a line, and what comes up."""

from random import Random

from mynah.characters.lorebook import Lorebook

PLENTY = 100_000


def entry(content="lore", keys=("key",), **more):
    plain = {"enabled": True, "insertion_order": 100, "extensions": {}, "use_regex": False}
    return plain | {"keys": list(keys), "content": content} | more


def book(*entries, **more):
    return Lorebook.of({"entries": list(entries), "extensions": {}} | more)


def world(*entries):
    """As SillyTavern keeps them."""
    plain = {"key": ["key"], "keysecondary": [], "selective": True, "selectiveLogic": 0}
    return Lorebook.of({"entries": {str(at): plain | each for at, each in enumerate(entries)}})


def found(lore, *messages, turn=5, budget=PLENTY, seed=1, **more):
    got = lore.activate(messages, turn, budget, Random(seed), **more)
    return [*got.before, *got.after, *(each.text for each in got.at_depth)]
