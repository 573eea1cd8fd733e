import logging
import os
import stat

import pytest

from mynah.errors import UserError
from mynah.link.keys import KeyStore, RingKey, data_folder, new_key

ID = "00112233445566ff"
OTHER = "ffeeddccbbaa9988"


@pytest.fixture
def store(tmp_path):
    return KeyStore(tmp_path / "keys")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_found_again(store):
    key = RingKey(ID, new_key())

    store.keep(key)

    assert store.find(ID) == key
    assert store.find(OTHER) is None


@pytest.fixture
def careless_umask():
    before = os.umask(0)
    yield
    os.umask(before)


def test_nobody_else_can_read_a_key_however_careless_the_umask(store, careless_umask):
    path = store.keep(RingKey(ID, new_key()))

    assert mode(path) == 0o600
    assert mode(store.folder) == 0o700
    assert [each.name for each in store.folder.iterdir()] == [f"{ID}.key"]


def test_a_new_key_replaces_the_old_one(store):
    store.keep(RingKey(ID, new_key()))
    newer = RingKey(ID, new_key())

    store.keep(newer)

    assert store.all() == [newer]


def test_every_ring_that_was_paired_is_known(store):
    keys = [RingKey(OTHER, new_key()), RingKey(ID, new_key())]
    for key in keys:
        store.keep(key)

    assert store.all() == sorted(keys, key=lambda key: key.device_id)
    assert KeyStore(store.folder / "nowhere").all() == []


def test_a_key_never_shows_in_a_message_or_a_log(caplog):
    key = RingKey(ID, new_key())

    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").info("%s %r %s", key, key, [key])

    shown = f"{key} {key!r} {[key]} {caplog.text}"
    assert ID in shown
    assert key.secret.hex() not in shown
    assert repr(key.secret) not in shown


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "this has 0"),
        (b"00" * 31, "this has 31"),
        (b"00" * 33, "this has 33"),
        (b"no key at all", "not a key"),
        (b"\xff\xfe", "not a key"),
    ],
)
def test_a_damaged_key_file_is_named_and_what_to_do_is_said(store, text, reason):
    path = store.keep(RingKey(ID, new_key()))
    path.write_bytes(text)

    for look in (store.all, lambda: store.find(ID)):
        with pytest.raises(UserError, match=reason) as caught:
            look()
        assert str(path) in str(caught.value)
        assert "pair the ring again" in str(caught.value)


def test_keys_are_random():
    assert len({new_key() for _ in range(100)}) == 100
    assert len(new_key()) == 32


def test_the_data_folder_can_be_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("MYNAH_DATA", str(tmp_path))

    assert data_folder() == tmp_path
    assert KeyStore().folder == tmp_path / "keys"
