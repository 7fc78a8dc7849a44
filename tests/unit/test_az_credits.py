from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.az.credits import find_credit, strip_credit_lines
from bot.models import Credit


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Model hazırdır.\n\nMənbə: Tomshardware", "Tomshardware"),
        ("Model hazırdır. Mənbə: “The Verge”", "The Verge"),
        ("Mənbə - Reuters", "Reuters"),
        ("“Qafqazinfo” APA-ya istinadən xəbər verir ki, hadisə baş verib.", "APA"),
        ("Modern.az “Qafqazinfo”ya istinadən xəbər verir ki, hadisə baş verib.", "Qafqazinfo"),
        ('Modern.az "Haber Global"a istinadən xəbər verir.', "Haber Global"),
        ("“Qafqazinfo” TASS-a istinadla xəbər verir.", "TASS"),
        ("Bu barədə Bloomberg agentliyinə istinadən məlumat verilib.", "Bloomberg"),
        ("Amerikanın Bloomberg agentliyinə istinadən yayılıb.", "Bloomberg"),
        ("Technote The Verge nəşrinə istinadla xəbər verir.", "The Verge"),
        ("“The Information” nəşrinə istinadən bildirilir.", "The Information"),
        ("Xəbər Wall Street Journal-a istinadən yayılıb.", "Wall Street Journal"),
        ("Yaponiyanın NHK telekanalına istinadən yayılıb.", "NHK"),
        ("Tom’s Hardware yazır ki, satış artıb.", "Tom’s Hardware"),
        ("“The Verge” yazır ki, satış artıb.", "The Verge"),
        ("GizmoBlog yazır ki, satış artıb.", "GizmoBlog"),
        ("Reuters-in xəbərinə görə, satış artıb.", "Reuters"),
        ("Gizmochina-nın xəbərinə görə, satış artıb.", "Gizmochina"),
        ("“Bild”in məlumatına görə, satış artıb.", "Bild"),
        ("Interfax-ın məlumatına istinadən yayılıb.", "Interfax"),
        ("Bakı. Trend: Peyk buraxılıb.", "Trend"),
        ("Bakı. 19 noyabr. APA: Peyk buraxılıb.", "APA"),
        ("Hadisə baş verib. /publika.az", "publika.az"),
        ("Hadisə baş verib. (APA)", "APA"),
        ("Lent.az xəbər verir ki, hadisə baş verib.", "Lent.az"),
        ("Bu barədə Yonhap məlumat yayıb.", "Yonhap"),
        ("Bakı, 19 noyabr, AZƏRTAC\n\nSərgi açılıb.", "AZƏRTAC"),
        ("Bakı. Elçin Məmmədov - APA. Sərgi açılıb.", "APA"),
        ("Modern.az Anadolu Agentliyinə istinadən xəbər verir.", "Anadolu Agentliyi"),
        ("Xəbər Sputnik Azərbaycana istinadən yayılıb.", "Sputnik Azərbaycan"),
        ("APA TV-nin xəbərinə görə, sərgi açılıb.", "APA TV"),
        ("“Report” Statistika Komitəsinə istinadən xəbər verir ki, idxal azalıb.", "Report"),
        ("Trend bu barədə Bakı Metropoliteninə istinadən xəbər verir.", "Trend"),
        ("“Axios” portalı iki rəsmiyə istinadən yazır ki, danışıqlar olacaq.", "Axios"),
        ("Bloomberg jurnalisti Mark Gurman yazır ki, eynək hazırlanır.", "Bloomberg"),
        ("Bloomberg-dən Mark Gurman bildirir ki, eynək hazırlanır.", "Bloomberg"),
        ("İsrailin “Nümunə” qəzetinin məlumatına görə, kampus qurulur.", "Nümunə"),
        ("TechCrunch-ın məlumatlarına görə, startap açılıb.", "TechCrunch"),
        ("Idmanci.com-un məlumatına görə, klub qalib gəlib.", "Idmanci.com"),
        ("Nazirlikdən Report-a bildirilib ki, hasilat artıb.", "Report"),
        ("Hüquqşünas “Yeni Müsavat”a açıqlamasında bildirib.", "Yeni Müsavat"),
        ("Startap açılıb. //APA", "APA"),
        ("Startap açılıb./Report.az/", "Report.az"),
        ("Startap açılıb - TechCrunch.", "TechCrunch"),
        ("Startap açılıb.\n\nTechCrunch", "TechCrunch"),
        ("Startap açılıb.\n\nXəbərin mənbəyi: TechCrunch", "TechCrunch"),
        ("Startap açılıb.\n\nMənbə TechCrunch", "TechCrunch"),
        ("“Nümunə” agentliyinin xəbərinə görə, sərgi açılıb.", "Nümunə"),
        ("“Anadolu” Agentliyinin xəbərinə görə, sərgi açılıb.", "Anadolu"),
        ("Bu barədə Rusiyanın “Nümunə” Telegram kanalı məlumat yayıb.", "Nümunə"),
        ("Nümunə Telegram-kanalı yazır ki, liman bağlanıb.", "Nümunə"),
        ("Misirin NMN xəbər agentliyinin məlumatına görə, sərgi açılıb.", "NMN"),
        ("APA-nın bölgə müxbiri xəbər verir ki, sərgi açılıb.", "APA"),
        ("Trendin Gəncə bürosundan verilən məlumata görə, sərgi açılıb.", "Trend"),
        ("Startap açılıb.\n\nMənbə: “TechCrunch” / tərcümə", "TechCrunch"),
        ("Britaniyanın “Nümunə” həftəlik nəşrinin məlumatına əsasən, liman açılıb.", "Nümunə"),
        ("İspaniyanın “Nümunə” qəzeti klubun müqavilə təklif etdiyini yazıb.", "Nümunə"),
        ("“Bild”ə görə, sərgi açılıb.", "Bild"),
        ("Reuters-in mənbələrinə görə, sərgi açılıb.", "Reuters"),
        ("“Haaretz”in yazısında qeyd olunur ki, sərgi açılıb.", "Haaretz"),
        ("NTV-nin canlı yayımında bildirilib ki, sərgi açılıb.", "NTV"),
        ("Ekspert “Numune.az”a deyib ki, sərgi açılıb.", "Numune.az"),
        ("Universitetdən AZƏRTAC-a daxil olan məlumatda qeyd edilir.", "AZƏRTAC"),
        ("The Nümunə yazır ki, model yenilənib.", "The Nümunə"),
        ("Bakı. Elçin Məmmədov. NMN: Sərgi açılıb.", "NMN"),
        ("Xəbər numune7.com-a istinadən yayılıb.", "numune7.com"),
        ("“Nümunə”nin verdiyi xəbərə görə, sərgi açılıb.", "Nümunə"),
        ("Interfax-ın yaydığı məlumata görə, sərgi açılıb.", "Interfax"),
        ("“Bild” qəzetinin saytına istinadən yayılıb.", "Bild"),
        ("IRNA-nın bildirdiyinə görə, sərgi açılıb.", "IRNA"),
        ("SamMobile xəbər verdiyi kimi, model hazırdır.", "SamMobile"),
        ("Bakı, Trend, Elçin Məmmədov. Sərgi açılıb.", "Trend"),
        ("Moskva, 4 dekabr. /TASS/. Sərgi açılıb.", "TASS"),
        ("Modern.az The Mirror nəşrinə istinadən xəbər verir.", "The Mirror"),
        ("Katalon nəşri “Nümunə” bildirir ki, klub qalib gəlib.", "Nümunə"),
        ("Nazirliyin katibi APA-nın sualına cavabında bildirib ki, səfər olacaq.", "APA"),
        ("Matç bitib.\n\nMənbə: [TechCrunch]", "TechCrunch"),
        ("Nuwash yazır ki, anbar yanıb.", "Nuwash"),
        ("Matç bitib. (Numune.az)", "Numune.az"),
        ("Matç bitib. [TASS]", "TASS"),
        ("Matç bitib. /Axar.az/\n\nFoto: Elçin", "Axar.az"),
        ("Matç bitib.\n\nElçin Murad, “Xalq qəzeti”", "Xalq qəzeti"),
        ("Matç bitib.\n\nMənbə www.day.az", "day.az"),
        ("Gəncə, 21 noyabr, Elçin Məmmədov, “Nümunə Nəfəsi”: Sərgi açılıb.", "Nümunə Nəfəsi"),
    ],
)
def test_the_outlet_is_credited_as_the_text_writes_it(text: str, name: str) -> None:
    found = find_credit(text, source="modern.az", site_hosts=["modern.az", "technote.az"])
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "text",
    [
        "Modern.az xəbər verir ki, hadisə baş verib.",
        "Mənbə: Modern.az",
        "Dövlət Statistika Komitəsinin məlumatına görə, əhali artıb.",
        "Şirkətin məlumatına görə, satış artıb.",
        "NASA-nın məlumatına görə, peyk buraxılıb.",
        "İqtisadiyyat Nazirliyinə istinadən xəbər verilir.",
        "DİN-ə istinadən bildirilir.",
        "Elon Musk yazır ki, satış artıb.",
        "Tramp sosial şəbəkədə yazır ki, belə olmaz.",
        "OpenAI yazır ki, model hazırdır.",
        "Mask “X” hesabında yazır.",
        "“Azərişıq” ASC məlumat yayıb.",
        "“Booking.com” bir çox otellər üçün vacibdir.",
        "Otellər məhkəmənin qərarına istinad edirlər.",
        "O, araşdırmaya istinadən danışıb.",
        "Telefon satılır (yenidir)",
        "SOCAR-a istinadən xəbər verilir ki, hasilat artıb.",
        "Microsoft-un məlumatına görə, hücum dayanıb.",
        "Booking.com-un məlumatına görə, otellər doludur.",
        "AFFA-nın rəsmi saytına istinadən xəbər verilir.",
        "“Qalatasaray”ın rəsmi saytının məlumatına görə, oyun olacaq.",
        "Tədqiqat “Nature” jurnalında dərc olunub, alimlər bildirir.",
        "Bunu CNN-ə müsahibəsində nazir deyib.",
        "Modern-in məlumatına görə, satış artıb.",
        "Milli Hidrometeorologiya Xidməti bildirir ki, hava soyuyacaq.",
        "Trend dəyişir, deyə analitik bildirir.",
        "Marja ilə bağlı bank bildirib ki, faiz dəyişməyib.",
        "MODERN.AZ-ın xəbərinə görə, satış artıb.",
        "“Nümunə”nin məlumatlarına istinadən xəbər verilir.",
        "Bu barədə Bakı Nəqliyyat Agentliyinə istinadən məlumat verilib.",
        "Dövlət Turizm Agentliyi xəbər verir ki, turist sayı artıb.",
        "Nazirliyin sözçüsü jurnalistlərə bildirib ki, sərgi açılıb.",
        "EMSC-yə istinadən bildirilir ki, zəlzələ olub.",
        "Sifariş saytdan verilir (nümunə).",
        "Elçin Məmmədovun məqaləsinə istinadən danışıb.",
        "Nümunənin saytına istinadən bildirilir ki, sərgi açılıb.",
        "Qeydiyyat üçün sayta daxil olun. (asan.gov.az)",
        "Bakı, Sabah, Qəbələ klubları oynayacaq.",
        "Yaydığımız xəbərə istinadən nazirlik açıqlama verib.",
        "Elçin Məmmədov Telegram kanalında yazır ki, sərgi açılıb.",
        "",
    ],
)
def test_offices_companies_people_and_the_outlet_itself_are_no_credit(text: str) -> None:
    assert find_credit(text, source="Modern.az", site_hosts=["modern.az"]) is None


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Yeni Müsavat xəbər verir ki, sərgi açılıb.", "musavat.com"),
        ("AZƏRTAC xəbər verir ki, sərgi açılıb.", "azertag.az"),
        ("APA-Economics xəbər verir ki, manat möhkəmlənib.", "apa.az"),
        ("Trend xəbər verir ki, sərgi açılıb.", "az.trend.az"),
    ],
)
def test_an_outlet_names_itself_in_other_words(text: str, source: str) -> None:
    assert find_credit(text, source=source) is None


def test_a_linked_source_line_keeps_its_address() -> None:
    found = find_credit("Mənbə: https://www.theverge.com/a?b=1", source="x")
    assert found == Credit("theverge.com", "https://www.theverge.com/a?b=1")


def test_credit_lines_leave_the_text_and_attributions_stay() -> None:
    text = "Bu, APA-ya istinadən yayılıb.\n\nİkinci abzas.\n\nMənbə: Tomshardware"
    assert strip_credit_lines(text) == (
        "Bu, APA-ya istinadən yayılıb.\n\nİkinci abzas.",
        Credit("Tomshardware"),
    )
    assert strip_credit_lines("Mətn. /publika.az") == ("Mətn.", Credit("publika.az"))
    assert strip_credit_lines("Mətn.") == ("Mətn.", None)


@given(st.text() | st.text("APA-ya istinadən“” Mənbə:\n/."))
def test_any_text_can_be_asked(text: str) -> None:
    find_credit(text, source="technote.az")
    strip_credit_lines(text)
