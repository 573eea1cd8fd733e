import os
import subprocess
import sys

from mynah.speech.worker import QUIET

# Without what ONNX Runtime itself takes for a reason to be silent, as it is wherever tests run.
HUSHES = ("CI", "GITHUB_ACTIONS", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME")
HEARS = "import numpy; from mynah.speech.vad import SileroVad; SileroVad().reset()"


def test_hearing_leaves_no_trace_of_microsofts_telemetry(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name not in HUSHES}
    environment |= {"HOME": str(tmp_path), "ORT_DISABLE_TELEMETRY": "0"}

    subprocess.run([sys.executable, "-c", HEARS], env=environment, check=True, cwd=tmp_path)

    assert [path for path in tmp_path.rglob("*") if "icrosoft" in path.name] == []


def test_every_process_is_told_before_it_can_load_the_runtime():
    script = "import os, mynah; print(os.environ['ORT_DISABLE_TELEMETRY'])"
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )

    assert told.stdout.strip() == "1"
    assert QUIET["ORT_DISABLE_TELEMETRY"] == "1"
