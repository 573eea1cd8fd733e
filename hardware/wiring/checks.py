"""What to measure after each part, and what the self-test must say: steps for a board's page."""

from hardware.wiring.board_file import read
from hardware.wiring.netlist import parts

SEEN = "of the light: it asks, and you saw it."

# Part by part: what is soldered after which, what a multimeter must show without power, and what
# `mynah selftest` must say of it. The order puts first what proves what comes later.
STEPS: dict[str, tuple[str, str]] = {
    "microphone": (
        "L/R to GND beeps. VDD to GND, SCK to WS, WS to SD: no beep.",
        "of the microphone: a level that rises when you speak, nothing clipped, no fault.",
    ),
    "speaker": (
        "The speaker alone: 6 to 9 ohm. Its two wires to GND, and VIN to GND: no beep.",
        "of the speaker: the microphone heard it.",
    ),
    "button": (
        "Its pin to GND beeps while you press, and only then.",
        "of the button: your press, and no stuck button.",
    ),
    "lamp active low": (
        "Meter on diode test, red on the anode, black on the cathode: the LED glows.",
        SEEN,
    ),
    "lamp active high": (
        "Meter on diode test, red on the anode, black on the cathode: the LED glows.",
        SEEN,
    ),
    "lamp pixel": (
        "VCC to GND, DIN to VCC, DIN to GND: no beep.",
        SEEN,
    ),
    "haptic pwm": (
        "The motor alone: 10 to 60 ohm. Gate to GND: about 100 kOhm. Drain to GND: no beep.",
        "of the motor: it asks, and you felt it. It rests before and after.",
    ),
    "haptic drv2605l": (
        "VIN to GND, SDA to SCL: no beep. The motor alone: 10 to 60 ohm.",
        "of the motor: its driver answers at 0x5A; it asks, and you felt it.",
    ),
    "motion": (
        "VIN to GND, SDA to SCL, SDA to GND: no beep. Address pin to its rail beeps.",
        "of the motion sensor: its identity, and your tap.",
    ),
    "pulse": (
        "VIN to GND, SDA to SCL: no beep.",
        "of the pulse sensor: its identity at 0x57.",
    ),
    "battery": (
        "Without the cell, to GND: its pin 100 to 220 kOhm, BAT+ no beep.",
        "of the battery: nothing sensible yet.",
    ),
    "cell": (
        "The cell alone: 3.6 to 4.2 V. At the open plug: plus lies on BAT+. Then put it in.",
        "of the battery: within 0.1 V of your meter.",
    ),
}


# Their cells are too small for the board's charger: a cable must not meet a cell.
CHARGED_ELSEWHERE = ("ring", "touch")
NO_CABLE = "**No cable from here on while the cell is in**: over the radio, "
# What the drawing feeds from the cell is tried on a cable first, where a XIAO's BAT+ gives nothing
# to rely on; left on both, the cable's 5 V would go into the cell.
FOR_NOW = "**VIN for now to 5V**: there is no cell yet. "
MOVE = "**Move VIN from 5V to BAT+**; VIN to 5V: no beep. "


def steps_table(name: str) -> str:
    """A row for each part of a board, in the order of soldering, in Markdown."""
    board = read(name)
    wired = {part.key: part for part in parts(board)}
    rows = ["| | Solder | Without power | Then `mynah selftest` has a line |"]
    rows.append("| --- | --- | --- | --- |")
    # A step names a part, or a part of one kind.
    ordered = [
        (part, said)
        for step, said in STEPS.items()
        for key, part in wired.items()
        if step in (key, key.partition(" ")[0])
    ]
    fed = {wire.to for part in wired.values() for wire in part.wires if wire.part == "speaker"}
    moves = {"speaker": FOR_NOW, "cell": MOVE} if "BAT+" in fed else {}
    for number, (part, (measure, told)) in enumerate(ordered, 1):
        apart = part.key == "cell" and board.build in CHARGED_ELSEWHERE
        said = NO_CABLE + told if apart else told
        rows.append(
            f"| {number} | {part.module.title} | {moves.get(part.key, '')}{measure} | {said} |"
        )
    return "\n".join(rows)
