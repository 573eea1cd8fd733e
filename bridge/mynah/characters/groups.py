"""Inclusion groups: of several entries that come to mind, one is chosen, by a die or by merit."""

from collections.abc import Callable, Iterable
from random import Random

from mynah.characters.entry import Entry
from mynah.characters.scan import Scan


def chosen(found: list[Entry], taken: Iterable[Entry], scan: Scan, random: Random) -> list[Entry]:
    """Those of the found that stay, in their order; groups of those taken are full."""
    full = {group for entry in taken for group in entry.groups}
    out = {entry.id for entry in found if full.intersection(entry.groups)}
    rivals: dict[str, list[Entry]] = {}
    for entry in found:
        for group in dict.fromkeys(entry.groups):
            rivals.setdefault(group, []).append(entry)
    for those in rivals.values():
        members = [each for each in those if each.id not in out]
        if len(members) > 1:
            winner = _winner(members, scan, random)
            out |= {each.id for each in members if each is not winner}
    return [entry for entry in found if entry.id not in out]


def _winner(members: list[Entry], scan: Scan, random: Random) -> Entry:
    """Who is sticky stays; then merit, then the highest order, then the die."""
    members = [each for each in members if scan.is_sticky(each)] or members
    if any(each.group_scored for each in members):
        members = _best(members, scan.score)
    if first := [each for each in members if each.group_first]:
        return max(first, key=lambda each: each.order)
    weights = [each.group_weight for each in members]
    if not any(weights):
        return members[0]
    return random.choices(members, weights)[0]


def _best(members: list[Entry], score: Callable[[Entry], int]) -> list[Entry]:
    scores = {each.id: score(each) for each in members}
    best = max(scores.values())
    return [each for each in members if scores[each.id] == best]
