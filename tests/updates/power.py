"""The power goes at every single thing that an update does, once: what starts then, and goes on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.updates.rig import NEW, NEWER, OLD, RESET, Ran, Rig, bundled

TORN = (0, 500, 1000)  # thousandths of what was in the cache that are in flash when the power goes
BLOCK_BYTES = 480


@dataclass(frozen=True)
class Cut:
    """One moment of the update, or of the trial boot after it."""

    kind: str
    at: int
    torn: int = 0

    def update(self, rig: Rig) -> Ran:
        """The boot in which a host updates it, up to the cut."""
        if self.kind == "flash":
            return rig.update(NEW, cut=(self.at, self.torn))
        if self.kind == "nvs":
            return rig.update(NEW, nvs_cut=(self.at, self.torn))
        if self.kind == "block":
            return rig.update(NEW, dies_at_block=self.at, block=BLOCK_BYTES)
        return rig.update(NEW)

    def trial(self, rig: Rig) -> None:
        """What comes before the boots that are looked at."""
        if self.kind == "trial":
            rig.boot({"meet": True}, nvs_cut=(self.at, self.torn))


def all_cuts(folder: Path) -> Iterator[Cut]:
    """As many as one whole update has moments."""
    whole = Rig(folder).update(NEW)
    (changes,), (writes,) = whole.all("changes"), whole.all("nvs_writes")
    yield from (Cut("flash", at, torn) for at in range(1, int(changes) + 1) for torn in TORN)
    yield from (Cut("nvs", at, done) for at in range(1, int(writes) + 1) for done in (0, 1))
    blocks = -(-len(bundled(NEW).data) // BLOCK_BYTES)
    yield from (Cut("block", at) for at in range(1, blocks + 1))
    yield from (Cut("trial", at, done) for at in (1, 2) for done in (0, 1))


def outcome(cut: Cut, folder: Path) -> str:
    """ "old" or "new": what started after the cut. AssertionError if it is neither, or no more."""
    rig = Rig(folder)
    ran = cut.update(rig)
    assert ran.booted == OLD, ran
    assert (ran.code == RESET) == (cut.kind == "trial"), ran
    cut.trial(rig)
    first = rig.starts()
    assert first.code == 0, first
    assert first.booted in (OLD, NEW), first
    again = rig.starts()
    assert again.booted == first.booted, (first, again)
    following = NEWER if first.booted == NEW else NEW
    second = rig.update(following)
    assert second.code == RESET, second
    for _ in range(2):
        last = rig.starts()
        assert last.booted == following, last
    assert last.told[0]["trial"] is False, last
    return "new" if first.booted == NEW else "old"
