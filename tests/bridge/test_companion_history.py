from mynah.companions.history import History, tokens

TURN = ("How are you?", "Fine, thank you.")


def filled(budget_tokens, turns):
    history = History(budget_tokens)
    for said, heard in turns:
        history.add(said, heard)
    return history


def contents(history, said="And now?"):
    return [(each["role"], each["content"]) for each in history.messages(said)]


def test_a_first_turn_is_the_wearers_words_alone():
    assert contents(History(100), "Hello.") == [("user", "Hello.")]


def test_what_was_heard_is_what_was_said():
    assert contents(filled(100, [TURN])) == [
        ("user", "How are you?"),
        ("assistant", "Fine, thank you."),
        ("user", "And now?"),
    ]


def test_an_answer_that_was_cut_short_looks_like_one():
    history = filled(100, [("Tell me a story.", "Once upon a")])

    assert history.turns == (("Tell me a story.", "Once upon a"),)
    assert contents(history)[1] == ("assistant", "Once upon a…")


def test_words_that_nothing_answered_are_kept_and_roles_alternate():
    history = filled(100, [("I am Ann.", ""), ("Are you there?", ""), TURN, ("Wait.", "")])

    assert contents(history) == [
        ("user", "I am Ann.\nAre you there?\nHow are you?"),
        ("assistant", "Fine, thank you."),
        ("user", "Wait.\nAnd now?"),
    ]


def test_a_turn_without_words_is_no_turn():
    assert filled(100, [(" ", "Fine.")]).turns == ()


def test_beyond_the_budget_the_oldest_half_is_forgotten():
    each = sum(map(tokens, TURN))
    history = filled(4 * each, [(f"{TURN[0][:-1]}{number}", TURN[1]) for number in range(5)])

    assert [said[-1] for said, _ in history.turns] == ["3", "4"]


def test_a_turn_beyond_all_budget_is_not_remembered():
    assert filled(100, [TURN, ("la " * 1000, "Fine.")]).turns == ()


def test_a_thousand_turns_stay_within_the_budget():
    history = History(400)
    for number in range(1000):
        history.add(f"This is turn {number}.", "Yes, it is, and it was a pleasure. " * (number % 5))
        assert sum(tokens(said) + tokens(heard) for said, heard in history.turns) <= 400

    assert history.turns[-1][0] == "This is turn 999."


def test_a_language_without_spaces_is_reckoned_by_its_bytes():
    assert tokens("今天天气很好") > tokens("天气很好") > tokens("")
