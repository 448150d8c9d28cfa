"""How long a text will take, beside how long eSpeak takes to say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pressrun.services.pace import MILLISECONDS_PER_LETTER, RATES, silence_seconds, spoken_seconds
from pressrun.services.protocols import Context
from pressrun.services.voices import espeak

SAMPLES = {
    "de": (
        "Ein junger Mann baute sich am Ufer eines Sees eine Hütte. Er wollte wissen, wie wenig ein "
        "Mensch zum Leben braucht. Im Garten wuchsen Bohnen, und im Winter lag Schnee auf dem Dach. "
        "Besucher kamen oft, denn das Dorf war nah. Nach zwei Jahren zog er wieder fort und schrieb "
        "sieben Jahre lang an seinem Buch. Seitdem lesen es Menschen in vielen Ländern."
    ),
    "es": (
        "Un joven construyó una cabaña a la orilla de un lago. Quería saber cuántas cosas necesita una "
        "persona para vivir. En su campo crecían judías, y en invierno la nieve cubría el techo. Las "
        "visitas llegaban a menudo, porque el pueblo estaba cerca. Después de dos años se marchó y "
        "trabajó siete años en su libro. Desde entonces se lee en muchos países."
    ),
    "fr": (
        "Un jeune homme construit une cabane au bord d’un lac. Il veut savoir de combien de choses un "
        "homme a besoin pour vivre. Les haricots poussent dans son champ, et en hiver la neige couvre le "
        "toit. Les visiteurs viennent souvent, car le village est proche. Après deux ans il repart, puis "
        "il travaille sept ans à son livre. Depuis, on le lit dans de nombreux pays."
    ),
    "pl": (
        "Młody człowiek zbudował chatę na brzegu jeziora. Chciał wiedzieć, jak mało potrzeba człowiekowi "
        "do życia. Na polu rosła fasola, a zimą śnieg leżał na dachu. Goście przychodzili często, bo "
        "wieś była blisko. Po dwóch latach odszedł i siedem lat pracował nad swoją książką. Od tego "
        "czasu czyta się ją w wielu krajach."
    ),
    "ru": (
        "Молодой человек построил хижину на берегу озера. Он хотел узнать, как мало нужно человеку для "
        "жизни. На поле росли бобы, а зимой снег лежал на крыше. Гости приходили часто, потому что "
        "деревня была рядом. Через два года он уехал и семь лет работал над своей книгой. С тех пор её "
        "читают во многих странах."
    ),
    "tr": (
        "Genç bir adam bir gölün kıyısında kendine bir kulübe yaptı. Bir insanın yaşamak için ne kadar "
        "az şeye ihtiyacı olduğunu bilmek istiyordu. Tarlasında fasulye yetişiyor, kışın çatıda kar "
        "duruyordu. Köy yakın olduğu için konuklar sık sık geliyordu. İki yıl sonra ayrıldı ve yedi yıl "
        "kitabı üzerinde çalıştı. O günden beri birçok ülkede okunuyor."
    ),
    "zh": (
        "一个年轻人在湖边盖了一间小屋。他想知道一个人生活究竟需要多少东西。地里长着豆子，冬天屋顶上盖满了"
        "雪。村子很近，所以常常有客人来。两年以后他离开了那里，又花了七年时间写他的书。从那时起，许多国家"
        "的人都在读这本书。"
    ),
    "en": (
        "A student in Cambridge paid more than that each year for a room. The first chapter is called Economy, and its "
        "central idea fits on a coin. A bigger house may be paid for with ten years of mornings."
    ),
    "ar": (
        "كتب الإمبراطور بعض الصفحات في معسكر قرب نهر الدانوب. كانت الحرب قريبة وكان الوباء يقتل الجنود. "
        "الصبر نصيحة سهلة في حديقة هادئة، وهو شيء آخر في خيمة على حدود الحرب."
    ),
    "ja": (
        "男は朝早く起きて豆畑を耕した。畑からの収入はわずかだったが、暮らしには十分だった。"
        "一年のうち六週間だけ働けば、残りの時間は読書と散歩に使えると計算した。"
    ),
}


@pytest.mark.parametrize("rate", [120, 165, 300])
@pytest.mark.parametrize("code", sorted(SAMPLES))
def test_the_estimate_is_near_what_the_voice_takes(code: str, rate: int) -> None:
    text = SAMPLES[code]
    speech = espeak.speak(text, code, rate, Context(Path(), {}))
    assert spoken_seconds(text, code, rate) == pytest.approx(len(speech.pcm) / 2 / speech.sample_rate, rel=0.1)


def test_a_figure_takes_as_long_as_its_words() -> None:
    with_year = spoken_seconds("They met in 1845 here.", "en", 165)
    speech = espeak.speak("They met in 1845 here.", "en", 165, Context(Path(), {}))
    assert with_year == pytest.approx(len(speech.pcm) / 2 / speech.sample_rate, rel=0.25)


def test_pauses_stand_between_sentences_and_not_after_the_last() -> None:
    one = spoken_seconds("A hut stood there.", "en", 165)
    assert spoken_seconds("A hut stood there. A hut stood there.", "en", 165) == pytest.approx(2 * one + 0.41, abs=0.01)
    assert spoken_seconds("It cost 28.5 dollars", "en", 165) == spoken_seconds("It cost 285 dollars", "en", 165)


@pytest.mark.parametrize("code", sorted(MILLISECONDS_PER_LETTER))
def test_time_only_falls_as_the_rate_grows(code: str) -> None:
    times = [spoken_seconds("a本" * 20, code, rate) for rate in range(80, 351, 5)]
    assert times == sorted(times, reverse=True)
    assert len(MILLISECONDS_PER_LETTER[code]) == len(RATES)


def test_a_language_without_figures_has_those_of_english() -> None:
    assert spoken_seconds("Dom stoji tu.", "hr", 165) == spoken_seconds("Dom stoji tu.", "en", 165)


def test_silence_grows_with_the_parts() -> None:
    assert silence_seconds(4, 0.6) == pytest.approx(0.5 + 3 * 0.6 + 1.4)
