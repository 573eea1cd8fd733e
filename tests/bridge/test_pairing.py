import pytest

from mynah.errors import DeviceError
from mynah.link.keys import BENCH_KEY, INSECURE, KeyStore, RingKey, new_key
from mynah.link.pairing import Identity, identify, known_key, pair
from mynah_device.console import describe, parse
from mynah_wire.handshake import fingerprint

ID = "00112233445566ff"


class HonestConsole:
    """A ring's console, by the ring's own code."""

    def __init__(self, key=None):
        self.key = key
        self.typed = []

    async def ask(self, line):
        self.typed.append(line)
        command, argument = parse(line)
        if command == "key":
            self.take(argument)
        return describe(bytes.fromhex(ID), 1, b"xiao", self.key)

    def take(self, key):
        self.key = key


class DeafConsole(HonestConsole):
    """Answers, and keeps the key it has."""

    def take(self, key):
        pass


class OtherConsole(HonestConsole):
    """Somebody swaps the cable once the key is written."""

    async def ask(self, line):
        answer = await super().ask(line)
        return answer.replace(ID, ID[::-1]) if len(self.typed) > 2 else answer


class LyingConsole:
    def __init__(self, answer):
        self.answer = answer

    async def ask(self, line):
        return self.answer


@pytest.fixture
def store(tmp_path):
    return KeyStore(tmp_path / "keys")


async def test_a_ring_tells_who_it_is():
    key = new_key()

    assert await identify(HonestConsole()) == Identity(ID, 1, "xiao", None)
    assert await identify(HonestConsole(key)) == Identity(ID, 1, "xiao", fingerprint(key))


async def test_after_pairing_both_have_the_same_fresh_key(store):
    old = new_key()
    console = HonestConsole(old)

    key = await pair(console, store)

    assert console.key == key.secret != old
    assert store.all() == [key]


async def test_the_key_that_everybody_has_is_loud_wherever_it_is_used(store, capsys):
    console = HonestConsole()
    loud = INSECURE.format(ID) + "\n"

    key = await pair(console, store, BENCH_KEY)
    paired = capsys.readouterr().err
    found = KeyStore(store.folder).find(ID)  # another command, on another day
    used = capsys.readouterr().err

    assert console.key == key.secret == found.secret == BENCH_KEY
    assert paired == used == loud


async def test_a_bench_ring_that_is_paired_afresh_is_quiet(store, capsys):
    console = HonestConsole()
    await pair(console, store, BENCH_KEY)
    await pair(console, store)
    capsys.readouterr()

    assert KeyStore(store.folder).find(ID).secret == console.key != BENCH_KEY
    assert capsys.readouterr().err == ""


async def test_the_key_is_kept_here_before_the_ring_gets_it(store):
    kept = []

    class Console(HonestConsole):
        def take(self, key):
            kept.append(store.find(ID).secret == key)

    with pytest.raises(DeviceError):
        await pair(Console(), store)

    assert kept == [True]


async def test_a_ring_that_keeps_its_old_key_stays_ours(store):
    old = RingKey(ID, new_key())
    store.keep(old)

    with pytest.raises(DeviceError, match=f"it has {fingerprint(old.secret)}; try again"):
        await pair(DeafConsole(old.secret), store)

    assert store.find(ID) == old


async def test_a_ring_that_takes_no_key_is_told_of(store):
    with pytest.raises(DeviceError, match="did not take its key: it has None"):
        await pair(DeafConsole(), store)


async def test_another_ring_at_the_cable_is_not_taken_for_the_first(store):
    with pytest.raises(DeviceError, match="did not take its key"):
        await pair(OtherConsole(), store)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "mynah",
        "mynah error: use: mynah id",
        "mynah ../../../etc/passwd build 1 board x unpaired",
        "mynah 0011 build 1 board x unpaired",
        f"mynah {ID.upper()} build 1 board x unpaired",
        f"mynah {ID} build one board x unpaired",
        f"mynah {ID} build {'9' * 5000} board x unpaired",
        f"mynah {ID} build 1 board x",
        f"mynah {ID} build 1 board x paired",
        f"mynah {ID} build 1 board x paired deadbee",
        f"mynah {ID} build 1 board x paired deadbeef extra",
        f"mynah {ID} build 1 board x borrowed deadbeef",
        f"hello {ID} build 1 board x unpaired",
    ],
)
async def test_a_console_that_talks_nonsense_is_not_ours_and_leaves_no_file(store, answer):
    for ask in (pair, lambda console, store: known_key(console, store, "mynah pair")):
        with pytest.raises(DeviceError, match="not firmware of ours"):
            await ask(LyingConsole(answer), store)

    assert not store.folder.exists()


async def test_a_ring_that_claims_to_be_paired_with_another_key_is_refused_with_advice(store):
    store.keep(RingKey(ID, new_key()))
    other = new_key()

    with pytest.raises(DeviceError, match="pair it: `mynah pair --link x`") as caught:
        await known_key(HonestConsole(other), store, "mynah pair --link x")

    assert fingerprint(other) in str(caught.value)
    assert other.hex() not in str(caught.value)


async def test_a_paired_ring_is_known_and_a_new_one_is_paired(store):
    console = HonestConsole()

    first = await known_key(console, store, "")
    again = await known_key(console, store, "")

    assert first == again
    assert [line for line in console.typed if line.startswith("mynah key")] == [
        f"mynah key {first.secret.hex()}"
    ]
