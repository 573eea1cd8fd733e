"""The script that a phone's automation runs when it reads a tag asks the bridge, and plays."""

import json
import shutil
import socket
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.repo.sources import REPOSITORY

SCRIPT = REPOSITORY / "hardware" / "builds" / "summon.sh"
SOUND = b"RIFF, and so on"
NEEDED = ("sh", "curl", "python3")


class Bridge(BaseHTTPRequestHandler):
    """What `mynah serve` answers, as far as the script asks."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers["Authorization"], body))
        told = {"choices": [{"message": {"content": 'I am "here".'}}]}
        answer = json.dumps(told).encode() if "chat" in self.path else SOUND
        self.send_response(200 if self.server.token in self.headers["Authorization"] else 401)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def bridge():
    with HTTPServer(("127.0.0.1", 0), Bridge) as server:
        server.asked, server.token = [], "secret"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def summon(bridge, folder, token, *words):
    (folder / "serving.token").write_text(token)
    return run(folder, bridge.server_port, *words)


def run(folder, port, *words):
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "MYNAH_DATA": str(folder),
        "SERVER": f"http://127.0.0.1:{port}/v1",
        "PLAYER": "cat",
    }
    return subprocess.run(["sh", SCRIPT, *words], env=environment, capture_output=True, check=False)


@pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason=f"needs {NEEDED}")
def test_what_was_said_is_answered_and_the_answer_is_played(bridge, tmp_path):
    done = summon(bridge, tmp_path, "secret", 'It\'s "me".')

    assert (done.returncode, done.stdout, done.stderr) == (0, SOUND, b"")
    message = {"role": "user", "content": 'It\'s "me".'}
    assert bridge.asked == [
        ("/v1/chat/completions", "Bearer secret", {"messages": [message]}),
        ("/v1/audio/speech", "Bearer secret", {"response_format": "wav", "input": 'I am "here".'}),
    ]


@pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason=f"needs {NEEDED}")
def test_a_wrong_token_plays_nothing_and_says_so(bridge, tmp_path):
    done = summon(bridge, tmp_path, "guessed")

    assert done.returncode != 0
    assert (done.stdout, len(bridge.asked)) == (b"", 1)
    assert b"401" in done.stderr


@pytest.mark.skipif(not all(map(shutil.which, NEEDED)), reason=f"needs {NEEDED}")
@pytest.mark.parametrize("served_before", [False, True])
def test_without_a_server_it_says_what_to_run(tmp_path, served_before):
    if served_before:
        (tmp_path / "serving.token").write_text("secret")
    with socket.create_server(("127.0.0.1", 0)) as once:
        port = once.getsockname()[1]  # of nobody, once this is closed

    done = run(tmp_path, port)

    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.count(b"\n") == 1
    assert b"run `mynah serve` first" in done.stderr
