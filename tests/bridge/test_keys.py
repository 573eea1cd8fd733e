import logging
import os
import stat

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError, PasswordSetError

from mynah.companions.reaching.openai_http import KEYRING_NAME, api_key
from mynah.config import OpenAI
from mynah.errors import MynahError, UserError
from mynah.link.keys import IN_KEYRING, KeyStore, RingKey, data_folder, new_key
from mynah.link.vault import SERVICE, KeyringVault, MemoryVault, system_vault

ID = "00112233445566ff"
OTHER = "ffeeddccbbaa9988"


class FakeBackend(KeyringBackend):
    """A keyring as the library knows them."""

    priority = 5

    def __init__(self):
        super().__init__()
        self.kept = {}
        self.refuses = False

    def get_password(self, service, username):
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        if self.refuses:
            raise PasswordSetError("locked")
        self.kept[service, username] = password

    def delete_password(self, service, username):
        if (service, username) not in self.kept:
            raise PasswordDeleteError("there is none")
        del self.kept[service, username]


@pytest.fixture
def backend():
    """Instead of this computer's own keyring, which no test may touch."""
    before, fake = keyring.get_keyring(), FakeBackend()
    keyring.set_keyring(fake)
    yield fake
    keyring.set_keyring(before)


@pytest.fixture(params=["files", "a vault", "the keyring"])
def store(request, tmp_path):
    if request.param == "files":
        return KeyStore(tmp_path / "keys")
    vault = MemoryVault()
    if request.param == "the keyring":
        request.getfixturevalue("backend")
        vault = KeyringVault()
    return KeyStore(tmp_path / "keys", lambda: vault)


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


@pytest.fixture
def vault():
    return MemoryVault()


@pytest.fixture
def vaulted(tmp_path, vault):
    return KeyStore(tmp_path / "keys", lambda: vault)


def test_a_key_in_the_keyring_is_in_no_file(vaulted, vault):
    key = RingKey(ID, new_key())

    path = vaulted.keep(key)

    assert path.read_text().strip() == IN_KEYRING
    assert vault.kept == {ID: key.secret.hex()}
    assert vaulted.where(ID) == "this computer's keyring"


def test_a_ring_that_is_removed_is_nobodys(store):
    lost, mine = RingKey(ID, new_key()), RingKey(OTHER, new_key())
    store.keep(lost)
    store.keep(mine)

    store.drop(ID)

    assert store.all() == [mine]
    assert store.find(ID) is None
    with pytest.raises(UserError, match=f"no ring {ID} is paired with this computer; {OTHER} is"):
        store.drop(ID)


def test_the_keyring_gives_up_what_is_removed_unless_it_is_locked(vaulted, vault):
    for device_id in (ID, OTHER):
        vaulted.keep(RingKey(device_id, new_key()))
    vaulted.drop(ID)
    vault.locked = True
    vaulted.drop(OTHER)

    assert list(vault.kept) == [OTHER]
    assert vaulted.all() == []


def test_a_keyring_that_refuses_costs_nothing(vaulted, vault):
    vault.refuses = True
    key = RingKey(ID, new_key())

    path = vaulted.keep(key)

    assert vaulted.find(ID) == key
    assert mode(path) == 0o600
    assert vaulted.where(ID) == str(vaulted.folder)


def test_a_key_from_before_there_was_a_keyring_is_still_known(tmp_path, vault):
    key = RingKey(ID, new_key())
    KeyStore(tmp_path / "keys").keep(key)

    assert KeyStore(tmp_path / "keys", lambda: vault).all() == [key]
    assert vault.kept == {}


@pytest.mark.parametrize("state", ["locked", "gone"])
def test_a_keyring_that_gives_nothing_out_is_told_of(vaulted, vault, state):
    vaulted.keep(RingKey(ID, new_key()))
    vault.locked = state == "locked"
    if state == "gone":
        vault.kept.clear()

    with pytest.raises(MynahError, match="unlock it, or pair the ring again") as told:
        vaulted.find(ID)
    assert told.value.exit_code == 1, "a service tries again: at log-in it may not be unlocked yet"


@pytest.fixture
def at_home(monkeypatch, tmp_path):
    """Where the system's keyring would be used."""
    monkeypatch.delenv("MYNAH_DATA", raising=False)
    monkeypatch.delenv("MYNAH_NO_KEYRING", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def test_the_systems_keyring_is_used_where_it_is_one(at_home, backend):
    assert isinstance(system_vault(), KeyringVault)

    backend.__class__.priority = 0.5  # as the library's own that keeps plain text
    try:
        assert system_vault() is None
    finally:
        backend.__class__.priority = 5


@pytest.mark.parametrize("name", ["MYNAH_DATA", "MYNAH_NO_KEYRING"])
def test_the_systems_keyring_is_left_alone_by_who_says_so(at_home, backend, monkeypatch, name):
    monkeypatch.setenv(name, "1")

    assert system_vault() is None


def test_a_keyring_that_refuses_is_no_error(backend):
    backend.refuses = True

    assert not KeyringVault().put(ID, "secret")
    assert KeyringVault().get(ID) is None


def test_the_key_of_a_server_elsewhere_may_be_in_the_keyring(at_home, backend, monkeypatch):
    monkeypatch.delenv("MYNAH_OPENAI_API_KEY", raising=False)
    backend.kept[SERVICE, KEYRING_NAME] = "from-the-keyring"

    assert api_key(OpenAI(base_url="https://api.example.com/v1")) == "from-the-keyring"
    assert api_key(OpenAI(base_url="http://127.0.0.1:8080/v1")) == ""
    chosen = OpenAI(base_url="https://api.example.com/v1", api_key="from-the-settings")
    assert api_key(chosen) == "from-the-settings"
