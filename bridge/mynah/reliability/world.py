"""A ring, a host, the air between them and a wearer, all in virtual time, under a plan of faults.

The ring's logic and the host's are the real ones; what is modelled is metal: the radio, the flash,
the disk, and power.
"""

import random
from collections import Counter
from collections.abc import Callable
from typing import Final

from mynah.errors import DeviceError, UserError
from mynah.faults.kinds import Unit
from mynah.faults.plan import Fault, Plan, Way
from mynah.faults.schedule import Counted
from mynah.inbox.fake_disk import KilledError
from mynah.reliability.agenda import Agenda
from mynah.reliability.host import Host
from mynah.reliability.invariants import Watch
from mynah.reliability.ledger import Ledger
from mynah.reliability.numbered import Numbered, Voice
from mynah.reliability.powered import PoweredRing
from mynah.reliability.tether import LEAST_MS, MOST_MS, SUPERVISION_MS, Direction, Tether
from mynah_wire.gatt import BEST_MTU

NUMBERED: Final = Numbered()
KEY: Final = bytes(range(32))  # it protects nothing here

FIND_MS: Final = (200.0, 1500.0)
"""From losing a ring to being connected again: an advertisement heard, and a connection made."""

RESTART_MS: Final = (300.0, 3000.0)
"""From the host's end to its next beginning."""

BOOT_MS: Final = (200.0, 4000.0)
"""From a power cut to a ring that runs again: a battery's bad contact, or a charger."""

CHANGES: Final = 4
"""Of the disk, for what one utterance needs at its end."""

HALF: Final = 0.5


class World:
    """Time moves only in `run`."""

    def __init__(self, plan: Plan, voice: Voice = NUMBERED) -> None:
        self.plan = plan
        self.now_ms = 0.0
        self.agenda = Agenda()
        self.ledger = Ledger(voice)
        self.happened: Counter[str] = Counter()
        """Faults, by name, as often as they took effect."""
        self.calm = False
        """No fault any more."""
        self._chance = random.Random(f"{plan.seed} world")
        self.ring = PoweredRing(self.ledger, KEY, self._chance)
        self.ledger.has = self.ring.has
        self.host = Host(self.ledger, KEY, self._chance)
        self.watch = Watch(self.ring, self.host)
        self._up = Direction(plan, Way.UP)
        self._down = Direction(plan, Way.DOWN)
        self._counted = {unit: Counted(plan, unit) for unit in Unit}
        self._tether: Tether | None = None
        self._quiet_until_ms = 0.0
        self._mtu = BEST_MTU
        self._deeds: dict[str, Callable[[Fault], None]] = {
            "disconnect": lambda _: self.cut(),
            "outage": lambda fault: self.be_quiet(fault.number),
            "host_kill": lambda _: self._kill_host(),
            "power_cut": self._cut_power,
            "disk_full": lambda fault: self.fill_disk(fault.number),
            "mtu": self._offer_mtu,
            "drop": lambda _: None,  # and delay: the tether's business
            "delay": lambda _: None,
        }
        for fault in plan.faults:
            if fault.name not in self._deeds:
                there = ", ".join(self._deeds)
                raise UserError(f"faults: {fault} can't be had in virtual time; there are {there}")
        self.ring.boot(0.0)
        self.host.start(0.0)
        self._look()

    @property
    def linked(self) -> bool:
        """Whether anything can pass."""
        return self._tether is not None and self._tether.carries

    def run(self, until_ms: float) -> None:
        """Let time pass."""
        self._settle()
        while (due_ms := self._due_ms()) <= until_ms:
            self.watch.moves(due_ms)
            self.now_ms = max(self.now_ms, due_ms)
            self._settle()
        self.now_ms = max(self.now_ms, until_ms)

    def press(self) -> None:
        """The finger is on the button."""
        self.count(Unit.TURN)
        self.ring.press(self.now_ms)

    def release(self) -> None:
        """The finger is off the button."""
        self.ring.release(self.now_ms)

    def be_calm(self) -> None:
        """No fault from now on."""
        self.calm = True
        self._quiet_until_ms = self.now_ms
        self.host.disk_full(full=False)

    def count(self, unit: Unit) -> None:
        """One more of what a plan counts in."""
        if not self.calm:
            for fault in self._counted[unit].one_more():
                self._happen(fault)

    def cut(self) -> None:
        """The link is gone; either side learns of it first."""
        if self._tether is not None and self._tether.carries:
            self.happened["disconnect"] += 1
            self._lose(self._chance.choice((0.0, SUPERVISION_MS)))

    def kill_host(self) -> None:
        """The bridge stops dead: what it did not sync is gone."""
        if not self.host.runs:
            return
        self.happened["host_kill"] += 1
        self.host.kill()
        self._lose(0.0, ring_late_ms=SUPERVISION_MS)
        self.agenda.at(self.now_ms + self._between(RESTART_MS), self._start_host)

    def cut_power(self) -> None:
        """The ring stops dead: what is not in its flash is gone."""
        if not (self.ring.on or self.ring.was_torn):
            return
        self.happened["power_cut"] += 1
        self.ring.cut()
        self._lose(SUPERVISION_MS, ring_late_ms=0.0)
        self.agenda.at(self.now_ms + self._between(BOOT_MS), self._boot)

    def be_quiet(self, span_ms: float) -> None:
        """Nothing passes for so long: a fade, or out of range."""
        self.happened["outage"] += 1
        self._quiet_until_ms = max(self._quiet_until_ms, self.now_ms + span_ms)
        self.agenda.at(self._quiet_until_ms, lambda: None)
        if span_ms > SUPERVISION_MS:
            self.agenda.at(self.now_ms + SUPERVISION_MS, self._out_of_range)

    def fill_disk(self, span_ms: float) -> None:
        """The host's disk takes no more for so long."""
        self.happened["disk_full"] += 1
        self.host.disk_full(full=True)
        self.agenda.at(self.now_ms + span_ms, lambda: self.host.disk_full(full=False))

    # Time

    def _due_ms(self) -> float:
        moments = [self.agenda.due_ms, self.ring.due_ms(), self.host.due_ms()]
        if not self.calm:
            moments.append(self._counted[Unit.TIME].due or float("inf"))
        if self._tether is not None and self._carries:
            moments.append(self._tether.due_ms)
        return min(moments)

    @property
    def _carries(self) -> bool:
        return self.now_ms >= self._quiet_until_ms

    def _settle(self) -> None:
        """Do everything that is due now."""
        while (deed := self.agenda.take(self.now_ms)) is not None:
            deed()
        if not self.calm:
            for fault in self._counted[Unit.TIME].until(self.now_ms):
                self._happen(fault)
        self._run_ring()
        if self.ring.was_torn:
            self.cut_power()
        try:
            self._run_host()
        except KilledError:
            self.kill_host()
        except DeviceError:  # the host gives up this connection
            self.happened["given_up"] += 1
            self.host.disconnected(self.now_ms)
            self._lose(0.0)

    def _run_ring(self) -> None:
        tether = self._tether
        if tether is not None and self._carries:
            for record in tether.down.take(self.now_ms):
                self.ring.receive(record, self.now_ms)
        before = self.ring.flash.written_bytes
        says = self.ring.advance(self.now_ms)
        if self.ring.flash.written_bytes > before:
            self.count(Unit.WRITE)
        if tether is not None and tether.carries and self.ring.on:
            for record in says:
                tether.up.put(record, self.now_ms)
            self.ledger.lost_on_air = self._up.lost
        if self.ring.hung_up and tether is not None and tether.carries:
            self.happened["hung_up"] += 1
            self._lose(0.0)

    def _run_host(self) -> None:
        tether = self._tether
        if tether is not None and self._carries and tether.host_believes:
            for record in tether.up.take(self.now_ms):
                self.count(Unit.RECORD)
                for _ in range(self.host.receive(record, self.now_ms)):
                    self.count(Unit.FRAME)
                if not tether.host_believes:
                    return
        self.host.tick(self.now_ms)
        for record in self.host.says():
            if tether is not None and tether.carries:
                tether.down.put(record, self.now_ms)

    # The link

    def _look(self) -> None:
        """The host looks for the ring until it has it."""
        self.agenda.at(self.now_ms + self._between(FIND_MS), self._find)

    def _find(self) -> None:
        if self._tether is not None:
            return
        if not (self.ring.on and self.host.runs and self._carries):
            self._look()
            return
        delay_ms = self._between((LEAST_MS, MOST_MS))
        self._tether = Tether(self._up.line(delay_ms), self._down.line(delay_ms))
        self.ring.connected(self._mtu, self.now_ms)
        self.host.connected(self._mtu, self.now_ms)

    def _lose(self, host_late_ms: float, ring_late_ms: float | None = None) -> None:
        tether = self._tether
        if tether is None or not tether.carries:
            return
        tether.cut()
        if ring_late_ms is None:
            ring_late_ms = SUPERVISION_MS - host_late_ms
        self._tell(host_late_ms, lambda: self._host_learns(tether))
        self._tell(ring_late_ms, lambda: self._ring_learns(tether))

    def _tell(self, late_ms: float, deed: Callable[[], None]) -> None:
        if late_ms:
            self.agenda.at(self.now_ms + late_ms, deed)
        else:
            deed()

    def _host_learns(self, tether: Tether) -> None:
        tether.host_believes = False
        self.host.disconnected(self.now_ms)
        self._both(tether)

    def _ring_learns(self, tether: Tether) -> None:
        tether.ring_believes = False
        self.ring.disconnected(self.now_ms)
        self._both(tether)

    def _both(self, tether: Tether) -> None:
        if tether.over and self._tether is tether:
            self._tether = None
            self._look()

    # Faults

    def _happen(self, fault: Fault) -> None:
        self._deeds[fault.name](fault)

    def _out_of_range(self) -> None:
        if not self._carries and self.linked:
            self.happened["disconnect"] += 1
            self._lose(0.0, ring_late_ms=0.0)

    def _kill_host(self) -> None:
        """At once, or in the middle of what its disk does next."""
        if self.host.runs and self._chance.random() < HALF:
            self.host.die_at_change(self._chance.randint(1, CHANGES))
        else:
            self.kill_host()

    def _cut_power(self, fault: Fault) -> None:
        if fault.when is not None and fault.when.unit is Unit.WRITE:
            self.ring.tear()
        else:
            self.cut_power()

    def _offer_mtu(self, fault: Fault) -> None:
        self._mtu = int(fault.number)

    def _start_host(self) -> None:
        self.host.start(self.now_ms)

    def _boot(self) -> None:
        self.ring.boot(self.now_ms)

    def _between(self, span_ms: tuple[float, float]) -> float:
        return self._chance.uniform(*span_ms)
