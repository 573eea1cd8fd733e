"""What the vectors in records.json claim, for either interpreter and either cipher."""

from mynah_wire import advertising, downlink, errors, handshake, kinds, making, uplink
from mynah_wire.channel import OPEN, Channel, is_sealed
from mynah_wire.fragments import Reassembler, split
from mynah_wire.handshake import HOST, RING
from mynah_wire.message import encode
from mynah_wire.record import OVERHEAD_BYTES, Opener, Sealer

ROLES = {"host": HOST, "ring": RING}
LISTENERS = {"host": kinds.FROM_RING, "ring": kinds.FROM_HOST}


def message_of(case):
    """The message that a case describes; bytes stand there in hex."""
    message_class = None
    for module in (uplink, downlink, making, handshake):
        message_class = getattr(module, case["name"], message_class)
    codes = {name: code for name, code, _ in message_class.FIELDS}
    values = {}
    for name, value in case["fields"].items():
        values[name] = value if codes[name] in "BHI" else bytes.fromhex(value)
    return message_class(**values)


def channel_in(vectors, aead, role, state):
    """A channel that has played its part of the vectors' handshake, up to a state."""
    told = vectors["handshake"]
    key, nonce = bytes.fromhex(told["key"]), bytes.fromhex(told[role + "_nonce"])
    channel = Channel(ROLES[role], key, aead, nonce, told[role + "_mtu"])
    records = [bytes.fromhex(record) for record in told["records"]]
    if role == "host":
        assert channel.greet() == records[0]
    for number in range(ROLES[role] ^ 1, len(records), 2):
        if channel.state == state:
            break
        answer = channel.receive_plain(records[number])
        assert answer == (records[number + 1] if number + 1 < len(records) else b""), number
    assert channel.state == state, channel.state
    return channel


def receive(channel, record):
    """What a shell does with a record: the message in it, or None."""
    if is_sealed(record):
        return channel.receive(record)
    channel.receive_plain(record)
    return None


def error_of(function, *arguments):
    """The WireError that a call raises, None if it does not."""
    try:
        function(*arguments)
    except errors.WireError as error:
        return error
    return None


def name_of(error):
    return None if error is None else type(error).__name__


def messages(vectors, _aead):
    """Every message is written and read as in the vectors."""
    for case in vectors["messages"]:
        message, plaintext = message_of(case), bytes.fromhex(case["plaintext"])
        assert encode(message) == plaintext, case["name"]
        if case["from"] == "plain":
            assert handshake.decode_plain(plaintext) == message, case["name"]
            continue
        for listener, known in LISTENERS.items():
            if case["from"] in ("both", "host" if listener == "ring" else "ring"):
                got = kinds.decode(known, plaintext[0], plaintext[1:])
                assert got == message, case["name"]


def the_handshake(vectors, aead):
    """Both ends come to the same keys through the same records."""
    told = vectors["handshake"]
    key = bytes.fromhex(told["key"])
    hellos = [bytes.fromhex(record) for record in told["records"][:2]]
    for role, number in ROLES.items():
        channel = channel_in(vectors, aead, role, OPEN)
        assert channel.mtu == told["mtu"]
        assert handshake.proof(key, number, *hellos).hex() == told[role + "_proof"]
    keys = handshake.session_keys(key, *hellos)
    assert [each.hex() for each in keys] == [told["host_key"], told["ring_key"]]
    assert handshake.fingerprint(key) == told["fingerprint"]


def refusals(vectors, aead):
    """What can't be answered is refused with its reason, in a record that always fits."""
    for case in vectors["refusals"]:
        if case["state"] == "unpaired":
            channel = Channel(ROLES[case["at"]], None, aead, bytes(16), 247)
        else:
            channel = channel_in(vectors, aead, case["at"], case["state"])
        refusal = error_of(channel.receive_plain, bytes.fromhex(case["record"]))
        assert refusal.reason == case["reason"], case["name"]
        assert str(refusal) == case["says"], case["name"]
        assert channel.farewell.hex() == case["farewell"], case["name"]


def sealed_records(vectors, aead):
    """Each side seals, byte for byte, what the other opens."""
    for sender, listener in (("ring", "host"), ("host", "ring")):
        mine = channel_in(vectors, aead, sender, OPEN)
        theirs = channel_in(vectors, aead, listener, OPEN)
        for case in vectors["sealed"][sender]:
            plaintext, record = bytes.fromhex(case["plaintext"]), bytes.fromhex(case["record"])
            assert mine.seal_piece(plaintext) == record, case["name"]
            message = theirs.receive(record)
            assert encode(message) == plaintext, case["name"]


def far_counters(vectors, aead):
    """A counter late in a long connection is written and read like the first."""
    for case in vectors["far_counters"]:
        role, plaintext = ROLES[case["from"]], bytes.fromhex(case["plaintext"])
        key = bytes.fromhex(vectors["handshake"][case["from"] + "_key"])
        sealer, opener = Sealer(aead(key), role), Opener(aead(key), role)
        record = bytearray(len(plaintext) + OVERHEAD_BYTES)
        record[4 : 4 + len(plaintext)] = plaintext
        sealer.counter = case["counter"]
        assert sealer.seal(record, len(plaintext)) == len(record)
        assert record.hex() == case["record"], case["counter"]
        assert opener.open(record, len(record)) == len(plaintext)
        assert opener.missed == case["counter"]


def fragments(vectors, _aead):
    """A long message is cut and put together as in the vectors."""
    for case in vectors["fragments"]:
        plaintext = bytes.fromhex(case["plaintext"])
        pieces = split(plaintext, case["room"])
        assert [piece.hex() for piece in pieces] == case["pieces"], case["name"]
        reassembler = Reassembler()
        wholes = [reassembler.feed(piece, 0) for piece in pieces]
        assert wholes[:-1] == [None] * (len(pieces) - 1), case["name"]
        assert wholes[-1] == (plaintext[0], plaintext[1:]), case["name"]


def advertisements(vectors, _aead):
    """The tag is the key's, and the payload is full."""
    for case in vectors["advertising"]:
        key, tag = bytes.fromhex(case["key"]), bytes.fromhex(case["tag"])
        assert advertising.tag(key, tag[:3]) == tag
        assert advertising.is_tag_of(key, tag)
        assert not advertising.is_tag_of(key, bytes.fromhex(case["strange_tag"]))
        assert advertising.advertisement(tag).hex() == case["payload"]


def bad_records(vectors, aead):
    """A bad record is the error that the vectors name, and changes nothing."""
    for case in vectors["bad"]:
        channel = channel_in(vectors, aead, case["at"], case["state"])
        for before in case["before"]:
            assert receive(channel, bytes.fromhex(before)) is not None, case["name"]
        for number, record in enumerate(case["records"]):
            got = name_of(error_of(receive, channel, bytes.fromhex(record)))
            assert got == case["error"], (case["name"], number, got)
        assert channel.state == case["state"], case["name"]
        if case["then"]:
            assert receive(channel, bytes.fromhex(case["then"])) is not None, case["name"]


def bad_plaintexts(vectors, aead):
    """A body that is too short is an error, though its seal is right."""
    for case in vectors["bad_plaintexts"]:
        channel = channel_in(vectors, aead, case["at"], OPEN)
        for plaintext in case["plaintexts"]:
            got = name_of(error_of(channel.assemble, bytes.fromhex(plaintext)))
            assert got == case["error"], (case["name"], plaintext, got)


def skipped_records(vectors, aead):
    """What a later version may say is skipped and counted, never an error."""
    for case in vectors["skipped"]:
        channel = channel_in(vectors, aead, case["at"], case["state"])
        for number, record in enumerate(case["records"], 1):
            assert receive(channel, bytes.fromhex(record)) is None, case["name"]
            assert channel.skipped == number, case["name"]


def longer_bodies(vectors, _aead):
    """Fields that a later version appends are not seen."""
    for case in vectors["longer"]:
        plaintext = bytes.fromhex(case["plaintext"])
        known = LISTENERS["host" if case["from"] == "ring" else "ring"]
        assert kinds.decode(known, plaintext[0], plaintext[1:]) == message_of(case), case["name"]


CLAIMS = (
    messages,
    the_handshake,
    refusals,
    sealed_records,
    far_counters,
    fragments,
    advertisements,
    bad_records,
    bad_plaintexts,
    skipped_records,
    longer_bodies,
)
