### Xəbərçi Azərbaycan dilində. Telegram HTML işarələri (<b>, <i>, <code>) yerində qalır;
### { $ad } — doldurulan yerdir. Düymələr əmr şəklindədir, cümlələr oxucuya “siz” deyir.
### LOCATIVE, ABLATIVE, DATIVE saatı hallandırır: 09:00-da, 09:00-dan, 09:00-a.
### İnsanın yazdığı söz dırnaqda verilir və hallandırılmır.

## Düymələr

button-read = Oxu
button-copy-link = Linki kopyala
button-related = Oxşar xəbərlər
button-manage = Mövzunu idarə et
button-back = ‹ Geri
button-previous = ‹ Əvvəlki
button-next = Növbəti ›
button-follow = Abunə ol: { $topic }
button-to-digest = İcmala keçir
button-instant = Dərhal göndər
button-pause = 1 gün fasilə
button-resume = Fasiləni bitir
button-unfollow = Abunəni ləğv et
button-delete = Sil
button-restore = Geri qaytar

## Xəbər kartı

card-source = Mənbə
card-others = Digər mənbələr
card-others-rest = və daha { $count }
card-topic = Mövzu: { $topic }
merged-heading = <b>{ $count } yeni xəbər</b>
merged-topics = Mövzular: { $topics }
daily-heading = <b>Gündəlik icmal</b>
daily-window = <i>{ $start } – { $end } arasındakı xəbərlər</i>

## Sorğunun cavabı

answer-heading = <b>“{ $topic }”</b> üzrə { $total } xəbər
answer-range = { $first }–{ $last }
answer-read-as = “{ $typed }” üzrə heç nə tapılmadı, “{ $topic }” kimi axtardım.
answer-cut = Sorğu çox uzundur, yalnız ilk on iki sözü ilə axtardım.
answer-newest = <b>Son xəbərlər</b>
answer-related = <b>“{ $title }”</b> xəbərinə oxşar xəbərlər
answer-nothing =
    “{ $topic }” üzrə xəbər tapılmadı.

    Abunə olsanız, ilk xəbər çıxan kimi göndərərəm.
answer-nothing-spellings =
    “{ $topic }” üzrə xəbər tapılmadı. Bəlkə bunlardan birini nəzərdə tuturdunuz?

    Yaxud abunə olun: ilk xəbər çıxan kimi göndərərəm.
answer-empty-archive = Arxivdə hələ xəbər yoxdur. Bir azdan yenidən baxın.
query-without-words = Burada axtarmağa söz tapmadım. Mövzunu sözlə yazın, məsələn: <code>DeepSeek</code>
query-missing = Hansı mövzunu axtaraq? Onu əmrlə birlikdə yazın, məsələn: <code>/axtar süni zəka</code>
query-missing-mention = Adımdan sonra mövzunu yazın, məsələn: <code>@{ $bot } DeepSeek</code>
query-only-text = Mən ancaq mətni oxuyuram. Mövzunu sözlə yazın, məsələn: <code>DeepSeek</code>
related-nothing = Bu xəbərə oxşar xəbər hələ yoxdur.

## Başlanğıc və kömək

start =
    Salam! Mən <b>Xəbərçi</b>yəm: texnologiya xəbərlərini Azərbaycan dilində, qısa və mənbəsi ilə çatdırıram.

    • Mövzu yazın, xəbərləri tapım: <code>DeepSeek</code>
    • Mövzuya abunə olun, yenilik çıxan kimi göndərim: <code>/abune süni zəka</code>
    • Hər gün bir icmal alın: <code>/icmal 09:00</code>
start-topics = Abunə olmaq üçün mövzulardan birini seçin:
help =
    <b>Nə edə bilirəm</b>

    Mövzunu yazın, məsələn <code>DeepSeek</code>: xəbərləri tapıb göstərim.

    /axtar <i>mövzu</i> – xəbər axtarışı
    /abune <i>mövzu</i> – mövzuya abunəlik
    /legv <i>mövzu</i> – abunəliyin ləğvi
    /abuneliklerim – abunə olduğunuz mövzular
    /son – ən son xəbərlər
    /icmal <i>09:00</i> – gündəlik icmal, <code>/icmal off</code> – icmalsız
    /sessiz <i>23:00-08:00</i> – səssiz saatlar, <code>/sessiz off</code> – onlarsız
    /tekrar – təkrar göndərmə ayarı
    /komek – bu kömək

    İstənilən söhbətdə: <code>@{ $bot } DeepSeek</code>
help-greeting =
    Salam! Hansı mövzu maraqlıdır? Sadəcə yazın, məsələn: <code>DeepSeek</code>

    Nə edə bildiyim: /komek
group-welcome =
    Salam! Bu qrupa texnologiya xəbərləri gətirə bilərəm.

    Axtarış: <code>/axtar DeepSeek</code> və ya <code>@{ $bot } DeepSeek</code>
    Abunəlik (adminlər üçün): <code>/abune süni zəka</code>

## Abunəlik

follow-missing =
    Mövzunu əmrlə birlikdə yazın, məsələn: <code>/abune süni zəka</code>

    Yeni xəbər çıxan kimi göndərəcəyəm. Aşağıdakılardan birini də seçə bilərsiniz:
follow-without-words = Mövzuda heç olmasa bir söz olmalıdır, məsələn: <code>/abune DeepSeek</code>
follow-cut = Mövzu çox uzun idi, ilk on iki sözünü götürdüm.
followed = “{ $topic }” mövzusuna abunə oldunuz. Yeni xəbərlər çıxan kimi gələcək.
followed-already = “{ $topic }” mövzusuna artıq abunəsiniz. Yeni xəbərlər çıxan kimi gəlir.
followed-in-digest = “{ $topic }” mövzusuna artıq abunəsiniz. Xəbərlər gündəlik icmalla gəlir.
followed-again = “{ $topic }” mövzusuna yenidən abunə oldunuz.
mode-instant = “{ $topic }” xəbərləri çıxan kimi gələcək.
mode-digest =
    “{ $topic }” xəbərləri gündəlik icmalla gələcək: hər gün saat { LOCATIVE($hour) }.

    Başqa saat da seçə bilərsiniz:
mode-digest-already = “{ $topic }” artıq gündəlik icmalla gəlir: hər gün saat { LOCATIVE($hour) }.
mode-paused = “{ $topic }” mövzusuna fasilə verildi. Xəbərlər { $day } saat { ABLATIVE($clock) } yenidən gələcək.
mode-resumed = “{ $topic }” mövzusunda fasilə bitdi.
unfollowed = “{ $topic }” mövzusuna abunəliyiniz ləğv edildi.
unfollow-unknown = “{ $topic }” mövzusuna abunə deyilsiniz.
topics-list =
    <b>Abunəlikləriniz</b>

    { $lines }

    Dəyişmək üçün mövzunu seçin.
topics-line-instant = • { $topic } – çıxan kimi
topics-line-digest = • { $topic } – gündəlik icmalla
topics-line-paused = • { $topic } – fasilədə, { $day } saat { DATIVE($clock) } qədər
topics-none =
    Hələ heç bir mövzuya abunə deyilsiniz.

    Məsələn: <code>/abune süni zəka</code>. Aşağıdakılardan birini də seçə bilərsiniz:
topic-screen =
    <b>{ $topic }</b>

    { $mode }
topic-mode-instant = Xəbərlər çıxan kimi gəlir.
topic-mode-digest = Xəbərlər gündəlik icmalla gəlir: hər gün saat { LOCATIVE($hour) }.
topic-mode-digest-no-hour = Xəbərlər gündəlik icmalla gəlir, amma icmal bağlıdır. Açmaq üçün: <code>/icmal 09:00</code>
topic-mode-paused = Fasilədədir: xəbərlər { $day } saat { ABLATIVE($clock) } yenidən gələcək.
topic-deleted = “{ $topic }” silindi.

## Gündəlik icmal və səssiz saatlar

digest-set =
    Gündəlik icmal hər gün saat { LOCATIVE($hour) } gələcək ({ $zone }).

    Növbəti icmal: { $day } saat { LOCATIVE($hour) }.
digest-off = Gündəlik icmal bağlandı. Yenidən açmaq üçün: <code>/icmal 09:00</code>
digest-off-with-topics =
    Gündəlik icmal bağlandı. İcmalla gələn mövzularınız ({ $topics }) indi susur: onları /abuneliklerim ilə dəyişə bilərsiniz.
digest-now-off =
    Gündəlik icmal günün əsas xəbərlərini bir mesajda gətirir. Hazırda bağlıdır.

    Saat seçin və ya yazın, məsələn: <code>/icmal 09:00</code> və ya <code>/icmal 09:00 Europe/Berlin</code>
digest-now-on =
    Gündəlik icmal hər gün saat { LOCATIVE($hour) } gəlir ({ $zone }).

    Başqa saat seçin və ya yazın, məsələn: <code>/icmal 18:30</code>. Bağlamaq üçün: <code>/icmal off</code>
digest-wrong-hour = “{ $typed }” saata oxşamır. Belə yazın: <code>/icmal 09:00</code>, bağlamaq üçün: <code>/icmal off</code>
digest-wrong-zone = “{ $typed }” adlı saat qurşağı tanımıram. Belə yazın: <code>/icmal 09:00 Asia/Baku</code> və ya <code>/icmal 09:00 Europe/Berlin</code>
digest-hours = 07:00, 08:00, 09:00, 18:00, 21:00
day-today = bu gün
day-tomorrow = sabah
button-off = Bağla
quiet-set =
    Səssiz saatlar: { $quiet } ({ $zone }).

    Bu saatlarda çıxan xəbərlər sonra bir mesajla gələcək.
quiet-off = Səssiz saatlar bağlandı.
quiet-now-off =
    Səssiz saatlarda xəbərlər gözləyir, sonra bir mesajla gəlir. Hazırda bağlıdır.

    Seçin və ya yazın, məsələn: <code>/sessiz 23:00-08:00</code>
quiet-now-on =
    Səssiz saatlar: { $quiet } ({ $zone }).

    Dəyişmək üçün seçin və ya yazın, məsələn: <code>/sessiz 23:00-08:00</code>. Bağlamaq üçün: <code>/sessiz off</code>
quiet-wrong = “{ $typed }” saat aralığına oxşamır. Belə yazın: <code>/sessiz 23:00-08:00</code>, bağlamaq üçün: <code>/sessiz off</code>
quiet-spans = 22:00-07:00, 23:00-08:00, 00:00-09:00

## Şübhə

doubt-now-repeat =
    Nadir hallarda bir mesajın çatıb-çatmadığını Telegram bildirmir. Hazırda belə mesajı yenidən göndərirəm: iki dəfə gələ bilər, amma itmir.

    Seçin və ya yazın: <code>/tekrar off</code>
doubt-now-skip =
    Nadir hallarda bir mesajın çatıb-çatmadığını Telegram bildirmir. Hazırda belə mesajı yenidən göndərmirəm: iki dəfə gəlmir, amma itə bilər.

    Seçin və ya yazın: <code>/tekrar on</code>
doubt-repeat = Çatdığı bilinməyən mesajı yenidən göndərəcəyəm: iki dəfə gələ bilər, amma itməyəcək.
doubt-skip = Çatdığı bilinməyən mesajı yenidən göndərməyəcəyəm: iki dəfə gəlməyəcək, amma itə bilər.
doubt-wrong = “{ $typed }” nə deməkdir, bilmədim. Belə yazın: <code>/tekrar on</code> və ya <code>/tekrar off</code>
button-repeat = Təkrar göndər
button-skip = Təkrar göndərmə

## İnlayn

inline-nothing = “{ $topic }” üzrə xəbər yoxdur. Abunə ol
inline-empty = Hələ xəbər yoxdur. Botu aç

## Operatorlar üçün

operator-failing =
    <b>{ $source }</b> mənbəsi { $day }, saat { ABLATIVE($clock) } bəri oxunmur.

    Səbəb: <code>{ $reason }</code>

    Yoxlamağa davam edirəm, cavab verəndə yazacağam.
operator-stopped =
    <b>{ $source }</b> mənbəsini serveri ləğv edib (410 Gone), ona görə daha yoxlamıram.

    Yenidən oxumağım üçün konfiqurasiyada ünvanını dəyişin: <code>{ $url }</code>
operator-answers = <b>{ $source }</b> mənbəsi yenidən cavab verir.

## Qısa cavablar

press-old = Bu düymə köhnəlib. Mövzunu yenidən yazın.
press-gone = Bu xəbər artıq arxivdə yoxdur.
press-unfollowed = Bu mövzuya artıq abunə deyilsiniz.
article-gone = Bu xəbər artıq arxivdə yoxdur.
only-admins = Bunu yalnız qrupun adminləri dəyişə bilər.
unknown-command = Belə əmr tanımıram. Bütün əmrlər: /komek
error = Nəsə alınmadı. Bir azdan yenidən cəhd edin.
