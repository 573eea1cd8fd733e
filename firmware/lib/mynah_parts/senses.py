"""The senses of a board: which sensor it has, and what is done with it.

Each sense has `heart`, `poke` and `run` for the supervisor, and `sleep` for when the chip sleeps.
"""

from mynah_wire.making import FOREIGN

from .bus import Bus
from .part_error import PartError
from .runner import Runner

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from typing import Any, Protocol

    from .battery_sense import BatterySense
    from .motion_sense import MotionSense
    from .pulse_sense import PulseSense
    from .supervisor import Part

    Board = Any  # a module of constants, any of which may be missing

    class Sense(Part, Protocol):
        """What runs, and is told before the chip sleeps."""

        def sleep(self) -> None:
            """Take no power."""


def motion_of(board: "Board", bus: Bus, runner: Runner, tells_worn: bool) -> "MotionSense":
    """Its accelerometer, which the motor is from now on tied to; PartError if it is not there."""
    from .motion_sense import Disturbing, MotionSense

    driver = accelerometer(board.MOTION)(bus, board.MOTION_ADDRESS)
    sense = MotionSense(driver, runner.ring, runner.event, tells_worn)
    if runner.haptic is not None:
        runner.haptic = Disturbing(runner.haptic, sense)
    return sense


def pulse_of(bus: Bus, runner: Runner) -> "PulseSense":
    """Its pulse sensor; PartError if it is not there."""
    from .max30102 import Max30102
    from .pulse_sense import PulseSense

    return PulseSense(Max30102(bus), runner.ring, runner.event)


def battery_of(board: "Board", runner: Runner) -> "BatterySense":
    """Its battery."""
    from .battery import Battery
    from .battery_sense import BatterySense

    battery = Battery(board.BATTERY_PIN, board.BATTERY_DIVIDER)
    return BatterySense(battery, runner.ring, runner.event)


def accelerometer(name: str) -> "Any":
    """The driver of that name; PartError if there is none."""
    if name == "lsm6ds3":
        from .lsm6ds3 import Lsm6ds3

        return Lsm6ds3
    if name == "bmi270":
        from .bmi270 import Bmi270

        return Bmi270
    if name == "mpu6050":
        from .mpu6050 import Mpu6050

        return Mpu6050
    raise PartError(FOREIGN, "motion: no driver for %s" % name)
