"""Transcripts to write scripts of: the example sources, and texts of our own in Arabic and Japanese."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pressrun.model.book import Book
from pressrun.model.script import Script, Segment, Transcript
from pressrun.services.languages import direction_of
from pressrun.services.protocols import Brief, Context
from pressrun.services.sources.texts import to_prose
from pressrun.services.writers import extractive

EXAMPLES = Path(__file__).parents[4] / "examples" / "sources"

ARABIC = """كتب إمبراطور روما دفترًا صغيرًا لم يكن يريد أن يقرأه أحد.
كان ماركوس يحكم أكبر دولة في زمانه، وكان يكتب كل مساء لنفسه فقط.
لا نجد في هذا الدفتر قصة ولا ترتيبًا، بل نجد رجلًا متعبًا يذكّر نفسه بما يعرفه.

كتب الإمبراطور بعض الصفحات في معسكر قرب نهر الدانوب.
كانت الحرب قريبة وكان الوباء يقتل الجنود والفقراء معًا.
الصبر نصيحة سهلة في حديقة هادئة، وهو شيء آخر في خيمة على حدود الحرب.

فكرة واحدة تحمل الكتاب كله.
بعض الأشياء في أيدينا وبعضها ليس كذلك.
أفكارنا وأعمالنا لنا، أما المرض والسمعة وكلام الناس فليست لنا.
يبدأ الألم عندما نخلط بين النوعين.

النار القوية تحوّل كل ما يسقط فيها إلى لهب.
هكذا يصف ماركوس العقل المدرّب.
الإهانة تصبح تمرينًا على الصبر، والباب المغلق يصبح سببًا للبحث عن باب آخر.

الشهرة قصيرة والذين يمدحون يموتون أيضًا.
الوقت الوحيد للعمل الصالح هو الوقت الحاضر.
يستطيع كل إنسان أن يأخذ ورقة هذا المساء ويكتب ما تعلّمه من يومه."""

JAPANESE = """森の小さな池のほとりに、ひとりの男が自分の手で小屋を建てた。
男の名はソローという。
小屋には机と寝台と三脚の椅子しかなかった。
一脚は孤独のため、二脚は友情のため、三脚は社交のためであった。

男は朝早く起きて豆畑を耕した。
畑からの収入はわずかだったが、暮らしには十分だった。
一年のうち六週間だけ働けば、残りの時間は読書と散歩に使えると計算した。
お金の本当の値段は、引き換えに渡す人生の時間である。

夏のある日、男は村へ靴を直しに行き、税金を払わなかったために牢屋に入れられた。
翌朝には釈放されたが、牢屋の一夜は後に有名な随筆になった。
不正な政府に従うべきかという問いは、海を越えて多くの人に読まれた。

池の深さは誰も知らないと村人は言った。
ソローは石に糸を結び、冬の氷の上から深さを測った。
池には底があり、深さは三十メートルほどだった。
自分の目で確かめることが、本の大切な教えである。

春になると、氷が割れる音が森に響いた。
鳥が戻り、土手の砂が溶けて流れ、世界が新しく生まれるように見えた。
二年と二か月の後、男は森を去った。
生きるべき人生がほかにもあったからだと、本の終わりに書かれている。"""

Write = Callable[..., Script]


def transcript_of(text: str, code: str = "en", markdown: bool = False) -> Transcript:
    return Transcript(code, direction_of(code), to_prose(text, markdown), "notes.md")


def timed(*lines: str, code: str = "en", each: float = 2.0) -> Transcript:
    """Captions that follow each other without a pause, `each` seconds long."""
    segments = tuple(Segment(line, number * each, (number + 1) * each) for number, line in enumerate(lines))
    return Transcript(code, direction_of(code), segments, "talk.srt")


@pytest.fixture(scope="session")
def write() -> Write:
    def made(
        transcript: Transcript | str, title: str = "Walden", author: str | None = "Henry David Thoreau",
        target: float = 120.0, short: float = 45.0, rate: int = 165,
    ) -> Script:
        source = transcript_of(transcript) if isinstance(transcript, str) else transcript
        return extractive.write(source, Brief(Book(title, author), target, short, rate), Context(Path(), {}))

    return made


@pytest.fixture(scope="session")
def texts() -> dict[str, Transcript]:
    """Name -> transcript, of every text to try a writer on."""
    books = {
        path.stem: transcript_of(path.read_text(encoding="utf-8"), markdown=True) for path in sorted(EXAMPLES.iterdir())
    }
    return books | {"arabic": transcript_of(ARABIC, "ar"), "japanese": transcript_of(JAPANESE, "ja")}


@pytest.fixture(scope="session")
def captions() -> Callable[..., Transcript]:
    return timed
