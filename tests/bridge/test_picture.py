"""What every picture shares: where it can be drawn, and that it looks like one of ours."""

import importlib.util

import pytest

from mynah import picture
from mynah.bench import link
from mynah.bench.link import LinkResult
from mynah.errors import UserError

PNG = b"\x89PNG"


def test_a_picture_without_a_folder_is_refused_beforehand(tmp_path):
    with pytest.raises(UserError, match="its folder does not exist"):
        picture.ready(tmp_path / "nowhere" / "turns.png")


def test_a_picture_without_matplotlib_is_refused_with_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

    with pytest.raises(UserError, match="run `make setup`"):
        picture.ready(tmp_path / "turns.png")


def test_a_picture_is_dressed_and_eight_inches_wide(tmp_path):
    pytest.importorskip("matplotlib")
    drawn = picture.figure(2.0)
    axes = drawn.subplots()

    picture.dress(axes, lines="x")
    picture.save(drawn, tmp_path / "empty.png")

    assert not any(spine.get_visible() for spine in axes.spines.values())
    assert (tmp_path / "empty.png").read_bytes()[16:24] == bytes([0, 0, 6, 64, 0, 0, 1, 144])


def test_the_links_latency_is_drawn_frame_by_frame(tmp_path):
    pytest.importorskip("matplotlib")
    result = LinkResult(0.8, up_latency_ms=[20.0, 25.0, 31.0, 24.0] * 20, interval_ms=15.0)

    link.plot(result, tmp_path / "link.png")

    assert (tmp_path / "link.png").read_bytes().startswith(PNG)
