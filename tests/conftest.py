"""No test sees the settings or keys of the person who runs it, and none leaves any behind."""

import pytest


@pytest.fixture(autouse=True)
def _own_home(monkeypatch, tmp_path_factory):
    # The cache stays where it is: the models in it are large, and checked by hash.
    home = tmp_path_factory.mktemp("home")
    for kind in ("CONFIG", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
