"""RELIABILITY.md: every result with its day, its machine and the command that repeats it. Pure."""

from collections.abc import Mapping
from typing import Final

from mynah.reliability.results import KINDS, Result
from mynah.reliability.sections import SECTIONS
from mynah.reliability.soak_plot import drawable

HEAD: Final = """\
# Reliability

What was promised, what was tried against it, and what came of it.
Made by `make reliability`; nothing here is written by hand.

**Not measured on hardware.**
Ring, radio and flash are emulated: in real time the firmware's own sources in a real MicroPython,
behind a real Bluetooth stack on a modelled radio; in virtual time the same logic over a modelled
link.

The promises:

- Every utterance whose button was released arrives exactly once, or is reported lost, with the
  reason.
- A lost frame costs its own 20 ms.
- No input makes a parser hang, crash or read too far.
- Every state has a way back to listening within its deadline.
- Memory, tasks, files and sockets are bounded.
- Nothing leaves the computer but to the companion that was configured.

In virtual time they are checked all along, and a violation ends the run and prints the command that
repeats it; in real time it is counted, and the command fails. What is not as promised stands below
as it came."""

ABOUT: Final[Mapping[str, str]] = {
    "chaos": "The ring's logic and the host's, with a modelled radio, flash and disk. Each frame "
    "carries its utterance's number, so that what arrives is compared bit by bit; and what is told "
    "lost the ring may not have any more. What a host had answered and not noted when it died "
    "comes or is told once more, and may stand in two rows.",
    "edges": "One utterance again and again; each time the host ends at another edge, before or "
    "after its disk has what was written.",
    "stack": "Numbered tones into the emulated microphone, until the host's inbox; no models. "
    "What is told lost before its button was released is not in the first row.",
    "fuzz": "Records mutated from the corpus in `tests/fuzz`.",
    "attacks": "A stranger in radio range, and a hostile web page on the computer.",
    "recovery": "From the end of the fault to the next whole turn.",
    "loss": "Recordings of people over the whole link, of which records are lost; the transcripts "
    "beside those of the clean run.",
    "soak": "An emulated ring, real models, the parrot; a wearer by the dice, faults by the seed.",
    "egress": "The whole system where nothing but the loopback device exists; each connection that "
    "was attempted.",
    "rings": "Two emulated rings converse at once, beside one alone. The recordings keep the "
    "silence at their ends, in which answers are prepared: not to be compared with README's table.",
}

PICTURE: Final = "bridge/soak.png"
"""Of the soak, beside the page."""

PICTURED: Final = (
    f"![What bridge, Whisper, Piper and the ring's heap held, minute by minute]({PICTURE})\n\n"
    "A dot a minute; pale ones are left out, and may lie outside. The line is the slope, the shade "
    "its noise."
)


def page(results: Mapping[str, Result]) -> str:
    """The whole page; what nobody has taken says so. The picture is `soak_plot`'s to draw."""
    parts = [HEAD]
    for kind in KINDS:
        heading, section = SECTIONS[kind]
        parts.append(f"## {heading}\n\n{ABOUT[kind]}")
        result = results.get(kind)
        if result is None:
            parts.append("Not taken.")
            continue
        parts.append("\n".join(section(result.figures)))
        if kind == "soak" and drawable(result.figures):
            parts.append(PICTURED)
        parts.append(f"Taken {result.taken} on {result.machine}:")
        parts.append(f"```sh\n{result.command}\n```")
    return "\n\n".join(parts) + "\n"
