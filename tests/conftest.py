"""No test sees the settings or keys of the person who runs it, and none leaves any behind."""

import signal

import hypothesis
import pytest

# Whoever starts the tests in the background has them ignore Ctrl-C, and their children as well:
# those that are to end of it would not.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A machine that is busy with another test must not fail this one: time is no claim here. Nor must
# an example that only this run came upon: `--hypothesis-profile=search` looks for such.
hypothesis.settings.register_profile("mynah", deadline=None, derandomize=True)
hypothesis.settings.register_profile("search", deadline=None, print_blob=True)
hypothesis.settings.load_profile("mynah")


@pytest.fixture(autouse=True)
def _own_home(monkeypatch, tmp_path_factory):
    # The cache stays where it is: the models in it are large, and checked by hash.
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("MYNAH_DATA", str(home / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
