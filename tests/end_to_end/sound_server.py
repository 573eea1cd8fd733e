"""A sound card that is a program: PulseAudio, with its speakers and its microphone on nothing.

PortAudio reaches it through ALSA, as it reaches any desktop's sound server.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from ctypes.util import find_library
from pathlib import Path

import numpy as np
import pytest

from mynah.audio import SPEECH_HZ, portaudio

EXPECTED = "MYNAH_EXPECT_SOUND"  # set where its absence shall fail a test instead of skipping it
INSTALL = "apt-get install libportaudio2 pulseaudio pulseaudio-utils libasound2-plugins"
PROGRAMS = ("pulseaudio", "pactl", "pacat", "parec")

START_S = 20  # it takes 0.2
POLL_S = 0.02
CHUNK_BYTES = 320  # 10 ms

ALSA = """
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse }
ctl.!default { type pulse }
"""
# With the rate and the format of the product nothing is converted on the way: what is recorded can
# be compared bit by bit. With rewinds it buffers 2 s; without, 50 ms, as a card does.
SINK = "module-null-sink sink_name=%s rate=16000 channels=1 format=s16le norewinds=1"


class SoundServer:
    """Use it as `with SoundServer() as server`; in there PortAudio sees it and nothing else."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="mynah-sound-"))  # short: it holds a socket
        self._socket = self.folder / "socket"
        self._alsa = self.folder / "asound.conf"
        self._alsa.write_text(ALSA)
        self._process = None
        self.environment = {
            "PULSE_SERVER": f"unix:{self._socket}",
            "ALSA_CONFIG_PATH": str(self._alsa),
            "HOME": str(self.folder),
            "XDG_RUNTIME_DIR": str(self.folder),
        }

    def __enter__(self):
        self._patch = pytest.MonkeyPatch()
        for name in ("PULSE_SERVER", "ALSA_CONFIG_PATH"):
            self._patch.setenv(name, self.environment[name])
        self.start()
        portaudio.look_again()
        return self

    def __exit__(self, *_error):
        self.kill()
        self._patch.undo()
        portaudio.look_again()
        shutil.rmtree(self.folder)

    def start(self):
        """Plug the card in."""
        options = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
        modules = [
            f"module-native-protocol-unix socket={self._socket} auth-anonymous=1",
            SINK % "speakers",
            SINK % "microphone",
        ]
        loads = [word for module in modules for word in ("-L", module)]
        self._process = subprocess.Popen(
            ["pulseaudio", *options, "--disable-shm=yes", *loads],
            env=os.environ | self.environment,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_S
        while self._control("set-default-sink", "speakers").returncode:
            assert time.monotonic() < deadline, "pulseaudio does not start"
            time.sleep(POLL_S)
        self._control("set-default-source", "microphone.monitor")

    def kill(self):
        """Pull the card out."""
        self._process.kill()
        self._process.wait()
        self._socket.unlink(missing_ok=True)

    def play(self, samples):
        """Make a sound at the microphone, which goes on while this goes on."""
        path = self.folder / "sound.raw"
        path.write_bytes(samples.astype("<i2").tobytes())
        return subprocess.Popen(
            ["pacat", "--playback", "-d", "microphone", "--latency-msec=20", *_FORMAT, str(path)],
            env=os.environ | self.environment,
        )

    def record(self):
        """`with server.record() as recording`: what the speakers play."""
        return Recording(os.environ | self.environment)

    def is_played_to(self):
        """Whether a program has the speakers open."""
        return bool(self._control("list", "short", "sink-inputs").stdout)

    def is_listened_to(self):
        """Whether a program has the microphone open: not a Recording, whose end is another."""
        source = self._control("list", "short", "sources").stdout.splitlines()
        number = next(line.split()[0] for line in source if b"microphone.monitor" in line)
        outputs = self._control("list", "short", "source-outputs").stdout.splitlines()
        return any(line.split()[1] == number for line in outputs)

    def _control(self, *arguments):
        return subprocess.run(
            ["pactl", *arguments],
            env=os.environ | self.environment,
            capture_output=True,
            check=False,
        )


_FORMAT = (f"--rate={SPEECH_HZ}", "--channels=1", "--format=s16le", "--raw")


class Recording:
    """What the speakers play, and when: to within the 50 ms that the server works ahead."""

    def __init__(self, environment):
        self._environment = environment
        self._data = bytearray()
        self._began = threading.Event()
        self.start_ms = float("inf")
        """When its first sample sounded, on the clock of time.monotonic()."""

    def __enter__(self):
        self._process = subprocess.Popen(
            ["parec", "-d", "speakers.monitor", "--latency-msec=10", *_FORMAT],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        assert self._began.wait(START_S), "parec records nothing"
        return self

    def __exit__(self, *_error):
        self._process.kill()
        self._reader.join()
        self._process.stdout.close()
        self._process.wait()

    def samples(self):
        """All so far."""
        return np.frombuffer(bytes(self._data[: len(self._data) & ~1]), "<i2")

    def _read(self):
        while chunk := self._process.stdout.read(CHUNK_BYTES):
            self._data += chunk
            now_ms = time.monotonic() * 1000
            self.start_ms = min(self.start_ms, now_ms - len(self._data) / 2 * 1000 / SPEECH_HZ)
            self._began.set()


def missing():
    """What a test of sound lacks here, or None."""
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if find_library("portaudio") is None:
        absent.append("libportaudio")
    return f"no {', '.join(absent)}: {INSTALL}" if absent else None


@contextlib.contextmanager
def sound_server():
    """A server that PortAudio plays to; the test is skipped where there can be none."""
    reason = missing()
    if reason is None:
        with SoundServer() as server:
            if portaudio.has_device(portaudio.OUTPUT):
                yield server
                return
        reason = f"PortAudio does not reach PulseAudio: {INSTALL}"
    if os.environ.get(EXPECTED):
        pytest.fail(reason)
    pytest.skip(reason)
