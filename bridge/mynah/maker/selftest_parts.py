"""What a finger or an eye tests: button, light, haptic, motion; and pulse, battery, flash, chip."""

import asyncio
from typing import Final

from mynah.maker.selftest_board import BoardFile
from mynah.maker.selftest_report import Figure, Result
from mynah.maker.selftest_ring import Finding
from mynah.maker.selftest_tests import (
    Bench,
    answered,
    failed,
    missing,
    not_asked,
    passed,
    simple,
)
from mynah_wire.downlink import EFFECT_BITS, PULSE, SOLID, Act
from mynah_wire.programs import NO_PROGRAM, TWICE
from mynah_wire.uplink import BUTTON, COLOUR, DOUBLE_TAPPED, HAPTIC, LIGHT, SHAKEN, TAPPED, Touch

LOW_PERCENT: Final = 10
FULLEST_MV: Final = 4300
"""No cell of one has more: the divider is not what the board's file says."""

BUZZ_S: Final = 1.5
_COLOURS: Final = (PULSE << EFFECT_BITS | 0xFF0000, SOLID << EFFECT_BITS | 0x00FF00)
_BLUE: Final = SOLID << EFFECT_BITS | 0x0000FF
_FULL_GAIN: Final = 0xFFFF
_TAPS: Final = (TAPPED, DOUBLE_TAPPED, SHAKEN)
_PRESS_EDGES: Final = 2
_TOKEN: Final = 0x5E00
_FULL: Final = "OSError [Errno 28]"


async def button(bench: Bench) -> Result:
    """Whether it is held down, and what one press of it does."""
    finding = await bench.ring.probe("button")
    if finding.missing or not finding.passed:
        return simple("button", finding, _pressing(bench.board))
    if finding.number("down"):
        note = "it is down, and nobody presses it"
        return failed("button", note, f"is it stuck? {_pressing(bench.board)}", finding.values)
    if not bench.can(BUTTON):
        return passed("button", finding.values)
    seconds = bench.effort.person_s
    if bench.hand is not None:
        async with bench.hand():
            pressed = await bench.ring.probe("button", round(seconds * 1000))
        return _pressed(pressed, bench.board)
    if not await bench.asked(f"Press the button once, within {seconds:.0f} s from now: ready?"):
        return not_asked("button", finding.values)
    pressed = await bench.ring.probe("button", round(seconds * 1000))
    return _pressed(pressed, bench.board)


def _pressed(pressed: Finding, board: BoardFile) -> Result:
    figures: dict[str, Figure] = {
        "presses": pressed.values.get("presses", 0),
        "bounces": max(0, int(pressed.number("edges")) - _PRESS_EDGES),
    }
    if pressed.number("still_down"):
        note = "it went down, and did not come up"
        return failed("button", note, f"is it stuck? {_pressing(board)}", figures)
    if not pressed.number("presses"):
        return failed("button", "no press was seen", _pressing(board), figures)
    return passed("button", figures)


def _pressing(board: BoardFile) -> str:
    pin = board.pin("BUTTON_PIN")
    if board.constants.get("BUTTON") == "touch":
        return f"the pad is on {pin}, a wire of a hand's breadth at most, and nothing is near it"
    return f"it connects {pin} to ground while it is pressed"


async def light(bench: Bench) -> Result:
    """Its colours, for a person to see."""
    step = f"is its wire on {bench.board.pin('LAMP_PIN')}, and the right way round?"
    if not bench.can(LIGHT):
        return failed("light", "the ring runs without it", step)
    if bench.ask is None:
        return not_asked("light")
    for number, colour in enumerate((*_COLOURS, _BLUE)):
        _act(bench, number, NO_PROGRAM, colour, bench.effort.shown_s)
        await asyncio.sleep(bench.effort.shown_s)
    coloured = bench.can(COLOUR)
    question = (
        "Did the light blink red, then shine green, then blue?"
        if coloured
        else "Did the light blink, then shine?"
    )
    return answered("light", "you saw something else", step, answer=await bench.asked(question))


async def haptic(bench: Bench) -> Result:
    """Two short buzzes, for a person to feel."""
    if not bench.board.has("HAPTIC"):
        return missing("haptic")
    step = (
        "is the motor soldered to the driver's outputs?"
        if bench.board.constants.get("HAPTIC") == "drv2605l"
        else f"the motor hangs on a transistor whose gate is on {bench.board.pin('HAPTIC_PIN')}"
    )
    if not bench.can(HAPTIC):
        return failed("haptic", "the ring runs without it", f"{step}; {_bus(bench.board)}")
    if bench.ask is None:
        return not_asked("haptic")
    _act(bench, len(_COLOURS) + 1, TWICE, 0, 0.0)
    await asyncio.sleep(BUZZ_S)
    answer = await bench.asked("Did it buzz twice?")
    return answered("haptic", "you felt nothing, or something else", step, answer=answer)


async def motion(bench: Bench) -> Result:
    """Who the sensor is, and whether it feels a tap."""
    finding = await bench.ring.probe("motion")
    result = simple("motion", finding, _bus(bench.board))
    if not finding.passed:
        return result
    seconds = bench.effort.person_s
    question = f"Tap the ring twice, not on its button, within {seconds:.0f} s from now: ready?"
    if not await bench.asked(question):
        return passed("motion", finding.values, "it answers; nobody tapped it")
    touch = await bench.ring.wait_for(Touch, lambda felt: felt.pattern in _TAPS, seconds)
    if touch is None:
        step = "lay it down, wait a second, then tap it firmly; is the sensor fixed to its case?"
        return failed("motion", "no tap was felt", step, finding.values)
    return passed("motion", finding.values, "it feels taps")


async def pulse(bench: Bench) -> Result:
    """Who the sensor is."""
    return simple("pulse", await bench.ring.probe("pulse"), _bus(bench.board))


def _bus(board: BoardFile) -> str:
    data, clock = board.pin("I2C_SDA"), board.pin("I2C_SCL")
    return f"is SDA on {data}, SCL on {clock}, its supply 3.3 V, its address as the file says?"


async def battery(bench: Bench) -> Result:
    """How full the cell is."""
    finding = await bench.ring.probe("battery")
    step = f"the divider's middle goes to {bench.board.pin('BATTERY_PIN')}"
    result = simple("battery", finding, step)
    if not finding.passed:
        return result
    millivolts = f"{finding.number('millivolts'):.0f} mV"
    if not finding.number("cell"):
        return failed("battery", f"no cell: {millivolts}", f"connect one; {step}", finding.values)
    if finding.number("millivolts") > FULLEST_MV:
        note = f"{millivolts} is more than a cell has"
        return failed("battery", note, f"are both resistors alike? {step}", finding.values)
    if finding.number("percent") <= LOW_PERCENT:
        note = f"it is nearly empty: {millivolts}, {finding.number('percent'):.0f} %"
        return failed("battery", note, "charge it before you go on", finding.values)
    return result


async def flash(bench: Bench) -> Result:
    """Write, read back, and how long it takes."""
    finding = await bench.ring.probe("flash")
    if finding.reason.startswith(_FULL):
        return simple("flash", finding, "stay in reach until a computer has fetched what was said")
    step = "erase everything once with `mynah flash --erase`; if it stays so, the flash is worn"
    return simple("flash", finding, step)


async def system(bench: Bench) -> Result:
    """Chip, interpreter, memory, how it started."""
    step = "is the firmware older than this bridge? Run `mynah flash --app`"
    return simple("system", await bench.ring.probe("system"), step)


def _act(bench: Bench, number: int, program: int, light: int, seconds: float) -> None:
    span_ms = round(seconds * 1000)
    act = Act(_TOKEN + number, program, 1, _FULL_GAIN, 0, light, span_ms)
    bench.ring.client.tell(act)
