from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.az.titles import clean_shown, clean_title, fallback_title


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("Apple yeni iPhone təqdim etdi | Technote.az", "Apple yeni iPhone təqdim etdi"),
        ("Apple yeni iPhone təqdim etdi - Banker.az", "Apple yeni iPhone təqdim etdi"),
        ("Apple yeni iPhone təqdim etdi » Technote", "Apple yeni iPhone təqdim etdi"),
        ("Yeni peyk - Technote - Texnologiya xəbərləri", "Yeni peyk"),
        ("Technote.az | Yeni peyk", "Yeni peyk"),
        ("Yeni peyk orbitə çıxarıldı - FOTO", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı -FOTOSESSİYA", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı VİDEO", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı...FOTO", "Yeni peyk orbitə çıxarıldı..."),
        ("Yeni peyk orbitə çıxarıldı - ANONS", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı - foto", "Yeni peyk orbitə çıxarıldı"),
        ("BMW M3 CS Touring – rəsmi", "BMW M3 CS Touring – rəsmi"),
        ("Yeni peyk orbitə çıxarıldı (VİDEO)", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı (FOTOLAR)", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı – FOTO/VİDEO", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı - FOTO - YENİLƏNİB", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı - ÖZƏL", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı - Foto", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı (video)", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı - 5 FOTO", "Yeni peyk orbitə çıxarıldı"),
        ("[YENİLƏNİB] Yeni peyk", "Yeni peyk"),
        ("VİDEO | Yeni peyk", "Yeni peyk"),
        ("Yeni peyk - FOTO | Technote.az", "Yeni peyk"),
        ("Foto və video üçün yeni proqram", "Foto və video üçün yeni proqram"),
        ("Ən yaxşı 5 foto", "Ən yaxşı 5 foto"),
        ("iPhone 17 - Apple", "iPhone 17 - Apple"),
        ("Ağıllı eynək: Meta yeni foto", "Ağıllı eynək: Meta yeni foto"),
        ("Apple CEO-su: &quot;Yaxşıdır&quot; &amp; ucuz", 'Apple CEO-su: "Yaxşıdır" & ucuz'),
        ("<b>Yeni</b>&nbsp;peyk", "Yeni peyk"),
        ("5 < 6 və 7 > 6", "5 < 6 və 7 > 6"),
        ("\u200fYeni\u200b peyk\n", "Yeni peyk"),
        ("Yeni peyk YENİLƏNİB-2", "Yeni peyk"),
        ("Yeni peyk 📷 FOTO", "Yeni peyk"),
        ("VİDEO: Yeni peyk", "Yeni peyk"),
        ("Instagram-da VİDEO paylaşdı", "Instagram-da VİDEO paylaşdı"),
        ("OpenAI Sora 2 - Video yaradan model", "OpenAI Sora 2 - Video yaradan model"),
        ("Yeni peyk orbitə çıxarıldı /FOTO/", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı +FOTO", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı * FOTO *", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı ⏩ VİDEO", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı ►", "Yeni peyk orbitə çıxarıldı"),
        ("⚡️Yeni peyk orbitə çıxarıldı 👉", "Yeni peyk orbitə çıxarıldı"),
        ("Yeni peyk orbitə çıxarıldı – YENİLƏNİB 14:20", "Yeni peyk orbitə çıxarıldı"),
        ("YENİLƏNİB Yeni peyk", "Yeni peyk"),
        ("&amp;quot;Ay&amp;quot; peyki…", '"Ay" peyki…'),
        ("BAKIDA YENİ PARK", "BAKIDA YENİ PARK"),
        ("Ən yaxşı foto", "Ən yaxşı foto"),
        ("Bu gün 30°", "Bu gün 30°"),
        ("►", "►"),
        ("FOTO", "FOTO"),
        ("YENİ TELEFON VƏ VİDEO", "YENİ TELEFON VƏ VİDEO"),
        ("", ""),
    ],
)
def test_titles_lose_what_is_no_title(title: str, clean: str) -> None:
    assert clean_title(title, site_names=["technote.az", "Technote"]) == clean


def test_an_imported_title_keeps_its_markup_and_loses_its_marks() -> None:
    assert clean_shown("<b>HTML</b> &amp; CSS - FOTO") == "<b>HTML</b> &amp; CSS"


def test_a_missing_title_is_the_first_sentence_within_100_characters() -> None:
    assert fallback_title("Yeni peyk buraxılıb. O işləyir.") == "Yeni peyk buraxılıb."
    long = fallback_title("söz " * 60)
    assert len(long) <= 100
    assert long.endswith("söz…")


@given(st.text() | st.text("FOTO -()|VİDEOa/"))
def test_cleaning_twice_changes_nothing(title: str) -> None:
    assert clean_shown(clean_shown(title)) == clean_shown(title)


@pytest.mark.parametrize("mark", ["FOTO ", " - FOTO", "/", "- ", "| ", "(FOTO", "&amp;", "<"])
def test_a_title_of_nothing_but_marks_is_read_at_once(mark: str) -> None:
    clean_title(mark * 200, site_names=["technote.az"])
    assert clean_shown("a" * 2000 + " - FOTO").endswith("- FOTO")  # no title is that long
