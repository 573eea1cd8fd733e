"""The watchdog's rounds: who is missing, and for how long."""

from mynah_device.health import BITE_MS, LATE_ROUNDS, ROUND_MS, Health, Heart

RESET_WITHIN_MS = 10_000


def watched(*names):
    health, hearts = Health(), {name: Heart() for name in names}
    for name, heart in hearts.items():
        heart.beat()
        health.watch(name, heart)
    return health, hearts


def test_nobody_is_missing_while_everybody_gives_a_sign():
    health, hearts = watched("light", "sender")
    for _ in range(5):
        assert health.round() == []
        for heart in hearts.values():
            heart.beat()


def test_each_that_gives_no_sign_is_missing_until_it_does():
    for stuck in ("light", "sender"):
        health, hearts = watched("light", "sender")
        health.round()
        for name, heart in hearts.items():
            if name != stuck:
                heart.beat()

        assert health.round() == [stuck]
        hearts[stuck].beat()
        assert stuck not in health.round()


def test_who_rests_owes_no_sign_and_who_is_expected_has_a_whole_round_for_it():
    health, hearts = watched("microphone")
    hearts["microphone"].rest()
    assert health.round() == health.round() == []

    hearts["microphone"].expect()
    assert health.round() == []
    assert health.round() == ["microphone"]


def test_what_is_expected_again_and_again_is_missing_all_the_same():
    health, hearts = watched("speaker")
    health.round()
    hearts["speaker"].expect()

    assert health.round() == ["speaker"]


def test_who_stands_still_is_named_once():
    health, hearts = watched("light", "sender")
    named = []
    for _ in range(2 * LATE_ROUNDS):
        hearts["sender"].beat()
        health.round()
        named += health.standing_still()

    assert named == ["light"]


def test_a_task_that_stands_still_costs_less_than_ten_seconds():
    # It gave a sign just before a round, which fed the watchdog, and never again.
    assert ROUND_MS + BITE_MS < RESET_WITHIN_MS
