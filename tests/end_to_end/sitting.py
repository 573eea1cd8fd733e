"""Somebody at a terminal, in front of the computer's microphone and loudspeaker."""

import contextlib
import shutil
import signal
import time
from dataclasses import dataclass, field

import numpy as np

from mynah.audio import SPEECH_HZ, Samples
from mynah.cli.run import LINES
from tests.end_to_end.background import GREETING, STORY, voiced
from tests.end_to_end.cpu_time import shares_of_a_core
from tests.end_to_end.run_on_a_terminal import DEADLINE_S, POLL_S, PRESS, RELEASE, RunOnATerminal
from tests.end_to_end.sound_server import SoundServer

LINE, ANOTHER = LINES[2], LINES[1]
LONG = (STORY, ANOTHER)

INTO_THE_REPLY_S = 0.4
REST_S = 3.0  # in ticks of 10 ms
PAUSE_S = 0.4  # after a turn, until the last of it has sounded
SPEECH = 50  # of 32768: anything that is louder


@dataclass(frozen=True)
class Exchange:
    """What came of what was done."""

    lines: list[tuple[str, str]]
    """As Screen.said."""
    sound: Samples = field(default_factory=lambda: np.zeros(0, np.int16))
    """From the loudspeaker, since the last key."""

    def said(self, who: str) -> list[str]:
        return [what for name, what in self.lines if name == who]

    @property
    def ends(self) -> int:
        """How many turns are over: each has an error, or what it cost."""
        return sum(name in {"error", "cost"} for name, _ in self.lines)


@dataclass
class Session:
    """A program that came to its end."""

    exchanges: dict[str, Exchange] = field(default_factory=dict)
    silent_ms: float = 0.0
    """From a press in the middle of a reply to the last sound of it."""
    at_rest: dict[str, float] = field(default_factory=dict)
    """What each of its processes takes of a core while nobody speaks, by its command line."""
    code: int | None = None
    seconds: float = 0.0
    """From being told to end until it had."""
    left: dict[int, str] = field(default_factory=dict)
    """Its processes that are still there then."""
    restored: bool = False
    """Whether the terminal is as it was."""
    lines: list[str] = field(default_factory=list)
    shown: bytes = b""


class Sitting:
    """What such a person does; without a sound server there is nothing to hear."""

    def __init__(
        self,
        it: RunOnATerminal,
        server: SoundServer | None = None,
        press: bytes = PRESS,
        release: bytes = RELEASE,
    ) -> None:
        self.it = it
        self.server = server
        self.session = Session()
        self._press, self._release = press, release
        self._recording = None
        self._since_ms = 0.0
        self._kept = 0

    def listen(self):
        """To the loudspeaker, from here on."""
        self.close()
        self._recording = self.server.record()
        self._recording.__enter__()

    def plug_in(self):
        """The card is back; wait until the program plays to it again."""
        self.server.start()
        self._until(self.server.is_played_to)
        self.listen()

    def close(self):
        if self._recording is not None:
            self._recording.__exit__()

    def press(self):
        """The button, and wait until the computer shows that its microphone is in use."""
        self._type(self._press)
        self._until(self.server.is_listened_to)

    def speak(self, *texts):
        """Without a pause between them."""
        self._since_ms = time.monotonic() * 1000
        self.server.play(spoken(*texts)).wait()

    def let_go(self):
        self._type(self._release)

    def hold(self, *texts):
        self.press()
        self.speak(*texts)
        self.let_go()

    def until_heard(self):
        """Wait until a reply sounds."""
        self._until(lambda: len(self._loud()))

    def until_told(self, name, turns=1):
        """Wait until so many turns are over, and keep them."""
        self.it.until(lambda screen: Exchange(screen.said[self._kept :]).ends >= turns)
        time.sleep(PAUSE_S)
        self.keep(name)

    def keep(self, name):
        """What was told and sounded since the last time."""
        lines = self.it.screen.said[self._kept :]
        self._kept += len(lines)
        self.session.exchanges[name] = Exchange(lines, self._sound())

    def rest(self):
        """Nobody does anything."""
        self.session.at_rest = shares_of_a_core(self.it.processes(), REST_S)

    def say(self, name, text=LINE):
        self.hold(text)
        self.until_told(name)

    def interrupt(self):
        """Hold, and again in the middle of the reply."""
        self.hold(*LONG)
        self.until_heard()
        time.sleep(INTO_THE_REPLY_S)
        self.press()
        pressed_ms = self._since_ms
        self.speak(LINE)
        self._since_ms = pressed_ms
        self.session.silent_ms = self._loud()[-1] * 1000 / SPEECH_HZ
        self.let_go()
        self.until_told("interrupted", turns=2)

    def lose(self, worker, sign):
        """A worker is killed over what was just said: when `sign` is shown, it has it in hand."""
        self.press()
        self.speak(GREETING)
        self.it.kill(signal.SIGSTOP, worker)
        since = len(self.it.screen.lines)
        self.let_go()
        self.it.until_shown(sign, since)
        time.sleep(PAUSE_S)
        self.it.kill(signal.SIGKILL, worker)
        self.until_told(f"{worker} killed")

    def leave(self, how):
        """End it by `how()`."""
        began_s = time.monotonic()
        how()
        self.session.code = self.it.ended()
        self.session.restored = self.it.modes == self.it.found
        return self._over(began_s)

    def close_window(self):
        began_s = time.monotonic()
        self.it.hang_up()
        while self.it.processes() and time.monotonic() < began_s + DEADLINE_S:
            time.sleep(POLL_S)
        return self._over(began_s)

    def _over(self, began_s):
        session, screen = self.session, self.it.screen
        session.seconds = time.monotonic() - began_s
        session.left = self.it.processes()
        session.lines, session.shown = screen.lines, screen.shown
        return session

    def _type(self, key):
        self._since_ms = time.monotonic() * 1000
        self.it.type(key)

    def _until(self, condition):
        deadline = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < deadline, f"it does not come: {self.it.screen.said}"
            time.sleep(POLL_S)

    def _sound(self):
        if self._recording is None:
            return np.zeros(0, np.int16)
        first = round((self._since_ms - self._recording.start_ms) * SPEECH_HZ / 1000)
        return self._recording.samples()[max(0, first) :]

    def _loud(self):
        return np.flatnonzero(np.abs(self._sound()) > SPEECH)


def spoken(*texts: str) -> Samples:
    """In Piper's voice, without the silence before and after each."""
    return np.concatenate([_trimmed(voiced()[text]) for text in texts])


def _trimmed(sound: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(sound) > SPEECH)
    return sound[loud[0] : loud[-1] + 1]


@contextlib.contextmanager
def wearing(folder, *options, press=PRESS, release=RELEASE, **terminal):
    """Somebody who may begin to talk."""
    with contextlib.ExitStack() as stack:
        server = SoundServer()
        stack.callback(shutil.rmtree, server.folder)
        server.start()
        stack.callback(server.kill)
        reach = {name: server.environment[name] for name in ("PULSE_SERVER", "ALSA_CONFIG_PATH")}
        it = stack.enter_context(RunOnATerminal(folder, *options, environment=reach, **terminal))
        sitting = Sitting(it, server, press, release)
        stack.callback(sitting.close)
        sitting.listen()
        it.until_shown("space")
        time.sleep(PAUSE_S)
        sitting.keep("begun")
        yield sitting
