"""Read e-mails and exported chats: what was written, without headers, quotation marks of replies and signatures."""

from __future__ import annotations

import re

from pressrun.services.sources.cleaning.left_out import Tally

_HEADER = re.compile(
    r"(?:From|To|Cc|Bcc|Subject|Date|Sent|Reply-To|Message-ID|MIME-Version|Content-[\w-]+|Received"
    r"|Return-Path|X-[\w-]+"
    r"|In-Reply-To|References|Von|An|Betreff|Datum|Gesendet|De|À|A|Objet|Envoyé|Para|Asunto|Fecha|Enviado"
    r"|Oggetto|Data"
    r"|Da|Aan|Onderwerp|Assunto) ?:(?: .*|)"
)
_SURE_HEADER = re.compile(r"(?:Subject|Betreff|Objet|Asunto|Oggetto|Onderwerp|Assunto|Message-ID) ?:")
_REPLY = re.compile(
    r"^(?:On .{5,120} wrote:|Am .{5,120} schrieb .{1,80}:|Le .{5,120} a écrit ?:|El .{5,120} escribió:"
    r"|Il .{5,120} ha scritto:|-{3,} ?(?:Original Message|Ursprüngliche Nachricht|Message d'origine"
    r"|Forwarded message) ?-{3,})"
    r"[ \t]*$",
    re.MULTILINE,
)
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_SENT_FROM = re.compile(
    r"^(?:Sent from my \w+.*|Von meinem \w+ gesendet|Envoyé de mon \w+"
    r"|Enviado desde mi \w+.*)$",
    re.MULTILINE,
)
_QUOTED = re.compile(r"^(?:[ \t]?>)+[ \t]?", re.MULTILINE)
_CHAT = re.compile(
    r"^\u200e?\[?(?P<time>\d{1,4}[./-]\d{1,2}[./-]\d{2,4},?[ \t]\d{1,2}[:.]\d{2}(?:[:.]\d{2})?"
    r"(?:[ \t\u202f]?[AaPp]\.?[Mm]\.?)?)\]?"
    r"(?:[ \t]-)?[ \t](?:(?P<name>[^:\n]{1,60}): )?",
    re.MULTILINE,
)
_CHAT_NOTE = re.compile(
    r"\u200e?(?:<[^<>\n]*(?:omitted|weggelassen|ausgeschlossen|omis|omitid[oa]|omess[oi])[^<>\n]*>"
    r"|(?:image|video|audio|sticker|GIF|document|Bild|Video|Sticker) (?:omitted|weggelassen)"
    r"|.*end-to-end encrypted.*|.*Ende-zu-Ende-verschlüsselt.*|This message was deleted\.?"
    r"|Diese Nachricht wurde gelöscht\.?"
    r"|Missed (?:voice|video) call.*)"
)


def clean_messages(text: str, tally: Tally) -> str:
    """Return the words of an e-mail or an exported chat; any other text as it is."""
    head = text[:3000].lstrip("\n")
    if "]" in head or " - " in head:
        found = list(_CHAT.finditer(head))
        if len(found) >= 3 and found[0].start() == 0 and sum(bool(each["name"]) for each in found) >= 2:
            return _clean_chat(text, tally)
    lines = head.split("\n", 60)
    count = 0
    for line in lines:
        if not (_HEADER.fullmatch(line) or (count and line[:1] in (" ", "\t") and line.strip())):
            break
        count += 1
    if count >= 3 and any(_SURE_HEADER.match(line) for line in lines[:count]):
        tally.add("front_matter")
        return _clean_mail(text.lstrip("\n").split("\n", count)[-1], tally)
    return text


def _clean_mail(text: str, tally: Tally) -> str:
    if found := _SIGNATURE.search(text):
        tally.add("front_matter")
        text = text[: found.start()]
    return _QUOTED.sub("", _REPLY.sub("", _SENT_FROM.sub("", text)))


def _clean_chat(text: str, tally: Tally) -> str:
    messages = []
    starts = list(_CHAT.finditer(text))
    for index, found in enumerate(starts):
        end = starts[index + 1].start() if index + 1 < len(starts) else len(text)
        body = text[found.end() : end].strip()
        tally.add("times")
        tally.add("speakers", bool(found["name"]))
        if found["name"] and not _CHAT_NOTE.fullmatch(body):
            messages.append(body)
    return "\n\n".join(messages)
