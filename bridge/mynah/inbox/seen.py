"""Which frames of an utterance are here. Pure; a byte each, from the first that still matters."""


class Seen:
    """Frames that came, at their place on the sample clock."""

    def __init__(self, first: int = 0) -> None:
        """Of those before `first` all are taken to be here."""
        self._first = first
        self._here = bytearray()
        self.count = 0
        """From `first` on."""

    @property
    def end(self) -> int:
        """One more than the last that is here."""
        return self._first + len(self._here)

    def add(self, frame: int) -> bool:
        """A frame came; False if it was here."""
        place = frame - self._first
        if place < 0:
            return False
        if place >= len(self._here):
            self._here.extend(bytes(place + 1 - len(self._here)))
        if self._here[place]:
            return False
        self._here[place] = 1
        self.count += 1
        return True

    def first_missing(self, frame: int = 0) -> int:
        """The first that is not here, from this one on."""
        place = self._here.find(0, max(0, frame - self._first))
        return max(frame, self.end) if place < 0 else self._first + place

    def missing(self, frames: int) -> int:
        """How many are not here, of the first so many."""
        place = max(0, frames - self._first)
        return place - self._here.count(1, 0, place)

    def forget(self, frame: int) -> None:
        """Those before a frame matter no more."""
        place = min(max(0, frame - self._first), len(self._here))
        self.count -= self._here.count(1, 0, place)
        del self._here[:place]
        self._first = max(self._first, frame)
