import hashlib
import json
import os
import threading
import zipfile
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from typer.testing import CliRunner

from mynah.cli.models import app
from mynah.errors import ModelError, UserError
from mynah.speech.fetch import fetch
from mynah.speech.models import (
    CACHE_VARIABLE,
    Model,
    ModelFile,
    Wheel,
    cache_folder,
    catalogue,
    check,
    find,
)

PARTS = {"tiny_voice/data/model.1": b"first half, ", "tiny_voice/data/model.2": b"second half"}
WHOLE = b"".join(PARTS.values())
WHEEL_FILE = "tiny_voice-1.0-py3-none-any.whl"
PIP_TELLS_FROM_BYTES = 1_000_000  # it finds half of that too little to show


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "models"
    monkeypatch.setenv(CACHE_VARIABLE, str(folder))
    return folder


@pytest.fixture
def index(tmp_path, monkeypatch):
    """A folder that pip takes for the package index, with one wheel in it."""
    folder = tmp_path / "index"
    folder.mkdir()
    with zipfile.ZipFile(folder / WHEEL_FILE, "w") as wheel:
        for name, data in PARTS.items():
            wheel.writestr(name, data)
        wheel.writestr("tiny_voice/__init__.py", "raise RuntimeError('imported')")
        meta = "Metadata-Version: 2.1\nName: tiny-voice\nVersion: 1.0\n"
        wheel.writestr("tiny_voice-1.0.dist-info/METADATA", meta)
        tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr("tiny_voice-1.0.dist-info/WHEEL", tags)
        wheel.writestr("tiny_voice-1.0.dist-info/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", folder.as_uri())
    return folder


@contextmanager
def served(folder):
    """The same folder over HTTP: pip tells nothing of what it copies."""
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            serving.join()


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments):
        pass


def tiny(index=None, *, wheel_sha256=None, file_sha256=None, version="1.0"):
    wheel_sha256 = wheel_sha256 or (
        sha256((index / WHEEL_FILE).read_bytes()) if index else "0" * 64
    )
    file = ModelFile("model", tuple(PARTS), len(WHOLE), file_sha256 or sha256(WHOLE))
    return Model(
        name="tiny",
        kind="piper",
        language="en",
        default=False,
        licence="MIT",
        origin="here",
        note="",
        wheels=(Wheel("tiny-voice", version, WHEEL_FILE, wheel_sha256),),
        files=(file,),
    )


def test_the_catalogue_pins_every_model_completely():
    for model in catalogue().values():
        hashes = [each.sha256 for each in (*model.wheels, *model.files)]
        assert all(len(bytes.fromhex(each)) == 32 for each in hashes)
        assert len(set(hashes)) == len(hashes)
        assert model.licence
        assert model.origin
        assert all(file.bytes > 0 and file.parts for file in model.files)


def test_the_default_models_hear_answer_and_speak():
    defaults = [model for model in catalogue().values() if model.default]

    assert {model.kind for model in defaults} == {"whisper", "llama", "piper"}


def test_the_voice_is_not_called_free():
    joe = catalogue()["joe"]

    assert "CC0" not in joe.licence
    assert "research" in joe.note
    assert "MODEL_CARD" in {file.name for file in joe.files}


def test_a_missing_model_names_the_command_that_gets_it(cache):
    with pytest.raises(ModelError, match=r"`mynah models get tiny\.en`"):
        find("tiny.en")


def test_an_unknown_name_is_answered_with_the_nearest(cache):
    with pytest.raises(UserError, match=r"did you mean tiny\.en\?"):
        find("tiny-en")


def test_a_path_of_the_users_own_is_taken_as_it_is(cache, tmp_path):
    assert find(str(tmp_path)) == tmp_path


def test_a_model_is_fetched_unpacked_and_never_imported(cache, index):
    folder = fetch(tiny(index))

    assert folder == cache / "tiny"
    assert sorted(path.name for path in folder.iterdir()) == ["checked.json", "model"]
    assert (folder / "model").read_bytes() == WHOLE
    assert sorted(path.name for path in cache.iterdir()) == ["tiny"]
    check(tiny(index))


def test_progress_is_told_while_a_model_comes(cache, index, monkeypatch):
    with zipfile.ZipFile(index / WHEEL_FILE, "a") as wheel:
        wheel.writestr("tiny_voice/ballast", bytes(PIP_TELLS_FROM_BYTES))
    whole = (index / WHEEL_FILE).stat().st_size
    seen = []

    with served(index) as address:
        monkeypatch.setenv("PIP_FIND_LINKS", address)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        fetch(tiny(index), lambda done, total: seen.append((done, total)))

    assert seen[-1] == (whole, whole)
    assert seen == sorted(seen)
    assert len(seen) > 1


def test_fetching_again_replaces_what_was_there(cache, index):
    folder = fetch(tiny(index))
    (folder / "model").write_bytes(b"spoilt")

    fetch(tiny(index))

    assert (folder / "model").read_bytes() == WHOLE


def test_a_wheel_with_another_hash_is_refused_with_both(cache, index):
    expected, got = "1" * 64, sha256((index / WHEEL_FILE).read_bytes())

    with pytest.raises(ModelError, match=f"{got}, expected {expected}"):
        fetch(tiny(wheel_sha256=expected))

    assert list(cache.iterdir()) == []


def test_a_file_with_another_hash_is_refused_with_both(cache, index):
    expected = "2" * 64

    with pytest.raises(ModelError, match=f"{sha256(WHOLE)}, expected {expected}"):
        fetch(tiny(index, file_sha256=expected))

    assert list(cache.iterdir()) == []


def test_a_model_that_the_index_lacks_is_one_clear_line(cache, index):
    with pytest.raises(ModelError, match=r"tiny could not be fetched: .*tiny-voice==2") as caught:
        fetch(tiny(index, version="2.0"))

    assert "\n" not in str(caught.value)


def test_a_changed_file_is_noticed_and_named(cache, index):
    folder = fetch(tiny(index))
    (folder / "model").write_bytes(b"x" * len(WHOLE))

    with pytest.raises(ModelError, match=r"model has sha256 .* expected .*`mynah models get tiny`"):
        check(tiny(index))


def test_a_touched_file_is_hashed_once_and_accepted(cache, index):
    folder = fetch(tiny(index))
    os.utime(folder / "model", ns=(1, 1))

    check(tiny(index))

    assert json.loads((folder / "checked.json").read_text())["model"][1] == 1


def test_an_unchanged_file_is_not_hashed_again(cache, index):
    folder = fetch(tiny(index))
    status = (folder / "model").stat()
    (folder / "model").write_bytes(b"x" * len(WHOLE))
    os.utime(folder / "model", ns=(status.st_atime_ns, status.st_mtime_ns))

    check(tiny(index))


def test_a_new_pin_is_checked_even_if_the_file_is_unchanged(cache, index):
    fetch(tiny(index))

    with pytest.raises(ModelError, match="expected 33333"):
        check(tiny(index, file_sha256="3" * 64))


def test_the_list_as_json_says_what_is_here(cache):
    result = CliRunner().invoke(app, ["list", "--json"], catch_exceptions=False)
    listed = {each["name"]: each for each in json.loads(result.stdout)}

    assert set(listed) == set(catalogue())
    assert listed["tiny.en"]["here"] is False
    assert listed["joe"]["folder"] == str(cache_folder() / "joe")


@pytest.mark.parametrize("arguments", [[], ["list"]])
def test_the_list_says_origin_licence_and_how_to_get_it(cache, arguments):
    result = CliRunner().invoke(app, arguments, catch_exceptions=False)

    assert "mynah models get joe" in result.stdout
    assert "research" in result.stdout
    assert catalogue()["tiny.en"].origin in result.stdout


def test_getting_a_model_that_nobody_knows_is_the_users_mistake(cache):
    with pytest.raises(UserError, match="'huge' is no model"):
        CliRunner().invoke(app, ["get", "huge"], catch_exceptions=False)
