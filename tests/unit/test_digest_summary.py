from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.digest.summary import MAX_CHARS, MAX_SENTENCES, summarise
from bot.models import Article


def article(text: str, title: str = "Başlıq") -> Article:
    return Article(url="https://texno.example/a", title=title, text=text)


LEAD = "Koreyanın Halla şirkəti katlanan ekranlı yeni noutbukunu Bakıda təqdim edib."
MORE = "Cihaz 2 terabayt yaddaşla gəlir və 1 499 manata satılacaq."


def test_the_lead_goes_with_the_sentence_that_adds_most() -> None:
    text = (
        f"{LEAD} Tədbirdə çoxlu qonaq iştirak edib və hamı razı qalıb. {MORE}\n\n"
        "Xatırladaq ki, şirkət 2011-ci ildə yaradılıb və 40 ölkədə satış edir."
    )
    assert summarise(article(text, "Halla 1 499 manatlıq noutbuk təqdim etdi")) == (LEAD, MORE)


def test_what_a_claim_is_answered_with_is_told_before_the_claim() -> None:
    claim = "Şirkət modelin təlimi üçün cəmi 6 milyon dollar xərcləndiyini deyirdi."
    answer = "Lakin auditorlar göstərib ki, əslində 1,6 milyard dollar sərf edilib."
    found = summarise(article(f"{LEAD} {claim} {answer}"))
    assert answer in found


@pytest.mark.parametrize(
    "attribution",
    [
        "Bu barədə APA məlumat yayıb.",
        "Bunu şirkətin rəhbəri Əli Vəliyev deyib.",
        "Technote xəbər verir ki, bu barədə nazirlik məlumat yayıb.",
        "Bizi Telegram kanalımızda izləyin!",
        "Mənbə: Reuters",
        "Foto: APA",
    ],
)
def test_attribution_and_promotion_are_never_chosen(attribution: str) -> None:
    found = summarise(article(f"{LEAD}\n\n{attribution}\n\n{MORE}"))
    assert found == (LEAD, MORE)


def test_an_attribution_that_carries_the_news_is_told_whole() -> None:
    sentence = "“Qafqazinfo” APA-ya istinadən xəbər verir ki, Gəncədə texnopark açılıb."
    assert summarise(article(sentence)) == (sentence,)


@pytest.mark.parametrize(
    "opener",
    [
        "Bu",
        "Həmin cihaz",
        "Onun ekranı",
        "Bundan əlavə, o",
        "Eyni zamanda, cihaz",
        "Belə ki, ekran",
    ],
)
def test_a_sentence_that_points_back_goes_only_with_what_it_points_to(opener: str) -> None:
    pointing = f"{opener} 3 dəfə daha parlaqdır və 20 saat işləyir."
    long = "Şirkətin rəhbəri uzun-uzadı danışıb və " + "çox şey deyib, " * 30 + "sonra gedib."
    assert pointing not in summarise(article(f"{LEAD} {long} {pointing}"))
    found = summarise(article(f"{LEAD} {pointing} Son."))
    assert found == (LEAD, pointing)


@pytest.mark.parametrize(
    "broken",
    [
        "Cihazın qiyməti barədə məlumat isə belədir...",
        "Cihazın qiyməti barədə məlumat isə belədir…",
        "Cihazın qiyməti barədə məlumat isə belədir",
        "Cihazın qiyməti barədə məlumat isə belədir,",
        "Cihazın yeni imkanları bunlardır:",
        "söz " * 120 + "bitdi.",
        "- Kamera 50 meqapiksel, ekran isə 6 düymdür.",
        "Anqola: 32% → 15% Banqladeş: 37% → 20% Bruney: 24% → 25%.",
    ],
)
def test_what_is_cut_off_too_long_or_listed_is_never_chosen(broken: str) -> None:
    assert summarise(article(f"{LEAD}\n\n{broken}")) == (LEAD,)
    assert summarise(article(broken)) == ()


def test_a_piece_of_a_longer_quote_is_not_told_as_a_fact() -> None:
    text = (
        f"{LEAD}\n\n“Bizim işimiz çox ağırdır. Hər gün 500 müştəri gəlir. Pulumuz isə yoxdur”, "
        "– deyə rəhbər bildirib."
    )
    assert summarise(article(text)) == (LEAD,)


def test_a_repeated_title_and_a_repeated_paragraph_are_told_once() -> None:
    title = "Halla şirkəti yeni noutbuk təqdim edib"
    text = f"{title}.\n\n{LEAD} {MORE}\n\n{LEAD}\n\n{MORE}"
    assert summarise(article(text, title)) == (LEAD, MORE)


def test_tables_lists_and_inches_do_no_harm() -> None:
    text = (
        'Halla 15,6" ekranlı yeni noutbukunu təqdim edib.\n\n'
        "Model | Yaddaş | Qiymət\nBir | 256 GB | 2899 AZN\nİki | 512 GB | 3399 AZN\n\n"
        "Üstünlükləri:\n• 24 saata qədər batareya;\n• 2 dəfə sürətli SSD.\n"
        "Satış sentyabrın 26-da başlayacaq.\n\nTeqlər: noutbuk, satış"
    )
    assert summarise(article(text)) == (
        'Halla 15,6" ekranlı yeni noutbukunu təqdim edib.',
        "Satış sentyabrın 26-da başlayacaq.",
    )


def test_a_statement_leads_before_a_question() -> None:
    found = summarise(article(f"Yeni noutbuk nə vaxt satışa çıxacaq? {LEAD}"))
    assert found[-1] == LEAD


def test_a_sentence_cut_by_a_paragraph_is_not_begun_in_the_middle() -> None:
    text = f"{LEAD} Başqa şirkətlərdən fərqli olaraq,\n\nHalla öz zavodlarında 300 işçi saxlayır."
    assert summarise(article(text)) == (LEAD,)


def test_an_article_without_text_uses_its_summary_and_one_without_both_has_none() -> None:
    empty = Article(url="https://texno.example/a", title="Başlıq", summary=LEAD)
    assert summarise(empty) == (LEAD,)
    assert summarise(article("")) == ()


SENTENCES = st.sampled_from(
    [LEAD, MORE, "Bu, yaxşıdır və 5 manatdır.", "Lakin 3 gün qalıb.", "“Açıq sitat.", "Son...",
     "Xatırladaq ki, 2020-ci ildə belə idi.", "APA xəbər verir ki, iş bitib.", "\n\n", "- siyahı"]
)  # fmt: skip


@given(st.lists(SENTENCES | st.text(max_size=60)).map(" ".join), st.text(max_size=30))
def test_a_digest_is_short_and_word_for_word(text: str, title: str) -> None:
    found = summarise(article(text, title))
    joined = " ".join(text.split())
    assert len(found) <= MAX_SENTENCES
    assert len(" ".join(found)) <= MAX_CHARS
    assert len(set(found)) == len(found)
    assert all(" ".join(sentence.split()) in joined for sentence in found)


def test_a_quote_leads_only_with_the_sentence_that_says_whose_it_is() -> None:
    quote = "“Hər namizədə əvvəlcə 500 manat ödəniş verilir”."
    speaker = "Bunu universitetin nümayəndəsi Yəhya Babanlı deyib."
    assert summarise(article(f"{quote}\n\n{speaker}"))[:2] == (quote, speaker)
    assert summarise(article(f"{quote}\n\n{LEAD}"))[0] == LEAD


def test_what_only_recalls_is_no_digest() -> None:
    recalled = "Xatırladaq ki, 2023-cü ildə ölkədə güclü zəlzələ olub. Onlarla bina dağılıb."
    assert summarise(article(recalled)) == ()
    noted = "Qeyd edək ki, seçkilər iyunda keçiriləcək. Namizədlərin siyahısı sabah açıqlanacaq."
    assert summarise(article(noted))[-1].startswith("Namizədlərin")


def test_a_heading_of_a_table_is_not_told() -> None:
    assert summarise(article(f"{LEAD}\n\nİstehsalçı | Satış, mln. manat ilə bir ildə.")) == (LEAD,)


def test_a_second_quarter_points_to_nothing() -> None:
    counted = "İkinci rübdə dünyada 322 milyon smartfon satılıb və bazar böyüyüb."
    assert summarise(article(counted)) == (counted,)


@pytest.mark.parametrize("opener", ["Yeni", "Hər"])
def test_words_that_only_fold_to_a_pointing_word_begin_a_digest(opener: str) -> None:
    sentence = f"{opener} model dekabrda 1 499 manata Bakıda satışa çıxacaq."
    assert summarise(article(sentence)) == (sentence,)
    pointing = "Yəni model dekabrda 1 499 manata Bakıda satışa çıxacaq."
    assert summarise(article(pointing)) == ()
