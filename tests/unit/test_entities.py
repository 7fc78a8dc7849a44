"""Telegram's HTML, as the stand-in reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.entities import parse_html
from bot.demo.formatting import formatted
from bot.demo.refusals import RefusalError

_SURROGATE = (
    "Text contains invalid Unicode characters after decoding HTML entities, "
    "check for unmatched surrogate code units"
)
Spans = list[tuple[str, int, int]]


def spans(html: str) -> Spans:
    return [
        (str(e["type"]), int(str(e["offset"])), int(str(e["length"])))
        for e in formatted(html, "HTML").entities
    ]


def refusal(html: str) -> str:
    with pytest.raises(RefusalError) as caught:
        formatted(html, "HTML")
    assert caught.value.code == 400
    return caught.value.description.removeprefix("Bad Request: can't parse entities: ")


@pytest.mark.parametrize(
    ("tag", "kind"),
    [
        ("b", "bold"),
        ("strong", "bold"),
        ("i", "italic"),
        ("em", "italic"),
        ("u", "underline"),
        ("ins", "underline"),
        ("s", "strikethrough"),
        ("strike", "strikethrough"),
        ("del", "strikethrough"),
        ("tg-spoiler", "spoiler"),
        ("code", "code"),
        ("pre", "pre"),
        ("blockquote", "blockquote"),
        ("B", "bold"),
    ],
)
def test_each_supported_tag_is_its_entity(tag: str, kind: str) -> None:
    assert spans(f"a <{tag}>söz</{tag}> z") == [(kind, 2, 3)]


def test_tags_with_attributes_are_their_entities() -> None:
    assert spans('<span class="tg-spoiler">x</span>') == [("spoiler", 0, 1)]
    assert spans("<blockquote expandable>x</blockquote>") == [("expandable_blockquote", 0, 1)]
    emoji = formatted('<tg-emoji emoji-id="5368">👍</tg-emoji>', "HTML").entities[0]
    assert emoji == {"type": "custom_emoji", "offset": 0, "length": 2, "custom_emoji_id": "5368"}
    user = formatted('<a href="tg://user?id=42">Aysel</a>', "HTML").entities[0]
    assert user["type"] == "text_mention"


def test_a_link_keeps_its_address_with_references_decoded() -> None:
    shown = formatted('<a href="https://a.az/x?a=1&amp;b=2">Oxu</a>', "HTML")
    assert shown.text == "Oxu"
    assert shown.entities[0]["url"] == "https://a.az/x?a=1&b=2"


def test_a_link_without_a_usable_address_is_plain_text() -> None:
    assert spans('<a href="heç nə">Oxu</a>') == []
    assert spans('<a href="https://a.az">Oxu</a>') == [("text_link", 0, 3)]


def test_code_in_pre_is_one_entity_with_a_language() -> None:
    shown = formatted('<pre><code class="language-python">x = 1</code></pre>', "HTML")
    assert shown.entities == ({"type": "pre", "offset": 0, "length": 5, "language": "python"},)


def test_nothing_stands_inside_code() -> None:
    assert spans("<code>a<b>b</b></code>") == [("code", 0, 2)]


def test_only_four_names_and_numbers_are_references() -> None:
    assert formatted("&lt;&gt;&amp;&quot;&#601;&#x259;", "HTML").text == '<>&"əə'
    assert formatted("&nbsp;&copy; A&B &", "HTML").text == "&nbsp;&copy; A&B &"


def test_offsets_are_utf16_units() -> None:
    assert spans("🎉<b>🎉ə</b>") == [("bold", 2, 3)]


@pytest.mark.parametrize(
    ("html", "error"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("ə<x>y</x>", 'Unsupported start tag "x" at byte offset 2'),
        ("<br/>", 'Unsupported start tag "br/" at byte offset 0'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("a <3 b", 'Unsupported start tag "3" at byte offset 2'),
        ("a <", "Unclosed start tag at byte offset 2"),
        ("a < b>", 'Unsupported start tag "" at byte offset 2'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ('<a href="x"', "Unclosed start tag at byte offset 0"),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href= ", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href=x", "Unexpected end of name token at byte offset 8"),
        ("&#xD800;", _SURROGATE),
        ("<a href=x/y>z</a>", "Unexpected end of name token at byte offset 8"),
        ('<a ="x">z</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_a_fault_is_named_in_telegrams_words(html: str, error: str) -> None:
    assert refusal(html) == error


def test_outer_white_space_and_control_characters_go() -> None:
    shown = formatted(" \n a\tb\r\n<b>\x07söz</b> \n\n", "HTML")
    assert shown.text == "a b\n söz"
    assert shown.entities == ({"type": "bold", "offset": 4, "length": 4},)


def test_a_leading_blank_inside_an_entity_stays() -> None:
    assert formatted("  <b> x</b>", "HTML").text == " x"


def test_an_entity_of_white_space_only_is_none() -> None:
    assert spans("a<b> </b>b") == []


def test_telegram_finds_commands_mentions_links_and_hashtags_by_itself() -> None:
    text = "/abune@xeberci_bot Apple @aysel technote.az/a #süni https://a.az/x. a@b.az"
    assert [(e["type"]) for e in formatted(text).entities] == [
        "bot_command",
        "mention",
        "url",
        "hashtag",
        "url",
        "email",
    ]
    assert spans("<code>/start</code>") == [("code", 0, 6)]


def test_given_entities_are_kept() -> None:
    bold = {"type": "bold", "offset": 2, "length": 1}
    assert formatted("🎉ə", "", [bold]).entities == (bold,)


@pytest.mark.parametrize(
    ("entity", "error"),
    [
        (("bold", 9, 1), "entity begins after the end of the text at UTF-16 offset 9"),
        (
            ("bold", 0, 9),
            "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 9",
        ),
        (("bold", -1, 1), "receive an entity with incorrect offset -1"),
        (("big", 0, 1), "can't parse MessageEntity: Unsupported type specified"),
    ],
)
def test_a_given_entity_must_fit_its_text(entity: tuple[str, int, int], error: str) -> None:
    kind, offset, length = entity
    with pytest.raises(RefusalError) as caught:
        formatted("söz", "", [{"type": kind, "offset": offset, "length": length}])
    assert caught.value.description == f"Bad Request: {error}"


@pytest.mark.parametrize(
    ("kind", "field"),
    [("text_link", "url"), ("custom_emoji", "custom_emoji_id"), ("text_mention", "user")],
)
def test_a_given_entity_must_say_what_it_points_to(kind: str, field: str) -> None:
    with pytest.raises(RefusalError, match=f'Can\'t find field "{field}"'):
        formatted("söz", "", [{"type": kind, "offset": 0, "length": 3}])


def test_given_links_and_mentions_are_kept() -> None:
    user = {"id": 42, "is_bot": False, "first_name": "Aysel"}
    mention = {"type": "text_mention", "offset": 0, "length": 3, "user": user}
    link = {"type": "text_link", "offset": 4, "length": 3, "url": "https://a.az/x"}
    kept = formatted("söz söz", "", [mention, link]).entities
    assert [entity["type"] for entity in kept] == ["text_mention", "text_link"]
    assert kept[1]["url"] == "https://a.az/x"
    with pytest.raises(RefusalError, match="entity URL 'x' is invalid: Wrong HTTP URL"):
        formatted("söz söz", "", [{**link, "url": "x"}])


def test_other_parse_modes_are_refused() -> None:
    with pytest.raises(RefusalError, match="parse_mode"):
        formatted("*x*", "MarkdownV2")


def test_more_than_32_kilobytes_are_refused() -> None:
    with pytest.raises(RefusalError):
        formatted("ə" * 16385)


@given(st.text())
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert parse_html(escaped) == (text, [])


@given(st.text(alphabet="ab </>&\"'=;əhrefcod🎉#x1", max_size=60))
def test_anything_is_read_or_refused(text: str) -> None:
    try:
        shown = formatted(text, "HTML")
    except RefusalError:
        return
    units = len(shown.text.encode("utf-16-le")) // 2
    for entity in shown.entities:
        start, length = int(str(entity["offset"])), int(str(entity["length"]))
        assert length > 0
        assert 0 <= start <= start + length <= units
