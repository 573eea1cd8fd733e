"""Mynah: the open companion that you wear and keep."""

import os

# ONNX Runtime, from 1.29 on, tells Microsoft of the computer unless it is told not to before it is
# imported. Assigned, not defaulted: no telemetry is a promise, and worker processes inherit it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
