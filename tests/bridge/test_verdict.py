import pytest
from hypothesis import given
from hypothesis import strategies as st

from mynah.turn.back_channels import words
from mynah.turn.interruption import Verdict, asks, verdict

RIVER = (
    "The river begins high up in the mountains, where the snow melts in spring. It winds through "
    "the forest, past villages and farms, until it reaches the sea."
)
FLUSS = "Der Fluss beginnt hoch oben in den Bergen, wo im Frühling der Schnee schmilzt."
HE = "河从高山上流下来,春天雪融化了,一直流到大海。"

RESUMES = {
    "en": """
        |.|...|[BLANK_AUDIO]|(coughs)|*sighs*|♪ ♪|♪♪
        |Mm-hmm.|Mm-hm.|Mhm.|Mmm.|Hmm.|Hmmmm...|Uh-huh.|Uh-huh, uh-huh.|Oh.|Ooh!|Aha.|Wow!|Ah, okay.
        |Yeah.|Yeah, yeah.|Yeah, yeah, yeah, yeah.|Yep.|Right.|Right, right.|OK.|Okay.|ok|Sure.
        |I see.|Oh, I see.|Oh, wow, really?|Ha ha.|Haha!|Ha ha ha ha.|That's right.
        |That\u2019s true.|Exactly.|Got it.|Yeah, I know.|Mm-hmm, go on.|Please continue.|No way!
        |Makes sense.|Huh.|You|Thanks for watching!|[laughter] Yeah.""",
    "de": "Ja.|Ja, ja.|Jaja.|Genau.|Aha, okay.|Ach so.|Mhm.|Stimmt, ja.|Echt?|Scho\u0308n.",
    "es": "Sí.|Sí, sí.|Si|Vale, vale.|Claro.|Ajá.|Ya veo.|¡Qué bien!|Ja, ja, ja.|De acuerdo.",
    "fr": "Oui.|Ouais, ouais.|D'accord.|D\u2019accord.|Ah bon ?|Je vois.|Bien sûr.|Oh là là!|Hum.",
    "zh": """
        嗯。|嗯嗯。|对对对。|好的。|哈哈哈。|哦,原来如此。|是的是的|知道了|對|對對對|好，好的。|嗯嗯，你继续说。
        |真的假的？|哎呀，真厉害！|好呀，没问题。|沒錯，確實。|然后呢？|嗯，有道理|收到|OK，好的。|謝謝觀看""",
}
ENDS = {
    "en": """
        Stop.|Stop!|Okay, stop.|OK stop|Yeah, yeah, stop it.|Wait.|Wait, wait, wait.|No.|No, no.
        |Hold on.|Hold on a second.|Hang on.|Quiet!|Be quiet.|Shut up.|Shh.|Enough.|Mm, no.|Uh-uh.
        |Oh no.|Never mind.|Thank you.|What?|What is the time?|Tell me more about the mountains.
        |Yeah, but what about the fish?|Right, so how long is it?|I see a problem there.|I do.
        |Where does it begin?|How long is the river?|I want to go there next spring.|Paris.
        |where the snow melts, stop, please""",
    "de": "Stopp!|Stop.|Halt.|Warte mal.|Nein.|Ja, nein.|Moment.|Sei still.|Wie lang ist er?|Ruhe",
    "es": "Para.|Espera.|¡Basta!|Cállate.|No.|Un momento.|¿Dónde está?|Sí, pero no|Alto",
    "fr": "Arrête.|Attends.|Non.|Oui, non.|Tais-toi !|Ça suffit.|Où est-ce ?|Stop",
    "zh": """
        停。|等等。|等一下|别说了|不。|好,停!|安静|河有多长?|停停停！|嗯，等一下。|好的，先停一下。|稍等。|暫停
        |別說了|行了行了|好了好了|不對。|不用了，谢谢。|对了，我想问个问题|好冷啊|你说什么？|嘘""",
}
ECHOES = {
    "en": """
        past villages and farms|Past village's and farm's.|Until it reaches the see.
        |Winds threw the forest, passed villages.|the river begins hi up in the mountain
        |In the mountains where the snow melts in spring, it winds through the forest.|the sea""",
    "de": "hoch oben in den Bergen|Wo im Frühling der Schnee schmilz",
    "zh": "春天雪融化了|从高山上留下来",
}
SPOKEN = {"en": RIVER, "de": FLUSS, "zh": HE}


def examples(table):
    return [
        pytest.param(language, heard.strip(), id=f"{language}-{heard.strip()}")
        for language, texts in table.items()
        for heard in texts.split("|")
    ]


@pytest.mark.parametrize(("language", "heard"), examples(RESUMES))
def test_nothing_and_what_people_say_while_they_listen_let_the_reply_go_on(language, heard):
    assert verdict(heard, language, SPOKEN.get(language, RIVER)) is Verdict.RESUME
    assert verdict(heard, "auto", "") is Verdict.RESUME


@pytest.mark.parametrize(("language", "heard"), examples(ENDS))
def test_a_command_and_real_words_end_it(language, heard):
    assert verdict(heard, language, SPOKEN.get(language, RIVER)) is Verdict.END
    assert verdict(heard, "auto", "") is Verdict.END


@pytest.mark.parametrize(("language", "heard"), examples(ECHOES))
def test_an_echo_of_our_own_words_lets_it_go_on_and_the_same_words_of_the_wearer_do_not(
    language, heard
):
    assert verdict(heard, language, SPOKEN[language]) is Verdict.RESUME
    assert verdict(heard, language, "Once upon a time there was a fox.") is Verdict.END


def test_a_command_is_one_though_we_just_said_it():
    assert verdict("Hold on.", "en", "Hold on to the rail, and stop.") is Verdict.END


def test_what_was_said_long_ago_is_no_echo():
    later = " and then something else happened that nobody had foreseen" * 5
    assert verdict("past villages and farms", "en", RIVER + later) is Verdict.END


@pytest.mark.parametrize(
    "heard", ["Yes.", "Yeah, sure.", "Mm-hmm.", "Uh-huh", "Okay.", "on Friday"]
)
def test_after_a_question_a_nod_is_an_answer(heard):
    spoken = "Shall we go on Tuesday, or on Friday?"
    assert verdict(heard, "en", spoken, asked=True) is Verdict.END


@pytest.mark.parametrize(
    "heard", ["", "Wow.", "Oh, I see.", "Haha", "we go on Tuesday or on Friday"]
)
def test_after_a_question_what_answers_nothing_lets_it_go_on(heard):
    spoken = "Shall we go on Tuesday, or on Friday?"
    assert verdict(heard, "en", spoken, asked=True) is Verdict.RESUME


@pytest.mark.parametrize(
    ("reply", "asked"),
    [
        ("Shall I?", True),
        ('He said: "Why?" ', True),
        ("好吗?", True),
        ("Why? Because.", False),
        ("", False),
    ],
)
def test_a_reply_asks_if_its_end_does(reply, asked):
    assert asks(reply) is asked


texts = st.text() | st.lists(
    st.sampled_from(["Stop", "mm-hmm", "yeah", "SÍ", "the", "sea", "[x]", "嗯", "'", "..."])
).map(" ".join)


@given(texts, st.sampled_from(["en", "de-AT", "zh", "xx", "", "auto"]), texts, st.booleans())
def test_it_depends_on_the_words_alone_and_there_is_always_one(heard, language, spoken, asked):
    found = verdict(heard, language, spoken, asked=asked)
    plain = " ".join(words(heard))

    assert found is verdict(plain, language, " ".join(words(spoken)), asked=asked)
    assert found is verdict(f" {plain.upper()}!", language, spoken, asked=asked) or any(
        letter.upper().casefold() != letter for letter in plain
    )
