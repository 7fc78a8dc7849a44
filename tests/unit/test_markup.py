"""HTML becomes the paragraphs that a reader sees."""

from __future__ import annotations

import pytest

from bot.sources import markup


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<p>Bir.</p><p>İki.</p>", ["Bir.", "İki."]),
        ("<div>Bir.<div>İki.</div>Üç.</div>", ["Bir.", "İki.", "Üç."]),
        ("Bir <b>iki</b> <i>üç</i>, dörd.", ["Bir iki üç, dörd."]),
        ("Bir.<br>İki.<br/><br/>Üç.", ["Bir.", "İki.", "Üç."]),
        ("Uzun bir cümlə<br>burada davam edir.", ["Uzun bir cümlə burada davam edir."]),
        ("<ul><li>Bir</li><li><p>İki</p></li></ul>Son.", ["• Bir", "• İki", "Son."]),
        (
            "<table><tr><th>Xətt</th><th>Say</th></tr><tr><td>17</td><td></td></tr></table>",
            ["Xətt | Say", "17"],
        ),
        ("<p>A&nbsp;B\u200b\u00adC</p>", ["A BC"]),
        ("<p>50\u2009000 ədəd</p>", ["50\u2009000 ədəd"]),
        ("<pre>bir\niki</pre>son", ["bir iki", "son"]),
        ("<p>Bir.</p><script>x()</script><style>p{}</style>", ["Bir."]),
        ("<p hidden>Gizli</p><p style='display: none'>Gizli</p><p>Açıq</p>", ["Açıq"]),
        ("<p>Önə<button>Kopyala</button> arxaya</p>", ["Önə arxaya"]),
        ("<pre hidden>x</pre><p>Bir\niki</p>", ["Bir iki"]),
        ("<html><body><p>Bir.</p></body></html><p>İki.</p>", ["Bir.", "İki."]),
        ("Bir.\n\nİki\nüç.\r\nDörd.", ["Bir.", "İki üç.", "Dörd."]),
        ("1 < 2 və 3 > 2", ["1 < 2 və 3 > 2"]),
        ("A &amp; B &quot;C&quot;", ['A & B "C"']),
        ("", []),
        ("<p> </p><br>&nbsp;", []),
    ],
)
def test_paragraphs_are_what_a_reader_sees(value: str, expected: list[str]) -> None:
    assert markup.html_paragraphs(value) == expected


def test_reading_a_tree_leaves_it_as_it_was() -> None:
    root = markup.parse("<div><p>Bir</p><p class='x'>İki</p>üç</div>")
    assert root is not None
    before = markup.serialise(root)
    markup.paragraphs(root, skip=frozenset(root.iter("p")))
    assert markup.serialise(root) == before


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("A&nbsp;&amp;amp; B", "A & B"),
        ("&lt;b&gt;A&lt;/b&gt; B", "A B"),
        ("<![CDATA[A]]> B", "A B"),
        ("I &lt;3 Bakı", "I <3 Bakı"),
        (" A\n\t B ", "A B"),
    ],
)
def test_one_line_values_lose_all_markup(value: str, expected: str) -> None:
    assert markup.plain(value) == expected
