"""Clean pages copied from an encyclopedia: edit links, hatnotes, reference marks with pages, sections of links."""

from __future__ import annotations

import re

from pressrun.services.sources.cleaning.left_out import Tally
from pressrun.services.sources.cleaning.vocabulary import one_of

_EDIT_WORDS = one_of(
    "edit(?: source)?|(?:quelltext )?bearbeiten|modifier(?: le code)?|editar(?: c[oó]digo-fonte| a fonte)?|modifica"
    "(?: wikitesto)?|править(?: код)?|bewerken(?: brontekst)?|brontekst bewerken|redigera(?: wikitext)?|rediger"
    "(?: kilde| kildetekst)?|muokkaa(?: wikitekstiä)?|edytuj(?: kod)?|editovat(?: zdroj)?|редагувати(?: код)?"
    "|szerkesztés|düzenle|kaynağı değiştir|編集|编辑|編輯|ソースを編集|편집|원본 편집|تعديل|عدل|עריכה|ویرایش"
)
_EDIT_LINK = re.compile(
    rf"\n?[ \t]*\[[ \t]*{_EDIT_WORDS}(?:[ \t]*[|/][ \t]*{_EDIT_WORDS})?[ \t]*\][ \t]*$", re.IGNORECASE | re.MULTILINE
)
_HEADING = re.compile(
    rf"^[ \t]*(?!#)(\S[^\n\[\]]{{0,100}}?)\n?[ \t]*\[[ \t]*{_EDIT_WORDS}(?:[ \t]*["
    rf"|/][ \t]*{_EDIT_WORDS})?[ \t]*\][ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_LINK_SECTION = re.compile(
    one_of(
        "see also|notes?(?: and references)?|references|footnotes|citations|sources|bibliography|further reading"
        "|external links|works cited|gallery",
        "siehe auch|einzelnachweise|anmerkungen|literatur|weblinks|quellen|belege",
        "voir aussi|notes et références|références|notes|bibliographie|liens externes|articles connexes|annexes",
        "véase también|referencias|notas|bibliografía|enlaces externos",
        "note|bibliografia|voci correlate|altri progetti|collegamenti esterni|ver também|referências|ligações externas",
        "zie ook|externe links?|bronnen(?:, noten.{0,30})?|noten|literatuur|se även|referenser|externa länkar|kilder",
        "примечания|литература|ссылки|см\\. также|источники|примітки|посилання|przypisy|bibliografia|zobacz też"
        "|linki zewnętrzne",
        "脚注|出典|注釈|参考文献|関連項目|外部リンク"
        "|参见|参考资料|外部链接|注释|參考文獻|外部連結|같이 보기|각주|외부 링크",
    ),
    re.IGNORECASE,
)
_HATNOTE = re.compile(
    r"^[ \t]*(?:→[ \t]*)?"
    + one_of(
        r"from wikipedia, the free encyclopedia|aus wikipedia, der freien enzyklopädie|jump to (?:navigation"
        r"|search).*"
        r"|wikipédia, l'encyclopédie libre|de wikipedia, la enciclopedia libre",
        r"(?:main|further|more|additional) (?:articles?|information|details)(?: on .{1,60})?:.*|see also:.*",
        r"for (?:other uses|other people|the .{1,60}|a list of .{1,60}|more .{1,60}), see .*"
        r"|not to be confused with.*",
        r"this article (?:is about|needs|contains|relies|may|has).*|[\"“].{1,80}[\"”] redirects here\..*",
        r"this page was last edited.*|retrieved from [\"“]http.*|categor(?:y|ies):.*|coordinates:.*",
        r"hauptartikel:.*|siehe auch:.*|dieser artikel (?:behandelt|beschreibt|erläutert).*"
        r"|weitere bedeutungen .{0,80}",
        r"articles? (?:détaillés?|connexes?|principal|principaux) ?:.*|pour (?:les articles homonymes"
        r"|l[ea]s? autres?).*",
        r"artículos? principal(?:es)?:.*|para otros usos.*|véase también:.*|artigos? principa(?:l|is):.*",
        r"voc[ei] principal[ei]:.*|lo stesso argomento in dettaglio:.*|nota disambigua.*",
        r"zie .{1,80} voor .{0,80}betekenis.*|(?:huvudartikel|hovedartikel|hovedartikkel|pääartikkeli):.*",
        r"основн(?:ая статья|ые статьи):.*|у этого термина существуют.*|osobny artykuł:.*|hlavní článek.*",
        r"(?:詳細は|「.{1,30}」の詳細は).{0,60}を参照。?|「.{1,30}」はこの項目へ.{0,80}|主条目：.*|主条目:.*",
    )
    + r"[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_COPIED = re.compile(r"\][ \t]?[:,;]?[ \t]?\[\d|[\w.,;!?。、»”\"')]\[\d{1,3}\]")
"""What shows that a text has reference marks in the way of an encyclopedia."""
_MARK = r"\[(?:[^\W\d_]{1,12}\.?[ \u00a0])?(?:\d{1,3}|[a-z])\]"
_MARK_WITH_PAGE = re.compile(
    rf"(?<=\S)({_MARK})[ \t]?:[ \t]?(?:(?:S\.|pp?\.)[ \t]?)?[\divxlc]{{1,6}}(?:[-–][\divxlc]{{1,6}})?"
    rf"(?:,[ \t]?\d{{1,4}}(?:[-–]\d{{1,4}})?(?![\w.]))*(?![\w/])",
)
_SEPARATOR = re.compile(rf"({_MARK})[ \t]?[,;·•][ \t]?(?={_MARK})")


def clean_wiki(text: str, tally: Tally) -> str:
    """Return a copied page without edit links, hatnotes, sections of links, and the pages behind reference marks."""
    edited = "]" in text and _EDIT_LINK.search(text) is not None
    if not (edited or "ikip" in text[:4000] or ("[" in text and _COPIED.search(text))):
        return text
    text, count = _HATNOTE.subn("", text)
    tally.add("contents", count)
    text = _SEPARATOR.sub(r"\1", _MARK_WITH_PAGE.sub(r"\1", text))
    if edited:
        text = _EDIT_LINK.sub("", _HEADING.sub(r"\n\n# \1\n\n", text))
    return drop_link_sections(text, tally) if edited or "\n# " in text else text


def drop_link_sections(text: str, tally: Tally) -> str:
    """Return a text whose headings begin with "# " without the sections that only hold references and links."""
    first, *sections = re.split(r"^(?=# )", text, flags=re.MULTILINE)
    kept = [first]
    for section in sections:
        title = section[2:].partition("\n")[0].strip()
        if _LINK_SECTION.fullmatch(title):
            tally.add("footnotes")
        else:
            kept.append(section)
    return "".join(kept)
