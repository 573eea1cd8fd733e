"""What is said of a port that can't be had."""

import errno
import re

import pytest

from mynah.errors import LinkError, UserError
from mynah.link.cable import Cable, _refused
from mynah.link.uri import open_link


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOENT, "no port COM9: is the cable plugged in"),
        (errno.EACCES, "no permission to use COM9: join its group, .*dialout"),
        (errno.EBUSY, "COM9 is busy"),
        (errno.EAGAIN, "COM9 is busy"),
        (errno.EIO, "COM9 can't be opened as a serial port"),
    ],
)
def test_every_refusal_says_what_to_do(number, says):
    text = _refused("COM9", OSError(number, "the system's words"))

    assert re.match(says, text)
    assert "\n" not in text


async def test_a_port_that_is_not_there_is_named(tmp_path):
    with pytest.raises(LinkError, match=r"no port .*ttyACM7: is the cable plugged in") as caught:
        await Cable(str(tmp_path / "ttyACM7")).open()

    assert not caught.value.retryable


async def test_a_file_is_no_port(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(LinkError, match="can't be opened as a serial port"):
        await Cable(str(tmp_path / "file")).open()


@pytest.mark.parametrize("uri", ["ble:", "ble:00112233445566ff", "serial:/dev/ttyACM0"])
def test_a_uri_names_its_link(uri):
    assert open_link(uri).name == uri


@pytest.mark.parametrize(
    ("uri", "says"), [("usb:1", "is unknown: use ble:"), ("serial:", "names no port")]
)
def test_a_uri_of_nothing_is_the_users_mistake(uri, says):
    with pytest.raises(UserError, match=says):
        open_link(uri)
