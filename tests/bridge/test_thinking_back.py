import pytest

from mynah.companions.base import Said
from mynah.errors import CompanionError
from mynah.memory.log import CARE, Turn
from mynah.memory.store import MemoryStore
from mynah.prompting.mind import CharacterMind, Who
from mynah.prompting.remembering import Remembering
from tests.bridge.memories import NOW
from tests.bridge.minds import Clock, mind_of, reply_of, size
from tests.bridge.test_mind import DOG, HELLO, said_in


async def test_what_the_bridge_said_in_need_is_written_down_and_told_no_model():
    mind, asked = mind_of(), []
    for _ in range(3):
        mind.remember(Said("I hate my life.", "en"), "I'm really glad you told me.", CARE)
    mind.heard(HELLO, "Hi.")

    chat = mind.chat(Said("And so?", "en"))
    assert "glad" not in said_in(chat)
    assert "hate my" not in said_in(chat)
    facts = await mind.reflect(reply_of("NOTHING", asked))
    assert "hate my" not in asked[0]
    assert facts == []
    assert [turn.companion for turn in mind.store.log()] == [CARE] * 3 + [""]
    await mind.close()


async def test_words_of_which_nothing_came_stay_and_are_no_conversation_yet():
    mind, asked = mind_of(), []
    for _ in range(9):
        mind.heard(Said(DOG, "en"), "")

    assert await mind.idle(NOW + 9999, reply_of("FACT: a dog", asked)) == []
    assert asked == []
    await mind._memory._writing.end()
    assert [turn.is_unanswered for turn in mind.store.log()] == [True] * 9
    assert DOG in mind.chat(HELLO).turns[-1]["content"]
    mind.heard(HELLO, "Hi.")
    assert len(await mind.idle(NOW + 9999, reply_of("FACT: The user has a dog."))) == 1
    await mind.close()


async def test_imported_turns_are_looked_through_by_rules_and_nobody_knows_when_they_were():
    asked, store = [], MemoryStore(None)
    store.add_turns([Turn("我家猫叫麻薯", "好可爱", source="chub")] * 3)
    memory = Remembering(store, 4000)
    mind = CharacterMind(Who(), memory, None, Clock())

    facts = await mind.idle(NOW, reply_of("FACT: no", asked))

    assert len(store.facts()) == 1
    assert "麻薯" in facts[0].content
    assert asked == []
    assert "ago" not in mind.chat(HELLO).turns[-2]["content"]
    await mind.close()


async def test_a_pause_ends_in_facts_and_a_summary_and_the_prompt_is_shorter():
    clock, asked = Clock(), []
    mind = mind_of(clock=clock)
    for number in range(12):
        clock.now += 20
        mind.heard(Said(f"{DOG} It barked {number} times.", "en"), "Oh dear, that is a lot." * 4)
    before = size(mind.chat(HELLO))
    ask = reply_of("FACT: The user has a dog, Basil. | dog\nSUMMARY: Basil barked.", asked)
    assert await mind.idle(clock.now + 60, ask) == []

    facts = await mind.idle(clock.now + 200, ask)

    assert [fact.content for fact in facts] == ["{{user}} has a dog, Basil."]
    assert len(facts[0].source_turns) == 12
    after = mind.chat(Said("Hm.", "en"))
    assert size(after) < before
    assert "What you talked about before: Basil barked." in said_in(after)
    assert len(asked) == 1
    assert DOG not in mind.chat(Said(asked[0], "en")).system
    await mind.close()


async def test_what_is_asked_to_think_back_stands_alone_and_is_no_turn():
    mind, chats = mind_of(), []
    mind.heard(Said(DOG, "en"), "Sweet.")

    async def reply(said):
        chats.append(mind.chat(said))
        yield "NOTHING"

    await mind.reflect(reply)

    (chat,) = chats
    assert (chat.system, chat.examples, len(chat.turns)) == ((), (), 1)
    assert chat.turns[0]["role"] == "user"
    assert len(mind.store.log()) == 1
    await mind.close()


async def test_rules_notice_facts_where_the_model_notes_none_or_is_not_asked():
    noted = []
    for ask in (None, reply_of("I am sorry, I can't.")):
        mind = mind_of()
        mind.heard(Said(DOG, "en"), "Sweet.")
        noted += await mind.reflect(ask)
        assert await mind.reflect(ask) == []
        await mind.close()

    assert [fact.content for fact in noted] == [f'{{{{user}}}} said: "{DOG}"'] * 2


async def test_nobody_thinks_back_where_nobody_is_to():
    mind = mind_of(reflect="never")
    mind.heard(Said(DOG, "en"), "Sweet.")

    assert await mind.idle(NOW + 9999, reply_of("FACT: a dog")) == []
    await mind.close()


async def test_a_companion_that_fails_to_think_back_is_asked_again_later():
    mind, clock = mind_of(), NOW

    async def reply(said):
        raise CompanionError("down")
        yield ""

    mind.heard(Said(DOG, "en"), "Sweet.")
    with pytest.raises(CompanionError):
        await mind.idle(clock + 2000, reply)

    assert await mind.idle(clock + 2100, reply) == []
    assert len(await mind.idle(clock + 2700, reply_of("NOTHING"))) == 1
    await mind.close()
