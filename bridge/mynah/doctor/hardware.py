"""The looks at what is plugged in or built in: sound, Bluetooth, a ring on a cable."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Final

from mynah.doctor.bluez import BlueZError, adapters
from mynah.doctor.finding import Finding
from mynah.errors import MynahError
from mynah.link.ports import SerialPort, esp32_ports
from mynah.link.trouble import TROUBLES, Kind

SOUND_S: Final = 8.0
"""PortAudio asks every card, and one that sleeps takes seconds."""

_DENIED: Final = "org.freedesktop.DBus.Error.AccessDenied"

# In a process of its own: PortAudio writes to standard error by itself, and drivers crash.
_SOUND_SCRIPT: Final = """
import json
try:
    import sounddevice
    devices = [[d["max_input_channels"], d["max_output_channels"]]
               for d in sounddevice.query_devices()]
except OSError:
    devices = None
print(json.dumps(devices))
"""


def sound_devices(script: str = _SOUND_SCRIPT) -> list[list[int]] | None:
    """Channels in and out of every device; None without PortAudio."""
    command = [sys.executable, "-c", script]
    ran = subprocess.run(command, capture_output=True, check=False, text=True, timeout=SOUND_S)
    if ran.returncode:
        last_lines = ran.stderr.splitlines()[-1:]
        raise MynahError(f"PortAudio failed: {''.join(last_lines) or ran.returncode}")
    devices: list[list[int]] | None = json.loads(ran.stdout)
    return devices


def sound(
    platform: str = sys.platform,
    devices: Callable[[], list[list[int]] | None] = sound_devices,
) -> Finding:
    """PortAudio, a microphone and a speaker."""
    from mynah.audio.portaudio import ELSEWHERE, INSTALL

    found = devices()
    if found is None:
        step = INSTALL.get(platform, ELSEWHERE)
        return Finding("sound", "missing", "PortAudio is not installed", step)
    inputs = sum(1 for ins, _ in found if ins)
    outputs = sum(1 for _, outs in found if outs)
    detail = f"{inputs} microphones, {outputs} speakers"
    if inputs and outputs:
        note = "; macOS asks once whether your terminal may listen" if platform == "darwin" else ""
        return Finding("sound", "ok", detail + note)
    absent = " and ".join(
        what for what, count in (("microphone", inputs), ("speaker", outputs)) if not count
    )
    return Finding("sound", "missing", detail, f"plug in a {absent}, or use a ring's own")


def bluetooth(
    platform: str = sys.platform, probe: Callable[[], dict[str, bool]] = adapters
) -> Finding:
    """Is there Bluetooth that we may use? Of a chain the first broken link is told."""
    if platform == "darwin":
        step = "System Settings, Privacy & Security, Bluetooth: allow your terminal"
        return Finding("bluetooth", "unknown", "macOS tells only who scans: mynah devices", step)
    if platform != "linux":
        return Finding("bluetooth", "unknown", "seen only by scanning", "mynah devices")
    return _on_linux(probe)


def _on_linux(probe: Callable[[], dict[str, bool]]) -> Finding:
    try:
        found = probe()
    except PermissionError:
        return _may_not()
    except OSError:
        step = "sudo apt-get install bluez; not in a container: there, run mynah on the host"
        return Finding("bluetooth", "missing", "no D-Bus here", step)
    except BlueZError as error:
        if error.args[0] == _DENIED:
            return _may_not()
        step = "sudo apt-get install bluez && sudo systemctl enable --now bluetooth"
        return Finding("bluetooth", "missing", "BlueZ does not run", step)
    return _of_adapters(found)


def _may_not() -> Finding:
    step = "sudo usermod -aG bluetooth $USER, then log in again"
    return Finding("bluetooth", "broken", "you may not talk to BlueZ", step)


def _of_adapters(found: dict[str, bool]) -> Finding:
    if not found:
        return Finding("bluetooth", "missing", "no adapter", "plug in a Bluetooth LE adapter")
    on = [name for name, powered in found.items() if powered]
    if on:
        return Finding("bluetooth", "ok", ", ".join(on))
    step = TROUBLES[Kind.ADAPTER_OFF].step
    return Finding("bluetooth", "broken", f"{', '.join(found)} is switched off", step)


def cable(
    ports: Callable[[], list[SerialPort]] = esp32_ports,
    may_use: Callable[[str], bool] = lambda device: os.access(device, os.R_OK | os.W_OK),
) -> Finding:
    """A board on a USB cable, and whether we may talk to it."""
    found = ports()
    if not found:
        return Finding(
            "cable", "missing", "no board on a USB cable", "plug one in to flash or pair"
        )
    barred = [port.device for port in found if not may_use(port.device)]
    if barred:
        step = "sudo usermod -aG dialout $USER, then log in again"
        return Finding("cable", "broken", f"you may not open {', '.join(barred)}", step)
    return Finding("cable", "ok", ", ".join(f"{port.device} ({port.chip})" for port in found))
