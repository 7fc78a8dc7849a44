from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.az.sentences import sentences


def split(marked: str) -> tuple[str, list[str]]:
    """Give a text and its sentences from a text in which ``¦`` marks where they part."""
    return marked.replace("¦", " "), [part.strip() for part in marked.split("¦")]


@pytest.mark.parametrize(
    "marked",
    [
        # numbers, dates, versions
        "Gəlir 1,6 milyard manat olub.¦Xərclər azalıb.",
        "Şirkət 50 000 ədəd GPU alıb.¦Bu, rekorddur.",
        "Dollar 1.7 manatdır.¦Avro 1.85-dir.",
        "Tədbir 03.02.2025 tarixində keçirilib.¦Orada 30 nəfər iştirak edib.",
        "Tədbir 3. 2. 2025 tarixində keçirilib.",
        "Komanda 3. yeri tutub.¦Rəqib geri qalıb.",
        "2023-cü ildə başlayıb.¦2024-cü ildə bitib.",
        "Sərgi 2025.¦Yenilik çoxdur.",
        "Yeniləmə iOS 17.2. versiyası ilə gəlib.¦O, pulsuzdur.",
        "Bu, iOS 17.2.¦Apple bunu təsdiqləyib.",
        "Yeni model iPhone 17.¦Qiyməti 999 dollardır.",
        "Artım 5%.¦Azalma 3%.",
        "Qiymət 999$.¦Satış başlayıb.",
        # abbreviations
        "Telefon, planşet və s. cihazlar satılır.¦Qiymət artıb.",
        "Telefonlar, planşetlər və s.¦Apple bunu bilir.",
        "Telefonlar, planşetlər və s.¦2025-ci ildə satış artıb.",
        "Prof. Əli Həsənov danışıb.¦Dos. Leyla Quliyeva susub.",
        "Bax: səh. 12.¦Kitab yenidir.",
        "Nizami küç. 25 ünvanındadır.¦Bina köhnədir.",
        "Gəlir 5 mln. AZN olub.¦Xərc azdır.",
        "Gəlir 5 mlrd.¦Şirkət bunu açıqlayıb.",
        "Gəlir 3 mln. manatdır.¦Bu azdır.",
        "O, e.ə. V əsrdə yaşayıb.¦Tapıntı nadirdir.",
        "Məs. Apple bunu edir.¦Samsung etmir.",
        "Apple Inc. Kaliforniyada yerləşir.¦Şirkət böyükdür.",
        "Dr. Smit gəlib.¦Mr. Braun getməyib.",
        "Yol 5 km.¦Körpü bağlıdır.",
        # names
        "Ə.M. Həsənov və İ. Əliyev görüşüb.¦Görüş uzun çəkib.",
        "Ə. M. Həsənov danışıb.",
        "Corc U. Buş gəlib.¦Sonra gedib.",
        "O, Xbox Series X.¦Microsoft onu satır.",
        "Yeni prosessor Apple M5.¦Qiymət məlum deyil.",
        "Kral II Karl.¦Şahzadə Uilyam.",
        "Mask yeni şirkət qurub.¦xAI adlanır.",
        "Apple təqdim etdi.¦iPhone 17 bahadır.¦eBay onu satır.",
        "Tədbir bitib.¦technote.az xəbər verir ki, qaliblər var.",
        "Yahoo! Finance yazır.¦Qiymət artıb.",
        # addresses
        "Booking.com bahadır.¦Booking.com satır.",
        "Ətraflı: https://technote.az/x.html. Oxuyun.".replace(" Oxuyun", "¦Oxuyun"),
        "Sayt technote.az.¦Yeni bölmə açılıb.",
        # stops of other kinds
        "Bu nədir?!¦Bilmirik.",
        "O düşündü...¦Sonra getdi.",
        "O düşündü… sonra getdi.",
        "Nə?¦Niyə?¦Bəli!",
        "Məsələ həll olunub (bax. Şəkil 2).¦Son.",
        "O getdi (saat 5-də).¦Sonra qayıtdı.",
        "Qərar verilib.[1]¦Sonra dəyişib.",
        # quotes
        "“Bu belədir.”¦Nazir susub.",
        "“Hazırıq!” – deyə o bildirib.¦Sonra getdi.",
        "“Bu, yaxşı addımdır”, – deyə nazir bildirib.¦O əlavə edib ki, işlər davam edir.",
        "“Mətn belədir”. – Nazir deyib.",
        "“Nə üçün?” sualı verilib.¦Cavab yoxdur.",
        "Mask yazıb: “Biz qalib gəldik!”.¦İnvestorlar sevinib.",
        "Şirkət susub.¦“Samsung” elan edib.",
        "Qərar verilib.¦“dpa” bunu yazır.",
        'O dedi: "Hazırıq."¦"Samsung" susub.',
        # seen in real pages
        "Görüş 15.11.2025 saat 14.30-da başlayacaq.¦İştirak pulsuzdur.",
        "Android 16.¦Yeniləmə hazırdır.",
        "Ünvan: Bakı ş., Nizami küç., 10.¦Telefon: 012 555 55 55.",
        "Tədbirdə Apple, Google və b. şirkətlər iştirak edib.¦Sərgi davam edir.",
        "Ekspert bunu təsdiqləyir: “Bəli, doğrudur.”¦Başqaları razı deyil.",
        "“Biz bunu edəcəyik”.¦Bu sözləri rəhbər deyib.",
        "Qiymət (999 dollar.) artıb.¦Satış azalıb.",
        "E-poçt: info@technote.az.¦Yazın.",
        "Node.js və ASP.NET istifadə olunub.¦Kod açıqdır.",
        "J.P. Morgan hesabat yayıb.¦Orada 5 bənd var.",
        "Gəncə. 5 mart 2025. Report: Zavod açılıb.",
        "1. Telefonu söndürün.¦2. Batareyanı çıxarın.",
        "Məsələn, iPhone 15.¦Samsung Galaxy S24 isə daha ucuzdur.",
        "Bu il 10 min.¦Keçən il 8 min.",
        "Temperatur 25 °C.¦Külək zəifdir.",
        "İstifadəçi sayı 3 mln.¦Gəlir 5 mln. dollar.",
        "Şirkət 2019-cu ildən fəaliyyət göstərir.¦eSIM dəstəyi var.",
        "Mütəxəssis V.İ.Lenin küçəsində yaşayır.¦Ev köhnədir.",
        "Sənəd 120 səh. və 3 əlavədən ibarətdir.¦Oxuyun.",
        "Bax: 5-ci bənd.¦Əlavə məlumat: s. 45.",
        "Bəs siz?¦- Mən gəlirəm.¦- Mən yox.",
        "Az. R. Prezidenti fərman imzalayıb.¦Sənəd qüvvədədir.",
        "Azərb. Resp. Nazirlər Kabineti qərar verib.¦Qərar yenidir.",
        "Meqapiksel sayı 200 MP.¦Diafraqma f/1.7.",
        "Məbləğ 2 mln. 500 min manatdır.¦Ödəniş edilib.",
        "Qiymət təxm. 500 dollardır.¦Satış başlayıb.",
        "Telefonun qiyməti 1.299,00 AZN-dir.¦Zəmanət 2 ildir.",
        "Niyə, axı?..¦Heç kim bilmir.",
        "M.Ə.Rəsulzadə küçəsi bağlanıb.¦Səbəb təmirdir.",
        "Sürət 0-100 km/saat 3 san.¦Maksimum sürət 250 km/saat.",
        "NVIDIA-nın səhmi 207 $.¦AMD-nin 255 $.",
        # datelines
        "Bakı. 19 noyabr. Trend: Azərbaycanda yeni peyk buraxılıb.¦Peyk işləyir.",
        "Bakı. Trend: Peyk buraxılıb.¦O işləyir.",
        "Gəncə.¦Hava soyuqdur.",
    ],
)
def test_sentences_end_where_a_reader_stops(marked: str) -> None:
    text, expected = split(marked)
    assert sentences(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Birinci\n\nikinci", ["Birinci", "ikinci"]),
        ("Bir sətir\nikinci sətrə keçir. Sonra.", ["Bir sətir\nikinci sətrə keçir.", "Sonra."]),
        ("Yeniliklər:\n- Kamera\n- Batareya", ["Yeniliklər:", "- Kamera", "- Batareya"]),
        ("1. Apple\n2. Samsung", ["1. Apple", "2. Samsung"]),
        ("-Kassir\n\n-Pilot", ["-Kassir", "-Pilot"]),
        ("“Bəli”,\n- deyə o bildirib.", ["“Bəli”,\n- deyə o bildirib."]),
        ("Ekran: 6,1 düym\nÇəki: 200 q", ["Ekran: 6,1 düym", "Çəki: 200 q"]),
        ("O dedi.Sonra getdi.", ["O dedi.", "Sonra getdi."]),
        ("Bildirib”.Şirkət susub.", ["Bildirib”.", "Şirkət susub."]),
        ("Telefon və\u00a0s. Bu, baha.", ["Telefon və\u00a0s.", "Bu, baha."]),
        ("Gəldi.\u200b Getdi.", ["Gəldi.\u200b", "Getdi."]),
        ("Başlıq.\r\nMətn.", ["Başlıq.", "Mətn."]),
        ("  \n ", []),
        ("", []),
    ],
)
def test_line_breaks_and_missing_blanks(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text() | st.text("aƏ.1 \n-“”!?…:(),s"))
def test_sentences_join_back_to_the_text(text: str) -> None:
    found = sentences(text)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(sentence and sentence == sentence.strip() for sentence in found)


def test_a_brand_of_a_small_letter_and_figures_begins_a_sentence() -> None:
    assert sentences("Xidmət ucuzlaşdı. m10 komissiyanı ləğv etdi.") == [
        "Xidmət ucuzlaşdı.",
        "m10 komissiyanı ləğv etdi.",
    ]
