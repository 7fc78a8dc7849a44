from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.az.language import Language, is_kept, language_of, same_language
from tests.bench.language_bench import SET, figures


@pytest.mark.parametrize(
    ("title", "language"),
    [
        ("Motorola Edge 70 Ultra Azərbaycanda satışa çıxıb", "az"),
        ("Suni zeka sekilleri nece yaradir", "az"),
        ("MƏKTƏBLƏRDƏ TƏTİL NƏ VAXT BAŞLAYIR", "az"),
        ("Бу ҝүн һава неҹә олаҹаг", "az"),
        ("Tramp: “This is the best deal ever made by anyone” dedi", "az"),
        ("Bu barədə “Газета” qəzeti yazıb", "az"),
        ("Турецкая армия начала учения", "ru"),
        ("Tesla Model Y подорожала", "ru"),
        ("“Азербайджан” — новый паром", "ru"),
        ("Motorola Edge 70 Ultra goes on sale in Azerbaijan", "en"),
        ("Prezident İlham Əliyev meets with the delegation of the World Bank", "en"),
        ("Motorola Edge 70 Ultra Türkiye'de satışa çıktı", "tr"),
        ("Yapay zeka görüntüleri nasıl oluşturuyor", "tr"),
        ("Қазақстан үкіметі жаңа заң қабылдады", "other"),
        ("Президент України прибув до Баку", "other"),
        ("საქართველოს პარლამენტი", "other"),
        ("Das Unternehmen stellt sich auf schwere Zeiten ein und spart", "other"),
        ("Motorola Edge 70", ""),
        ("", ""),
        ("2025: 70%", ""),
    ],
)
def test_the_language_of_a_title_is_told(title: str, language: str) -> None:
    assert language_of(title) == language


def test_a_text_tells_what_a_title_of_names_does_not() -> None:
    title = "Galaxy S26 Ultra"
    assert language_of(title, "Şirkət yeni telefonunu Bakıda nümayiş etdirəcək.") == "az"
    assert language_of(title, "Компания показала новый телефон.") == "ru"
    assert language_of(title, "The company has shown its new phone.") == "en"


def test_decomposed_letters_and_the_turned_e_are_the_same_letters() -> None:
    assert language_of("Gǝncǝdǝ güclü külǝk ǝsǝcǝk") == "az"
    assert language_of("Bakıda gu\u0308clu\u0308 zəlzələ olub") == "az"


def test_an_unknown_language_passes_a_limit_and_may_be_any() -> None:
    assert is_kept(Language.UNKNOWN, "az")
    assert is_kept(Language.RUSSIAN, "")
    assert not is_kept(Language.RUSSIAN, "az")
    assert same_language(Language.UNKNOWN, Language.ENGLISH)
    assert not same_language(Language.RUSSIAN, Language.AZERBAIJANI)


def test_the_set_of_the_bench_is_told_as_well_as_it_was() -> None:
    rows = [json.loads(line) for line in Path(SET).read_text(encoding="utf-8").splitlines()]
    right, kept, let_in = figures(rows, language_of)
    assert right >= 0.93
    assert kept >= 0.99
    assert let_in <= 0.05


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_has_some_language(title: str, text: str) -> None:
    assert language_of(title, text) in Language
