"""What people do with `mynah run`, and what may happen meanwhile: a session for each way to use it.

They run in the background, beside other tests; test_run.py looks at what came of them.
"""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from mynah.cli.run import LINES
from mynah.link.keys import KeyStore, RingKey, new_key
from tests.end_to_end.background import GREETING, SCRIPT, STORY, voiced
from tests.end_to_end.run_on_a_terminal import CONTROL_C, PLAIN_CONTROL_C, SPACE, RunOnATerminal
from tests.end_to_end.screen import Screen
from tests.end_to_end.sitting import (
    LINE,
    LONG,
    PAUSE_S,
    Exchange,
    Session,
    Sitting,
    spoken,
    wearing,
)

AT_ONCE = 3  # each of them mostly waits

PARROT = ("--companion", "parrot")
NO_CARD = {"PULSE_SERVER": "unix:/nowhere"}
NO_BLUETOOTH = {"DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nowhere"}
PLAINEST = {"size": (30, 8), "term": "dumb", "kitty": False}

WHISPER, PIPER, LLAMA = "asr_worker", "piper_worker", "llama_worker"
RING = "firmware/main.py"
PROGRAM = "mynah.cli"

HELD_S = 1.0


def converse(folder: Path) -> Session:
    """Interrupt a reply, lose both workers; leave with Ctrl-C, as kitty tells it."""
    with wearing(folder, *PARROT) as sitting:
        sitting.interrupt()
        sitting.lose(WHISPER, "thinking")
        sitting.say("after whisper", GREETING)
        sitting.lose(PIPER, GREETING)
        sitting.say("after piper", GREETING)
        return sitting.leave(lambda: sitting.it.type(CONTROL_C))


def break_down(folder: Path) -> Session:
    """Lose the ring, the microphone and the loudspeaker; leave with SIGINT."""
    with wearing(folder, *PARROT) as sitting:
        it, server = sitting.it, sitting.server
        sitting.hold(LINE)
        sitting.until_heard()
        it.kill(signal.SIGKILL, RING)
        it.until(lambda screen: any("signal 9" in what for _, what in screen.said))
        sitting.keep("ring killed")
        it.until_shown("your turn", len(it.screen.lines))
        sitting.say("after the ring", GREETING)

        sitting.press()
        playing = server.play(spoken(STORY))
        time.sleep(HELD_S)
        server.kill()
        playing.wait()
        it.until(lambda screen: "microphone is gone" in " ".join(screen.lines))
        sitting.let_go()
        sitting.until_told("microphone gone")
        sitting.plug_in()

        sitting.hold(LINE)
        sitting.until_heard()
        server.kill()
        sitting.until_told("loudspeaker gone")
        sitting.plug_in()
        sitting.say("after the loudspeaker")
        return sitting.leave(lambda: it.kill(signal.SIGINT, PROGRAM))


def hear_at_the_computer(folder: Path) -> Session:
    """--speaker computer; leave with q."""
    with wearing(folder, *PARROT, "--speaker", "computer") as sitting:
        sitting.interrupt()
        return sitting.leave(lambda: sitting.it.type(b"q"))


def go_hands_free(folder: Path) -> Session:
    """On the plainest terminal: one press, three utterances, the last over a reply; SIGTERM."""
    with wearing(folder, *PARROT, "--hands-free", press=SPACE, release=b"", **PLAINEST) as sitting:
        sitting.say("first")
        sitting.speak(*LONG)
        sitting.until_heard()
        time.sleep(PAUSE_S)
        sitting.speak(LINE)
        sitting.until_told("second", turns=2)
        return sitting.leave(lambda: sitting.it.kill(signal.SIGTERM, PROGRAM))


def talk_to_the_model(folder: Path) -> Session:
    """Rest, then lose the worker of the companion that answers by itself; close the window."""
    with wearing(folder) as sitting:
        sitting.rest()
        sitting.lose(LLAMA, GREETING)
        sitting.say("after llama")
        return sitting.close_window()


def be_without_a_card(folder: Path) -> Session:
    with RunOnATerminal(folder, *PARROT, environment=NO_CARD) as it:
        sitting = Sitting(it)
        sitting.until_told("lines", turns=len(LINES))
        return sitting.leave(lambda: None)


def be_without_a_terminal(folder: Path) -> Session:
    """Into a pipe; what it says after the first turn is not waited for."""
    screen, session = Screen(), Session()
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, "run", *PARROT],
        env=os.environ | {"MYNAH_DATA": str(folder / "data")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as ran:
        for line in ran.stdout:
            screen.push(line)
            if line.rstrip().endswith(b")"):  # of the turn's cost
                break
        ran.send_signal(signal.SIGINT)
        screen.push(ran.stdout.read())
    session.exchanges["lines"] = Exchange(screen.said)
    session.code, session.lines = ran.returncode, screen.lines
    return session


def look_for_a_ring(folder: Path) -> Session:
    """One that is paired, on a computer without Bluetooth; leave with Ctrl-C."""
    KeyStore(folder / "data" / "keys").keep(RingKey("0123456789abcdef", new_key()))
    with RunOnATerminal(folder, *PARROT, environment=NO_BLUETOOTH, kitty=False) as it:
        sitting = Sitting(it)
        it.until_shown("trying again in 2 s")
        sitting.keep("tried twice")
        return sitting.leave(lambda: it.type(PLAIN_CONTROL_C))


SESSIONS = {
    "conversed": converse,
    "broke down": break_down,
    "without a card": be_without_a_card,
    "hands free": go_hands_free,
    "with the model": talk_to_the_model,
    "at the computer": hear_at_the_computer,
    "without a terminal": be_without_a_terminal,
    "looked": look_for_a_ring,
}
"""The longest first."""


def run_all(folder: Path) -> dict[str, "Future[Session]"]:
    """Each as it came to its end, or what went wrong in it."""
    voiced()
    with ThreadPoolExecutor(AT_ONCE) as executor:
        return {
            name: executor.submit(partial(session, folder / name.replace(" ", "_")))
            for name, session in SESSIONS.items()
        }
