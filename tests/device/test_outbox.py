from mynah_device.outbox import GREETING_LIMIT, ORDERED_LIMIT, URGENT_LIMIT, Outbox


def take(outbox, sent):
    """All that may go when the audio has gone so far."""
    taken = []
    while (plaintext := outbox.control(sent)) is not None:
        taken.append(plaintext)
    return taken


def test_start_and_end_keep_their_place_in_the_audio():
    outbox = Outbox()
    outbox.ordered(b"start 1", 0)
    outbox.ordered(b"end 1", 2)
    outbox.ordered(b"start 2", 2)
    outbox.urgent(b"pong")

    assert take(outbox, 0) == [b"pong", b"start 1"]
    assert take(outbox, 1) == []
    assert take(outbox, 2) == [b"end 1", b"start 2"]


def test_a_greeting_goes_before_everything_else():
    outbox = Outbox()
    outbox.urgent(b"cursor")
    outbox.greeting(b"ready")
    outbox.greeting(b"held")

    assert take(outbox, 0) == [b"ready", b"held", b"cursor"]


def test_control_that_does_not_fit_gives_up_the_link():
    for queue, limit in (
        (lambda outbox, each: outbox.urgent(each), URGENT_LIMIT),
        (lambda outbox, each: outbox.greeting(each), GREETING_LIMIT),
        (lambda outbox, each: outbox.ordered(each, 0), ORDERED_LIMIT),
    ):
        outbox = Outbox()
        for number in range(limit):
            queue(outbox, bytes([number]))
        assert not outbox.overflowed

        queue(outbox, b"one more")

        assert outbox.overflowed
        assert take(outbox, 0) == [bytes([number]) for number in range(limit)]


def test_another_connection_gets_nothing_of_the_one_before():
    outbox = Outbox()
    outbox.greeting(b"ready")
    outbox.urgent(b"pong")
    outbox.ordered(b"start", 0)
    outbox.overflowed = True

    outbox.forget()

    assert (outbox.overflowed, take(outbox, 1000)) == (False, [])
