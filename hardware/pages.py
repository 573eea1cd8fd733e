"""What is generated in this folder: parts of its pages, and the drawings of the wiring."""

from collections.abc import Callable
from functools import partial

from hardware.bom.lists import builds, table, totals_table
from hardware.wiring import board_file
from hardware.wiring.checks import steps_table
from hardware.wiring.drawing import drawing
from hardware.wiring.table import wiring_table
from mynah.maker.chargers import table as chargers_table
from mynah.maker.milliamps import table as milliamps_table

CHIPS = {"esp32c3": "ESP32-C3", "esp32c6": "ESP32-C6", "esp32s3": "ESP32-S3"}

Part = tuple[str, str, Callable[[], str]]


def page_parts() -> list[Part]:
    """For each: the page, the part's name, and a function that writes it."""
    made: list[Part] = [
        ("hardware/README.md", "totals", totals_table),
        ("hardware/README.md", "milliamps", partial(milliamps_table, CHIPS)),
        ("hardware/README.md", "chargers", chargers_table),
    ]
    made += [
        (f"hardware/builds/{build}.md", f"parts {build}", partial(table, build))
        for build in builds()
    ]
    for name in board_file.names():
        page = f"hardware/builds/{board_file.read(name).build}.md"
        made.append((page, f"wiring {name}", partial(wiring_table, name)))
        made.append((page, f"steps {name}", partial(steps_table, name)))
    return made


def drawings() -> dict[str, str]:
    """Every wiring's file and its SVG."""
    return {f"hardware/wiring/{name}.svg": drawing(name) for name in board_file.names()}
