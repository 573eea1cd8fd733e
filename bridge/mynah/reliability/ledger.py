"""The ledger of truth: what was said, what became of each utterance, and whether that was promised.

It sees the wearer's side and what came of it, and nothing that is between them. Pure.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mynah.errors import MynahError
from mynah.reliability.numbered import Voice


class ViolationError(MynahError):
    """A promise was broken."""


@dataclass(slots=True)
class Spoken:
    """One utterance, as the wearer knows it."""

    number: int
    name: tuple[int, int]
    """The boot and the stream that the ring gave it."""
    frames: int = 0
    """So many its microphone heard."""
    over: bool = False
    """The button was released, or the ring's limit ended it: from here on it is promised."""
    cancelled: bool = False
    """It was a touch, or two taps in one: nothing was said. Where the link went before the ring
    could say so, the host may still tell what it has of it, or that it has nothing."""
    excused: int = 0
    """What had been lost on the way when it began, and can't be its."""
    delivered: int = 0
    """How often it came."""
    missing: int = 0
    """Frames of it that came silent."""
    partly: str = ""
    """Why there was no more of it."""
    lost: str = ""
    """Why it was told lost."""
    noted: bool = False
    """The host has it in its journal that this is over."""
    in_doubt: bool = False
    """The host was killed between the turn's end and that note: it may come once more."""
    again: int = 0
    """How often it did."""

    @property
    def accounted(self) -> bool:
        return self.delivered > 0 or bool(self.lost)


class Ledger:
    """Everything that was said in one world."""

    def __init__(self, voice: Voice) -> None:
        self.voice = voice
        self.heard: dict[int, dict[int, bytes]] | None = None
        """What came of each, by its number, for whom it interests: set it to an empty one."""
        self.has: Callable[[tuple[int, int]], bool] = lambda _name: False
        """Whether the ring still has one with this name, and could tell more of it."""
        self.spoken: list[Spoken] = []
        self.pending: dict[int, Spoken] = {}
        """Those that are over and not accounted for yet."""
        self.lost_on_air = 0
        """Records so far."""
        self.lost_by_ring = 0
        """Frames so far, that it had no place for and counted."""
        self._names: dict[tuple[int, int], Spoken] = {}

    def opened(self, name: tuple[int, int]) -> Spoken:
        """The ring's microphone opens."""
        if name in self._names:
            raise ViolationError(f"the ring named two utterances {name}")
        spoken = Spoken(len(self.spoken), name, excused=self._lost)
        self.spoken.append(spoken)
        self._names[name] = spoken
        return spoken

    def is_over(self, spoken: Spoken) -> None:
        """The button was released, or what else ended it while the ring had power."""
        spoken.over = True
        if not spoken.accounted and not spoken.cancelled:
            self.pending[spoken.number] = spoken

    def delivered(
        self,
        name: tuple[int, int],
        frames: Mapping[int, bytes],
        length: int,
        dropped: int = 0,
        partly: str | None = None,
    ) -> None:
        """An utterance came: its frames by their place, and how long it is said to be.

        `dropped` is how many of them the ring says it lost, `partly` why there is no more of it.
        """
        spoken = self._of(name)
        self._once(spoken)
        self._truly_no_more(spoken, partly)
        if spoken.cancelled and not partly:
            raise ViolationError(f"utterance {spoken.number} was cancelled, and came")
        spoken.delivered, spoken.partly, spoken.noted = 1, partly or "", False
        if spoken.over and length > spoken.frames:
            raise ViolationError(
                f"utterance {spoken.number} came with {length} frames, said were {spoken.frames}"
            )
        for place, data in frames.items():
            if data != self.voice.frame(spoken.number, place):
                heard = self.voice.read(data)
                raise ViolationError(f"frame {place} of utterance {spoken.number} came as {heard}")
        spoken.missing = spoken.frames - len(frames)
        excused = dropped + self._lost - spoken.excused
        if not partly and spoken.missing > excused:
            raise ViolationError(
                f"utterance {spoken.number} {name} misses {spoken.missing} of {spoken.frames} "
                f"frames, and {excused} were lost on the way"
            )
        if self.heard is not None:
            self.heard[spoken.number] = dict(frames)
        self.pending.pop(spoken.number, None)

    def reported(self, name: tuple[int, int], reason: str) -> None:
        """The wearer was told that an utterance is lost."""
        spoken = self._of(name)
        self._once(spoken)
        if not reason:
            raise ViolationError(f"utterance {spoken.number} was told lost without a reason")
        self._truly_no_more(spoken, reason)
        spoken.lost, spoken.noted = reason, False
        self.pending.pop(spoken.number, None)

    def noted(self, name: tuple[int, int]) -> None:
        """The host's journal has it that this is over, or can't."""
        self._of(name).noted = True

    def killed(self) -> None:
        """The host died: of what it did not note it does not know."""
        for spoken in self.spoken:
            if spoken.accounted and not spoken.noted:
                spoken.in_doubt = True

    def close(self) -> None:
        """Everything has had its time."""
        if self.pending:
            spoken = next(iter(self.pending.values()))
            raise ViolationError(
                f"{len(self.pending)} lost silently: the first is utterance {spoken.number} "
                f"{spoken.name} of {spoken.frames} frames"
            )

    def figures(self) -> dict[str, int]:
        """How many of each."""
        said = [spoken for spoken in self.spoken if spoken.over and not spoken.cancelled]
        cancelled = [spoken for spoken in self.spoken if spoken.over and spoken.cancelled]
        whole = [spoken for spoken in said if spoken.delivered and not spoken.partly]
        return {
            "utterances": len(said),
            "arrived": len(whole),
            "unfinished": len([spoken for spoken in self.spoken if not spoken.over]),
            "cancelled": len(cancelled),
            "cancelled_told": len([spoken for spoken in cancelled if spoken.accounted]),
            "frames": sum(spoken.frames for spoken in whole),
            "missing_frames": sum(spoken.missing for spoken in whole),
            "again": sum(spoken.again for spoken in self.spoken),
            "duplicated": 0,
            "silent": len(self.pending),
        }

    def reasons(self) -> Counter[str]:
        """Why others did not come, or only their beginnings."""
        said = [spoken for spoken in self.spoken if spoken.over and not spoken.cancelled]
        lost = Counter(spoken.lost for spoken in said if spoken.lost)
        partly = Counter(f"{spoken.partly} (partly)" for spoken in said if spoken.partly)
        return lost + partly

    @property
    def _lost(self) -> int:
        return self.lost_on_air + self.lost_by_ring

    def _truly_no_more(self, spoken: Spoken, reason: str | None) -> None:
        if reason and self.has(spoken.name):
            raise ViolationError(
                f"of utterance {spoken.number} {spoken.name} it is told that {reason}, and the "
                "ring has it"
            )

    def _once(self, spoken: Spoken) -> None:
        if not spoken.accounted:
            return
        if not spoken.in_doubt:
            was = f"was told lost ({spoken.lost})" if spoken.lost else "had come"
            raise ViolationError(f"utterance {spoken.number} {spoken.name} {was}, and came again")
        spoken.in_doubt = False
        spoken.again += 1

    def _of(self, name: tuple[int, int]) -> Spoken:
        spoken = self._names.get(name)
        if spoken is None:
            raise ViolationError(f"an utterance {name} came that nobody said")
        return spoken
