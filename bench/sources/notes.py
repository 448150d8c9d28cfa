"""Notes, lists and other languages: front matter, marks of note programs, list markers, ends of sentences."""

from __future__ import annotations

from bench.sources.labelled import STORY, Labelled, paragraphs

S = STORY


def _list(*markers: str, end: bool = False) -> str:
    return "\n".join(f"{marker}{s if end else s[:-1]}" for marker, s in zip(markers, S, strict=True))


ITEMS = tuple(s[:-1] for s in S)
ROMAN = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi".split()
THAI = "ช่างซ่อมนาฬิกาบนถนนสายนั้นซ่อมนาฬิกาทุกเรือนที่ชาวเมืองนำมาให้เธอ วันอาทิตย์เธอเปิดลิ้นชักและฟังความเงียบข้างใน เด็กชายจากร้านขนมปังถามว่าทำไมเธอไม่ทิ้งนาฬิกาที่เสียแล้ว"
JAPANESE = "時計職人は町の人が持ってくる時計をすべて直した。彼女は直せない時計のための引き出しを一つ持っていた。「なぜ捨てないのですか」と少年が聞いた。止まった時計も愛された時間を覚えていると彼女は答えた。" * 3
INPUTS = [
    Labelled("yaml", ".md", "---\ntitle: The Drawer\ntags: [clocks, bread]\ndate: 2020-01-01\n---\n\n" + paragraphs(), ("title", "tags", "2020", "---")),
    Labelled("toml", ".md", '+++\ntitle = "The Drawer"\ndraft = false\n+++\n\n' + paragraphs(), ("title", "draft", "+++")),
    Labelled("yaml-in-txt", ".txt", "---\ntitle: The Drawer\nauthor: Ann Author\n---\n" + paragraphs(), ("title", "author", "---")),
    Labelled("markdown-in-txt", ".txt", "# The Drawer\n\n" + paragraphs(*(s.replace("the", "**the**", 1).replace("she", "_she_", 1) for s in S)) + "\n\nA [list](https://example.org/a) is ~~lost~~ found.", ("**", "_", "](", "http", "~~", "#")),
    Labelled("obsidian", ".md", "author:: [[Ann Author]]\n\n#book #clocks/old\n\n> [!note] Summary\n> " + S[0] + "\n\n![[cover.png]]\n\n" + paragraphs(*(s.replace("watch", "[[Watches|watch]]", 1) for s in S[1:])) + " ^block-1\n\n%% do not say this %%\n\n==" + "Remember the drawer.==", ("::", "#", "[!", "cover", "[[", "^block", "do not say", "==", "Watches")),
    Labelled("obsidian-in-txt", ".txt", paragraphs(*(s.replace("watch", "[[watch]]", 1) for s in S)) + "\n\n%%hidden remark%%\n\n![[photo.jpg]]\n\n==Remember the drawer.== #clocks", ("[[", "%%", "hidden", "photo", "==", "#")),
    Labelled("roam-tasks", ".md", "\n".join(f"- [{'x' if n % 2 else ' '}] {s}" for n, s in enumerate(S)), ("[", "- ")),
    Labelled("code", ".md", paragraphs(*S[:8]) + "\n\n```python\nprint('tick')\n```\n\n    indented = 1\n\n" + paragraphs(*S[8:]), ("print", "```", "indented")),
    Labelled("comments", ".txt", paragraphs(*S[:8]) + "\n\n<!-- check\nthis -->\n\n" + paragraphs(*S[8:]), ("check", "<!--", "-->")),
    Labelled("dashes", ".txt", _list(*["- "] * 16), ("- ",), ITEMS),
    Labelled("bullets", ".txt", _list(*["• "] * 16), ("•",), ITEMS),
    Labelled("letters", ".txt", _list(*(f"{chr(97 + n)}) " for n in range(16))), ("a)", "p)"), ITEMS),
    Labelled("decimals", ".txt", _list(*(f"{n // 4 + 1}.{n % 4 + 1} " for n in range(16))), ("1.1", "4.4"), ITEMS),
    Labelled("numerals", ".txt", _list(*(f"({roman}) " for roman in ROMAN)), ("(i", "xvi)"), ITEMS),
    Labelled("capital-numerals", ".txt", _list(*(f"{roman.upper()}. " for roman in ROMAN)), ("I.", "XVI"), ITEMS),
    Labelled("numbers", ".txt", "Twelve rules.\n\n" + "\n\n".join(f"{n}. {s}" for n, s in enumerate(S, 1)), ("1.", "16.")),
    Labelled("abbreviations", ".txt", paragraphs(*S, "The shop lies approx. 3 km from the mill.", "A painter of the 19th cent. came with ca. 30 pictures.", "The bell weighs 6 lbs. in all, see vol. 2 and fig. 3."), ("approx.\n", "cent.\n", "lbs.\n", "vol.\n")),
    Labelled("dialogue", ".txt", paragraphs(*S[:8], "“Why do you keep them?” asked the boy.", "“Stop!” she cried.", "“Listen...” he said.", *S[8:]), ("?”\n", "!”\n")),
    Labelled("no-full-stops", ".txt", "\n".join(ITEMS), ("her Nobody", "mended On"), ITEMS),
    Labelled("invisible", ".txt", paragraphs(*(s.replace(" ", "\u00a0", 1).replace("o", "o\u200b", 1) for s in S)), ("\u200b", "\u00a0")),
    Labelled("thai", ".txt", "\n\n".join([THAI] * 4), ("[",), ("นาฬิกา",), "th"),
    Labelled("japanese", ".txt", JAPANESE.replace("直した。", "直した[1]。"), ("[1]", "」\nと"), ("覚えている",), "ja"),
]
