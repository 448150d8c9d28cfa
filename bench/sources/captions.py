"""Captions and transcripts: sounds, directions, speakers, times and the names of captions."""

from __future__ import annotations

from bench.sources.labelled import STORY, Labelled, clock, srt, vtt

S = STORY
GUIDS = tuple(f"{n:08x}-1a2b-4c3d-8e9f-0123456789ab-{n % 3}" for n in range(len(S)))


def _rolling() -> str:
    """Return captions as a site makes them of speech: every line is shown twice, with times inside."""
    words = " ".join(S).split()
    lines = [" ".join(words[start : start + 7]) for start in range(0, len(words), 7)]
    made = ["WEBVTT\nKind: captions\nLanguage: en\n"]
    for n, line in enumerate(lines):
        before = lines[n - 1] if n else " "
        timed = "".join(f"<{clock(n * 3 + i * 0.3, '.')}><c> {word}</c>" for i, word in enumerate(line.split()[1:], 1))
        made.append(f"{clock(n * 3, '.')} --> {clock(n * 3 + 2.99, '.')} align:start position:0%\n{before}\n{line.split()[0]}{timed}\n")
        made.append(f"{clock(n * 3 + 2.99, '.')} --> {clock(n * 3 + 3, '.')} align:start position:0%\n{line}\n \n")
    return "\n".join(made)


def _ass(*texts: str) -> str:
    rows = "\n".join(f"Dialogue: 0,0:00:{n * 3:02}.00,0:00:{n * 3 + 2:02}.00,Default,,0,0,0,,{text}" for n, text in enumerate(texts or S))
    return (
        "[Script Info]\nScriptType: v4.00+\nTitle: Clocks\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize\nStyle: Default,Arial,20\n\n"
        f"[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n{rows}\n"
    )


INPUTS = [
    Labelled("srt", ".srt", srt(), ("-->", "00:")),
    Labelled("srt-in-txt", ".txt", srt(), ("-->", "00:", "\n1", " 12 ")),
    Labelled("vtt-in-txt", ".txt", vtt(), ("-->", "00:", "WEBVTT")),
    Labelled("srt-without-thousandths", ".srt", srt().replace(",000", ""), ("-->", "00:")),
    Labelled("srt-without-blank-lines", ".srt", srt().replace("\n\n", "\n"), ("-->", "00:", " 7 ")),
    Labelled("sounds-whole", ".srt", srt(*(t for s in S for t in ("[Music]", s))), ("Music", "[")),
    Labelled("sounds-within", ".srt", srt(*(f"[Music] {s}" if n % 3 else f"(applause) {s} [Laughter]" for n, s in enumerate(S))), ("Music", "applause", "Laughter", "[")),
    Labelled("sounds-blank", ".srt", srt(*(s.replace(" the ", " the [ __ ] ", 1) for s in S)), ("[", "__")),
    Labelled("sounds-words", ".srt", srt(*(t for s in S for t in ("(door creaks)", "[WIND HOWLING]", s))), ("creaks", "HOWLING", "(", "[")),
    Labelled("sounds-notes", ".srt", srt(*(f"♪ {s} ♪" for s in S), "♪♪"), ("♪",)),
    Labelled("sounds-german", ".srt", srt("[Musik]", *(f"{s} (Gelächter)" for s in S), "(Applaus)"), ("Musik", "Gelächter", "Applaus")),
    Labelled("speakers", ".srt", srt(*(f"NARRATOR: {s}" if n % 2 else f"THE BOY: {s}" for n, s in enumerate(S))), ("NARRATOR", "BOY:")),
    Labelled("speakers-chevrons", ".srt", srt(*(f">> {s}" if n % 2 else f">>> ANNA: {s}" for n, s in enumerate(S))), (">", "ANNA")),
    Labelled("speakers-dashes", ".srt", srt(*(f"- {a}\n- {b}" for a, b in zip(S[::2], S[1::2], strict=True))), ("- ",)),
    Labelled("speakers-voice-tags", ".vtt", vtt(*(f"<v Ann Author>{s}</v>" for s in S)), ("<", "Ann Author")),
    Labelled("names-guid", ".vtt", vtt(names=GUIDS), ("1a2b", "0123456789ab", "-->")),
    Labelled("names-words", ".vtt", vtt(names=tuple(f"intro-{n}" for n in range(len(S)))), ("intro",)),
    Labelled("arrows", ".srt", srt(*S, "The road from the mill --> the bakery is short."), ("-->",), (*S, "bakery is short")),
    Labelled("rolling", ".vtt", _rolling(), ("<", "-->", "mended. mended")),
    Labelled("no-before-nobody", ".srt", srt("No.", "Nobody came to the shop that day.", "No", "No one came in the evening.", *S), ("[",), ("No. Nobody", *S)),
    Labelled("tags", ".srt", srt(*(f"{{\\an8}}<i>{s}</i>" for s in S)), ("<", "{", "an8")),
    Labelled("credits", ".srt", srt("Subtitles by the Example community", *S, "Synced and corrected by Jane", "www.opensubtitles.org"), ("Subtitles", "Synced", "opensubtitles")),
    Labelled("ass", ".ass", _ass(*(f"{{\\pos(10,10)}}{s[:20]}\\N{s[20:]}" for s in S)), ("\\", "{", "Dialogue", "Arial"), ()),
    Labelled("ass-in-txt", ".txt", _ass(), ("Dialogue", "Arial", "Default", "0:00")),
    Labelled("vtt-note", ".vtt", vtt().replace("WEBVTT\n", "WEBVTT - Clocks\n\nNOTE made by hand\nsecond line\n\nSTYLE\n::cue { color: red }\n", 1), ("made by hand", "second line", "color", "WEBVTT")),
    Labelled("times-alone", ".txt", "\n".join(f"{n // 6}:{n * 10 % 60:02}\n{s}" for n, s in enumerate(S)), ("0:10", "1:20", "0:0")),
    Labelled("times-whisper", ".txt", "\n".join(f"[{clock(n * 5, '.')} --> {clock(n * 5 + 4, '.')}]   {s}" for n, s in enumerate(S)), ("-->", "[", "00:")),
    Labelled("times-in-front", ".txt", "\n".join(f"[{n // 6:02}:{n * 10 % 60:02}] {s}" for n, s in enumerate(S)), ("[", "00:", "01:")),
    Labelled("times-bare-in-front", ".txt", "\n".join(f"{n // 6:02}:{n * 10 % 60:02} {s}" for n, s in enumerate(S)), ("00:", "01:")),
    Labelled("speakers-with-times", ".txt", "\n\n".join(f"Speaker {n % 2 + 1}  {n // 6}:{n * 10 % 60:02}\n{s}" for n, s in enumerate(S)), ("Speaker", "0:")),
    Labelled("directions", ".txt", "[SCENE 2: The shop, at night]\n\n" + "\n\n".join(f"NARRATOR: {s}" if n % 4 else f"[Music fades] {s}" for n, s in enumerate(S)), ("SCENE", "NARRATOR", "Music", "[")),
    Labelled("interview", ".txt", "\n\n".join(f"{'ANNA' if n % 2 else 'INTERVIEWER'}: {s} [laughs]" for n, s in enumerate(S)), ("ANNA:", "INTERVIEWER", "laughs")),
]
