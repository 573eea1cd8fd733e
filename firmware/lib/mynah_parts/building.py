"""Builds the ring of a board: the parts that its file names, as far as they answer.

A part that is not as it should be is told, and the ring runs without it.
"""

import os
import time

import machine

import mynah_boot
from mynah_device import actions
from mynah_device.acting import Acting
from mynah_device.held import LIMIT
from mynah_device.memory import Memory
from mynah_device.playback import Playback
from mynah_device.power import AWAKE_MS, BY_PRESS, FOR_EVER, WAKING_PINS
from mynah_device.power import Power as Cares
from mynah_device.ring import Ring
from mynah_device.session import Identity
from mynah_device.settings import Settings
from mynah_device.workshop import Workshop
from mynah_wire import making, uplink

from .adpcm_viper import decode_frame
from .ccm import Ccm
from .copy_viper import copy_bytes
from .part_error import PartError
from .power import Power, started_by
from .runner import Runner
from .samples_viper import ramp
from .store import Store
from .supervisor import Supervisor

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from typing import Any

    from .bus import Bus
    from .duplex import Duplex
    from .probes import Prober
    from .senses import Sense
    from .supervisor import Part

    Board = Any  # a module of constants, any of which may be missing

STANDARD = "xiao_esp32s3"


def find_board(name: str) -> "tuple[Board, str]":
    """The board's file, alone of all; and what is wrong with the name, empty if nothing is."""
    try:
        return getattr(__import__("boards." + (name or STANDARD)), name or STANDARD), ""
    except (ImportError, AttributeError, SyntaxError, ValueError):
        if not name:
            raise
        return find_board("")[0], "board: no file is called %s" % name


def new_ring(board: "Board", store: Store, workshop: Workshop, safe: bool) -> Ring:
    """The core, with what was kept."""
    device_id = (machine.unique_id() + bytes(8))[:8]
    boot_id = int.from_bytes(os.urandom(4), "little")
    name, capabilities = board.NAME.encode(), 0 if safe else board.CAPABILITIES
    identity = Identity(device_id, boot_id, name, capabilities, Ccm, os.urandom)
    playback = Playback(decode_frame, ramp, slots=1 if safe else board.REPLY_FRAMES)
    memory = Memory(1 if safe else board.MEMORY_FRAMES, copy_bytes)
    settings, acting = Settings(store.settings()), Acting(capabilities, store.acts())
    flash_bytes = 0 if safe else board.FLASH_BYTES
    ring = Ring(identity, store.key(), settings, playback, memory, flash_bytes, acting, workshop)
    ring.said.held.limit = getattr(board, "UTTERANCES", LIMIT)
    ring.on_trial = mynah_boot.booted is not None and mynah_boot.booted.on_trial
    return ring


class Building:
    """One ring's; what it built is left with the runner, and the supervisor looks after it."""

    def __init__(self, board: "Board", runner: Runner, supervisor: Supervisor) -> None:
        self._board = board
        self._runner = runner
        self._supervisor = supervisor
        self._ring = runner.ring
        self._buses: "list[Bus]" = []  # one or none
        self._duplexes: "list[Duplex]" = []
        self._senses: "list[Sense]" = []

    def all_parts(self) -> None:
        """Whatever the board has."""
        for part, constant, capabilities, build in (
            ("flash", "FLASH_BYTES", uplink.STORE, self._flash),
            ("light", "LAMP", uplink.LIGHT | uplink.COLOUR, self._light),
            ("haptic", "HAPTIC", uplink.HAPTIC, self._haptic),
            ("microphone", "MICROPHONE_SD", uplink.MICROPHONE, self._microphone),
            ("speaker", "SPEAKER_SD", uplink.SPEAKER, self._speaker),
            ("button", "BUTTON", uplink.BUTTON, self._button),
            ("pulse", "PULSE", 0, self._pulse),
            ("motion", "MOTION", uplink.MOTION, self._motion),
            ("battery", "BATTERY_PIN", uplink.BATTERY, self._battery),
            ("power", "CHIP", 0, self._power),
        ):
            if not getattr(self._board, constant, None):
                self._ring.lacks(capabilities)
                continue
            try:
                build()
            except Exception as error:  # noqa: BLE001 - whatever it is, the ring runs without it
                self._ring.lacks(capabilities)
                self._runner.failed(part, error)
        self._runner.new_prober = self._new_prober

    def _flash(self) -> None:
        from .flash import Flash

        flash = Flash(self._ring)
        flash.restore()
        flash.on_news = self._runner.sender.poke
        self._runner.sender.on_idle = flash.poke
        self._runner.flash = flash
        self._supervisor.look_after("flash", flash)

    def _light(self) -> None:
        from .light import Light, lamp

        light = Light(lamp(self._board.LAMP, self._board.LAMP_PIN), self._ring)
        self._runner.light = light
        self._supervisor.look_after("light", light)

    def _haptic(self) -> None:
        if self._board.HAPTIC == "drv2605l":
            from .drv2605l import Drv2605l

            self._runner.haptic = Drv2605l(self._bus())
        else:
            from .haptic import Haptic

            self._runner.haptic = Haptic(self._board.HAPTIC_PIN)

    def _microphone(self) -> None:
        from .microphone import Microphone

        board, light = self._board, self._runner.light
        if light is None:
            raise PartError(making.ABSENT, "microphone: not without its light")
        pins = (board.MICROPHONE_SCK, board.MICROPHONE_WS, board.MICROPHONE_SD)
        self._runner.microphone = Microphone(
            pins, self._ring, light, self._runner.heard_frame, self._duplex(), self._runner.fault
        )

    def _speaker(self) -> None:
        from .speaker import Speaker

        board, runner = self._board, self._runner
        pins = (board.SPEAKER_SCK, board.SPEAKER_WS, board.SPEAKER_SD)
        enable = getattr(board, "SPEAKER_ENABLE", None)
        speaker = Speaker(
            pins, self._ring, runner.sender.poke, self._duplex(), enable, runner.fault
        )
        runner.speaker = speaker
        self._supervisor.look_after("speaker", speaker)

    def _button(self) -> None:
        if self._board.BUTTON == "touch":
            from .touch_pad import TouchButton

            button: "Part" = TouchButton(self._board.BUTTON_PIN, self._runner.event)
        else:
            from .button import Button

            woke = started_by() == BY_PRESS
            button = self._runner.button = Button(self._board.BUTTON_PIN, self._runner.event, woke)
        self._supervisor.look_after("button", button)

    def _pulse(self) -> None:
        from .senses import pulse_of

        self._look_after("pulse", pulse_of(self._bus(), self._runner))

    def _motion(self) -> None:
        from .senses import motion_of

        tells_worn = not self._senses  # where there is no sensor of the pulse
        self._look_after("motion", motion_of(self._board, self._bus(), self._runner, tells_worn))

    def _battery(self) -> None:
        from .senses import battery_of

        self._look_after("battery", battery_of(self._board, self._runner))

    def _look_after(self, name: str, sense: "Sense") -> None:
        self._senses.append(sense)
        self._supervisor.look_after(name, sense)

    def _power(self) -> None:
        board, runner = self._board, self._runner
        pin: "Any" = getattr(board, "BUTTON_PIN", None)
        awake_ms: "Any" = FOR_EVER
        if getattr(board, "BUTTON", None) == "button" and pin in range(WAKING_PINS[board.CHIP]):
            awake_ms = getattr(board, "AWAKE_MS", None) or AWAKE_MS.get(board.BUILD, FOR_EVER)
        self._ring.power = Cares(awake_ms, board.CHIP, started_by(), time.ticks_ms())
        runner.power = Power(pin, self._before_sleep, self._is_stuck)
        if started_by() == BY_PRESS and machine.Pin(pin).value():
            # The finger was gone before the chip was up: a touch, and nothing was said in it.
            runner.event(actions.MOVED, time.ticks_ms(), uplink.TAPPED)

    def _new_prober(self) -> "Prober":
        from .probes import Prober

        return Prober(self._board, self._runner, self._bus, self._duplex)

    def _is_stuck(self) -> bool:
        button = self._runner.button
        return button is None or button.stuck  # None: nobody handles its presses

    def _before_sleep(self) -> None:
        self._ring.workshop.journal.note("asleep", time.ticks_ms())
        for sense in self._senses:
            sense.sleep()
        if self._runner.light is not None:
            self._runner.light.dark()
        if self._runner.speaker is not None:
            self._runner.speaker.sleep()

    def _duplex(self) -> "Duplex":
        """The one of microphone and speaker."""
        from .duplex import Duplex

        if not self._duplexes:
            codec = None
            if getattr(self._board, "CODEC", None):
                from .es8311 import Es8311

                codec = Es8311(self._bus(), self._board.CODEC_ADDRESS)
            half = self._ring.half_duplex = getattr(self._board, "HALF_DUPLEX", False)
            self._duplexes.append(Duplex(half, codec))
        return self._duplexes[0]

    def _bus(self) -> "Bus":
        """The one of all parts."""
        from .bus import Bus

        if not self._buses:
            self._buses.append(Bus(self._board.I2C_SDA, self._board.I2C_SCL))
        return self._buses[0]
