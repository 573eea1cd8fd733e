"""A real systemd, as it is for who logs in: with folders of its own, so that it is alone."""

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

SYSTEMD = "/lib/systemd/systemd"
WITHIN_S = 10
ALONE = ["unshare", "--mount"]
# It runs only where systemd is said to have started the computer.
BEGIN = "mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && exec $0 --user"


def missing():
    """Why there can be none here; empty if there can."""
    if not Path(SYSTEMD).exists() or not shutil.which("systemctl"):
        return "no systemd is installed here"
    mount = [*ALONE, "mount", "-t", "tmpfs", "tmpfs", "/run"]
    able = subprocess.run(mount, capture_output=True, check=False)
    return "" if able.returncode == 0 else "a namespace of mounts can't be made here"


@contextmanager
def session(folder):
    """From log-in to log-out; yields the environment in which `systemctl --user` reaches it."""
    environment = {"XDG_RUNTIME_DIR": f"{folder}/run", "XDG_CONFIG_HOME": f"{folder}/config"}
    shutil.rmtree(environment["XDG_RUNTIME_DIR"], ignore_errors=True)
    Path(environment["XDG_RUNTIME_DIR"]).mkdir(mode=0o700)
    began = [*ALONE, "bash", "-c", BEGIN, SYSTEMD]
    running = subprocess.Popen(began, env=os.environ | environment, stderr=subprocess.DEVNULL)
    try:
        _await(Path(environment["XDG_RUNTIME_DIR"], "systemd/private"))
        yield environment
    finally:
        running.terminate()  # it ends what it began, first
        running.wait(WITHIN_S)


@contextmanager
def home():
    """A folder whose path is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="mynah-") as folder:
        yield Path(folder)


def _await(socket):
    until_s = time.monotonic() + WITHIN_S
    while not socket.exists():
        assert time.monotonic() < until_s, f"systemd did not start within {WITHIN_S} s"
        time.sleep(0.05)
