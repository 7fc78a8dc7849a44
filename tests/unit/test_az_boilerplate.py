from __future__ import annotations

import pytest

from bot.az.boilerplate import is_boilerplate, strip_boilerplate


@pytest.mark.parametrize(
    "line",
    [
        "Telegram kanalımızda izləyin", "Bizi Facebook-da izləyin", "Linki kopyala",
        "Oxşar xəbərlər", "Teqlər: telefon, oyun", "Foto: Reuters", "Ətraflı: https://x.az/a",
        "Reklam", "Xəbəri paylaş", "Bizi “Telegram”da izləyin!", "Fotolar: AP", "#texno #xeber",
        "WhatsApp kanalımıza abunə olun", "Kanalımıza abunə olmaq üçün bura daxil olun",
        "Bizi Instagram-da izləyə bilərsiniz", "Paylaş: Facebook Twitter", "Baxış sayı: 1 234",
        "Ən son xəbərləri bizim Telegram kanalımızda izləyin.", "© 2025 Technote", "• ",
    ],
)  # fmt: skip
def test_what_stands_around_an_article_goes(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize(
    "line",
    [
        "Durov Telegram kanalında yazıb ki, şirkət böyüyür.",
        "YouTube kanalına abunə olanların sayı artıb.",
        "Telegram kanalları bloklanıb.",
        "WhatsApp-da kanallara abunə olmaq üçün yeni düymə əlavə edilib.",
        "YouTube videoları oflayn izləmək üçün yeni funksiya təqdim edib.",
        "Şirkət Facebook səhifəsində bildirib ki, xidmət bərpa olunub.",
        "X platforması yeni reklam siyasətini açıqlayıb.",
        "Foto və video üçün yeni proqram çıxıb.",
        "Reklam bazarı 12 faiz böyüyüb.",
        "APA xəbər verir ki, hadisə baş verib.",
        "Son xəbərlər göstərir ki, satış artıb.",
    ],
)
def test_news_about_the_same_things_stays(line: str) -> None:
    assert not is_boilerplate(line)


def test_promotion_at_the_end_of_a_paragraph_is_cut_off_and_related_titles_go() -> None:
    paragraphs = [
        "Mətn belədir. Bizi Telegram-da izləyin!",
        "Oxşar xəbərlər",
        "Yeni telefon satışa çıxdı",
        "Yeni oyun gecikir",
    ]
    assert strip_boilerplate(paragraphs) == ["Mətn belədir."]
