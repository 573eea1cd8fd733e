"""Cards as strangers make them: for any test that wants some."""

from typing import Any

from hypothesis import strategies as st

from mynah.characters import archive, jsons, png

WORDS = st.text(max_size=12) | st.sampled_from(
    [
        "麻薯",
        "line\r\nline",
        "\ufeffmark",
        "{{char}} & <USER>",
        "<script>alert(1)</script>",
        "🐱",
        "",
    ]
)
NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    WORDS
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(NAMES, each, max_size=3),
    max_leaves=5,
)
TEXTS = ("name", "description", "personality", "scenario", "first_mes", "mes_example")
UNKNOWN = st.dictionaries(NAMES.map("x_{}".format), ANYTHING, max_size=3)
FIELDS = st.fixed_dictionaries(dict.fromkeys(TEXTS, WORDS))


def v1():
    """Flat, and whatever else somebody wrote into it."""
    return st.builds(lambda known, other: known | other, FIELDS, UNKNOWN)


def v2():
    """With a lorebook and unknown keys on every floor."""
    entry = st.builds(
        lambda keys, content, other: (
            {
                "keys": keys,
                "content": content,
                "extensions": other,
                "enabled": True,
                "insertion_order": 1,
            }
            | other
        ),
        st.lists(WORDS, max_size=2),
        WORDS,
        UNKNOWN,
    )
    book = st.builds(
        lambda entries, other: {"entries": entries} | other, st.lists(entry, max_size=2), UNKNOWN
    )
    data = st.builds(
        lambda known, book, extensions, other: (
            known | {"character_book": book, "extensions": extensions} | other
        ),
        FIELDS,
        book,
        UNKNOWN,
        UNKNOWN,
    )
    return st.builds(
        lambda data, other: {"spec": "chara_card_v2", "spec_version": "2.0", "data": data} | other,
        data,
        UNKNOWN,
    )


def v3():
    """As V2, with what V3 added."""
    added = st.fixed_dictionaries(
        {
            "group_only_greetings": st.lists(WORDS, max_size=2),
            "nickname": WORDS,
            "source": st.lists(WORDS, max_size=2),
            "creation_date": st.integers(0, 2**31),
        }
    )
    return st.builds(
        lambda card, more: (
            card | {"spec": "chara_card_v3", "spec_version": "3.0", "data": card["data"] | more}
        ),
        v2(),
        added,
    )


def as_png(**chunks: bytes) -> bytes:
    """A picture with these text chunks, as they are."""
    return png.parse(png.plain(2, 2, (1, 2, 3))).with_texts(chunks)


def card_png(raw: dict[str, Any], keyword: str = "chara") -> bytes:
    return as_png(**{keyword: png.packed(jsons.write(raw))})


def charx(raw: dict[str, Any], **members: bytes) -> bytes:
    """With these members besides; two underscores are a slash."""
    named = {name.replace("__", "/"): content for name, content in members.items()}
    return archive.packed({"card.json": jsons.write(raw)} | named)


MOCHI = {
    "spec": "chara_card_v3",
    "spec_version": "3.0",
    "data": {
        "name": "Mochi the cat",
        "nickname": "麻薯",
        "description": "{{char}} is a cat of few words.",
        "first_mes": "Oh. You.",
        "mes_example": "<START>\n{{user}}: hi\n{{char}}: meow\n*yawns*\n<START>\n{{char}}: 喵",
        "alternate_greetings": ["早安", ""],
        "extensions": {"depth_prompt": {"prompt": "be short", "depth": 2, "role": "user"}},
        "assets": [
            {"type": "icon", "uri": "ccdefault:", "name": "main", "ext": "png"},
            {
                "type": "emotion",
                "uri": "embeded://assets/emotion/images/joy.png",
                "name": "joy",
                "ext": "png",
            },
        ],
        "group_only_greetings": [],
        "character_book": {
            "entries": [
                {
                    "keys": ["tea"],
                    "content": "@@depth 1\nlikes tea",
                    "enabled": True,
                    "insertion_order": 1,
                    "extensions": {},
                    "use_regex": False,
                }
            ],
            "extensions": {},
        },
    },
}

__all__ = ["ANYTHING", "MOCHI", "as_png", "card_png", "charx", "v1", "v2", "v3"]
