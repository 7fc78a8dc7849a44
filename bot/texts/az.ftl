### Xəbərçi Azərbaycan dilində. Telegram HTML işarələri (<b>, <i>, <code>) yerində qalır;
### { $ad } — doldurulan yerdir. Düymələr əmr şəklindədir, cümlələr oxucuya “siz” deyir.
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
card-topic = Mövzu: { $topic }
merged-heading = <b>{ $count } yeni xəbər</b>
merged-topics = Mövzular: { $topics }
daily-heading = <b>Gündəlik icmal</b>
daily-window = <i>{ $start } – { $end } arasındakı xəbərlər</i>
