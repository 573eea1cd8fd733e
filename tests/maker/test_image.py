"""An image is looked at to its last byte before anything on a board is erased."""

import hashlib
from pathlib import Path

import pytest

from mynah.emulator.rom.chips import CHIPS
from mynah.emulator.rom.image import APPLICATION_AT, TABLE_AT, micropython_image
from mynah.errors import UserError
from mynah.maker.flash import Wish, _given_image
from mynah.maker.image import fits, named, read_image

WHOLE = micropython_image(CHIPS["esp32c6"], size=2000)


def read(tmp_path, data, sha256=""):
    path = tmp_path / "image.bin"
    path.write_bytes(data)
    return read_image(path, sha256)


def refusal(tmp_path, data, sha256=""):
    with pytest.raises(UserError) as caught:
        read(tmp_path, data, sha256)
    return str(caught.value)


@pytest.mark.parametrize("chip", CHIPS)
def test_a_whole_one_tells_its_chip_and_version(tmp_path, chip):
    image = read(tmp_path, micropython_image(CHIPS[chip], "v1.29.3", size=2000))

    assert (image.chip, image.version) == (chip, "1.29.3")
    fits(image, chip)


def test_the_right_hash_is_taken_in_any_case_and_another_refused(tmp_path):
    right = hashlib.sha256(WHOLE).hexdigest()

    assert read(tmp_path, WHOLE, right.upper()).sha256 == right
    assert "is not the image you mean" in refusal(tmp_path, WHOLE, "0" * 64)


def test_no_beginning_of_one_is_taken(tmp_path):
    lengths = [*range(0, len(WHOLE), 997), TABLE_AT, APPLICATION_AT, len(WHOLE) - 1]

    assert all(refusal(tmp_path, WHOLE[:length]) for length in lengths)


def test_a_changed_byte_in_either_program_is_found(tmp_path):
    for at in (100, APPLICATION_AT + 100, len(WHOLE) - 1, len(WHOLE) - 40):
        changed = WHOLE[:at] + bytes([WHOLE[at] ^ 1]) + WHOLE[at + 1 :]

        assert "damaged" in refusal(tmp_path, changed)


def test_an_application_alone_is_an_update_and_no_image(tmp_path):
    assert "it holds no partition table" in refusal(tmp_path, WHOLE[APPLICATION_AT:])


def test_another_program_for_the_chip_is_foreign(tmp_path):
    data = micropython_image(CHIPS["esp32c6"], size=2000, program="Arduino")

    assert "is an application for this chip, but not MicroPython" in refusal(tmp_path, data)


def test_one_that_is_too_old_is_told_so(tmp_path):
    old = micropython_image(CHIPS["esp32c6"], "v1.27.1", size=2000)

    assert "is MicroPython 1.27.1; it takes 1.28 or newer" in refusal(tmp_path, old)


def test_one_for_another_chip_does_not_fit(tmp_path):
    with pytest.raises(UserError, match="is for an esp32c6, and this board has an esp32s3"):
        fits(read(tmp_path, WHOLE), "esp32s3")


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(UserError, match=r"no image at .*: No such file"):
        read_image(tmp_path / "none.bin")


def test_more_than_any_flash_holds_is_not_read_to_its_end():
    with pytest.raises(UserError, match="more than 16777216 bytes"):
        read_image(Path("/dev/zero"))


@pytest.mark.parametrize("name", ["{folder}/none", "none/none", "*", "X[_]C3", "**"])
def test_only_a_name_is_looked_for_and_what_is_no_file_is_told(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "X_C3-20260101-v1.28.0.bin").touch()
    with pytest.raises(UserError, match=r"^no (image at|file) "):
        _given_image(Wish(image=name.format(folder=tmp_path)))


def test_by_its_name_the_newest_download_is_found(tmp_path):
    for name in ("X_C3-20260101-v1.28.0.bin", "X_C3-20260401-v1.28.1.bin", "X_C3_OTHER-2027.bin"):
        (tmp_path / name).touch()

    assert named("X_C3", (tmp_path,)).name == "X_C3-20260401-v1.28.1.bin"
    assert named("Y", (tmp_path,)) is None
