"""The processor's clock, and deep sleep, from which a press of the button wakes the chip.

Not measured on hardware. It needs MicroPython 1.28: the ESP32-C3 and -C6 wake by `wake_on_gpio`.
"""

import esp32
import machine
from machine import Pin
from micropython import const

from mynah_device.power import BY_POWER, BY_PRESS, BY_TIMER

TYPE_CHECKING = False  # type checkers take this name for True; MicroPython has no typing to ask
if TYPE_CHECKING:
    from collections.abc import Callable

# A button that is stuck would wake the chip at once, again and again: it is left alone, but not for
# so long that whoever frees it takes the ring for dead.
_STUCK_MS = const(600_000)


def started_by() -> str:
    """Why the chip started, as the core calls it."""
    if machine.reset_cause() != machine.DEEPSLEEP_RESET:
        return BY_POWER
    return BY_TIMER if machine.wake_reason() == machine.TIMER_WAKE else BY_PRESS


class Power:
    """Does what the core decides."""

    def __init__(
        self,
        button_pin: int,
        before_sleep: "Callable[[], None]",
        is_stuck: "Callable[[], bool]",
    ) -> None:
        """`before_sleep()` switches off what would go on shining; `is_stuck()` is of the button."""
        self._button_pin = button_pin
        self._before_sleep = before_sleep
        self._is_stuck = is_stuck

    def clock(self, hz: int) -> None:
        """Run at this speed."""
        machine.freq(hz)

    def sleep(self, wake_after_ms: "int | None") -> None:
        """Sleep until a press, or so long; returns only if the button is being pressed."""
        pin = Pin(self._button_pin, Pin.IN, Pin.PULL_UP)
        stuck = pin.value() == 0
        if stuck and not self._is_stuck():
            return  # somebody wants something
        self._before_sleep()
        pin.init(Pin.IN, Pin.PULL_UP, hold=True)  # else nothing pulls it up while the chip sleeps
        if stuck:
            machine.deepsleep(min(wake_after_ms or _STUCK_MS, _STUCK_MS))
        # A press from here on, or since we looked, wakes it at once: the level counts, not an edge.
        if hasattr(esp32, "wake_on_ext0"):
            esp32.wake_on_ext0(pin, esp32.WAKEUP_ALL_LOW)
        else:
            esp32.wake_on_gpio((pin,), esp32.WAKEUP_ALL_LOW)
        if wake_after_ms is None:
            machine.deepsleep()
        machine.deepsleep(wake_after_ms)
