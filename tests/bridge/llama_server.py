"""llama.cpp's own server on a free port, in a process of its own."""

import os
import subprocess
import sys
from contextlib import contextmanager

from mynah.companions.local import model_file
from mynah.speech.models import find

KEY = "sk-test"
END_S = 10


@contextmanager
def llama_server():
    """Its address."""
    command = [sys.executable, __file__, str(model_file(find("smollm2")))]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield process.stdout.readline().strip()
        process.stdin.close()
        process.wait(END_S)


def serve(model):
    """Print the address; end with stdin."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = model
    parameters.n_ctx = 2048
    parameters.n_parallel = 1
    parameters.cache_ram_mib = 0
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.port = 0
    parameters.api_keys = [KEY]
    parameters.verbosity = -1
    server = xllamacpp.Server(parameters)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    serve(sys.argv[1])
