"""The boot: which slot runs, and the record about it in NVS."""

from .record import BUILT_IN, NONE, A, B, Record, decoded, failed, met, spare, start, trying, well

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from typing import Protocol

    class Nvs(Protocol):
        """A namespace of `esp32.NVS`."""

        def get_i32(self, key: str) -> int: ...
        def set_i32(self, key: str, value: int) -> None: ...
        def commit(self) -> None: ...


NAMESPACE = "mynah_boot"
FOLDERS = {A: "a", B: "b", BUILT_IN: ""}
APPLICATIONS = ("app.mpy", "app.py")  # a slot without either is empty
PART = "part"  # a slot with a file of this name is not whole

_KEY = "slots"


class Boot:
    """Decided once, by `begin`; without an NVS that works there are no trials."""

    def __init__(self, nvs: "Nvs | None") -> None:
        self.running = NONE
        self.on_trial = False
        self.met_host = False
        self._nvs = nvs

    def begin(self, present: "set[int]", bitten: bool = False) -> int:
        """The slot to start, NONE if there is none; `bitten`: the watchdog ended the boot before.

        An import that never ends raises nothing: a torn .mpy does that to MicroPython.
        """
        before = self._kept()
        if bitten and before.trial == NONE:
            before = failed(before, start(before, present)[0])
        slot, record = start(before, present)
        if record != self._kept() and not self._keep(record) and slot == before.trial:
            # A trial that can't be written down would be one at every boot.
            slot, _ = start(Record(before.current, NONE, False, 0, before.broken), present)
        self.running = slot
        self.on_trial = slot == record.trial and slot != NONE
        return slot

    def failed(self) -> None:
        """What runs raised; after it met a host that is no reason to go back."""
        if not self.met_host:
            self._keep(failed(self._kept(), self.running))

    def met(self) -> bool:
        """A proven host speaks with what runs; True if that ended its trial."""
        before = self._kept()
        after = met(before, self.running)
        if after != before and not self._keep(after):
            return False
        self.met_host = True
        ended, self.on_trial = self.on_trial, False
        return ended

    def well(self) -> None:
        """What runs has run for a while."""
        before = self._kept()
        if before.failures:
            self._keep(well(before))

    def spare(self) -> int:
        """The slot that an update may overwrite."""
        return spare(self.running)

    def try_next(self) -> bool:
        """Have the spare slot start once; False if NVS does not take it."""
        return self._keep(trying(self._kept(), self.running, self.spare()))

    def _kept(self) -> Record:
        try:
            return decoded(None if self._nvs is None else self._nvs.get_i32(_KEY))
        except OSError:
            return decoded(None)

    def _keep(self, record: Record) -> bool:
        if self._nvs is None:
            return False
        try:
            self._nvs.set_i32(_KEY, record.encoded())
            self._nvs.commit()
        except OSError:
            return False
        return True
