"""`mynah run` as a person meets it: a process of its own, at a terminal of its own."""

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from contextlib import suppress
from pathlib import Path

from tests.end_to_end.background import SCRIPT
from tests.end_to_end.screen import ENDED, Screen

DEADLINE_S = 60  # a machine that is busy with other tests takes 20 to load the models
POLL_S = 0.02
AT_ONCE = 65536

KITTY_ASKS = b"\x1b[?u"
KITTY_ANSWERS = b"\x1b[?15u"
PRESS = b"\x1b[32;1:1u"
RELEASE = b"\x1b[32;1:3u"
CONTROL_C = b"\x1b[99;5:1u"
SPACE = b" "
PLAIN_CONTROL_C = b"\x03"


# A fork of this process would copy what its threads hold.
IN_A_TERMINAL_OF_ITS_OWN = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""

# A shell with job control, which outlives the program: its terminal would else be nobody's.
SHELL = """
set -m
"$@"
echo "ended with $?."
read -r _
"""


class RunOnATerminal:
    """Use it as `with RunOnATerminal(folder, ...) as it`; leaving it hangs up."""

    def __init__(
        self, folder, *options, environment=None, size=(80, 24), term="xterm-256color", kitty=True
    ):
        self._mark = str(folder / "data")
        own = {"MYNAH_DATA": self._mark, "XDG_CONFIG_HOME": str(folder / "config"), "TERM": term}
        self._environment = os.environ | (environment or {}) | own
        self._options = options
        self._size = size
        self._kitty = kitty
        self.screen = Screen()
        self._news = threading.Condition()
        self._hung_up = threading.Event()

    def __enter__(self):
        self._keyboard, end = os.openpty()
        columns, lines = self._size
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.found = termios.tcgetattr(end)
        program = (sys.executable, "-c", SCRIPT, "run", *self._options)
        self._shell = subprocess.Popen(
            (sys.executable, "-c", IN_A_TERMINAL_OF_ITS_OWN, "sh", "-c", SHELL, "sh", *program),
            stdin=end,
            stdout=end,
            stderr=end,
            start_new_session=True,
            env=self._environment,
        )
        os.close(end)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        return self

    def __exit__(self, *_error):
        self.hang_up()
        self._shell.kill()
        self._shell.wait()
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def type(self, data):
        os.write(self._keyboard, data)

    def kill(self, number, what):
        """Send a signal to the only process of it whose command line has this in it."""
        (process,) = (pid for pid, line in self.processes().items() if what in line)
        os.kill(process, number)
        return process

    @property
    def modes(self):
        return termios.tcgetattr(self._keyboard)

    def until(self, told, deadline_s=DEADLINE_S):
        """Wait until `told(screen)` is something, and return that."""
        deadline = time.monotonic() + deadline_s
        with self._news:
            while not (found := told(self.screen)):
                left = deadline - time.monotonic()
                assert left > 0, f"not shown: {self.screen.lines[-15:]}, said {self.screen.said}"
                self._news.wait(left)
        return found

    def until_shown(self, text, since=0):
        """Wait for this in a line; `since` leaves out as many lines as there were."""
        self.until(lambda screen: text in " ".join(screen.lines[since:]))

    def ended(self):
        """Wait for its end; its exit code."""
        return int(self.until(lambda screen: ENDED.search(" ".join(screen.lines[-1:])))[1])

    def processes(self):
        """All that came of it, by their environment: whatever their group, whoever their parent."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                theirs = self._mark.encode() in (folder / "environ").read_bytes()
                if theirs and int(folder.name) != self._shell.pid:
                    line = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                    found[int(folder.name)] = line.decode()
        return found

    def hang_up(self):
        """Close the terminal's window."""
        if self._hung_up.is_set():
            return
        self._hung_up.set()
        self._reader.join()
        os.close(self._keyboard)

    def _read(self):
        while not self._hung_up.is_set():  # a read that waits would keep the terminal open
            ready, _, _ = select.select([self._keyboard], [], [], POLL_S)
            if not ready:
                continue
            try:
                data = os.read(self._keyboard, AT_ONCE)
            except OSError:  # how Linux says that nobody is at its other end
                return
            self._take(data)

    def _take(self, data):
        with self._news:
            self.screen.push(data)
            self._news.notify_all()
        if self._kitty and KITTY_ASKS in data:
            self.type(KITTY_ANSWERS)
