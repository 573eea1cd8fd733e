from mynah.speech.known import KnownSounds


def test_what_was_learned_is_recalled():
    known = KnownSounds()
    known.learn("good morning", b"sound")

    assert known.recall("good morning") == b"sound"
    assert known.recall("good night") is None


def test_what_was_not_used_for_longest_is_forgotten():
    known = KnownSounds(most_bytes=30)
    for said in "abc":
        known.learn(said, bytes(10))
    known.recall("a")
    known.learn("d", bytes(10))

    assert [said for said in "abcd" if known.recall(said)] == ["a", "c", "d"]


def test_the_same_learned_twice_counts_once():
    known = KnownSounds(most_bytes=20)
    known.learn("a", bytes(10))
    for _ in range(5):
        known.learn("b", bytes(10))

    assert known.recall("a") == bytes(10)


def test_a_sound_longer_than_there_is_room_for_is_not_kept():
    known = KnownSounds(most_bytes=20)
    known.learn("endless", bytes(21))
    known.learn("short", bytes(20))

    assert known.recall("endless") is None
    assert known.recall("short") == bytes(20)
