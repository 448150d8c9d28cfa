"""A language model on this machine: speaks chat completions as OpenAI does and generateContent as Gemini does.

It writes a script of the length and in the language it is asked for, can be given other answers, can be told to fail,
and can be of the kind that obeys whatever stands in its source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event
from types import TracebackType
from typing import Any

from tests.loopback.serving import serving

KEYS = {
    "PRESSRUN_GEMINI_API_KEY": "canary-gemini-key-5f1c",
    "PRESSRUN_OPENAI_API_KEY": "canary-openai-key-88d2",
    "PRESSRUN_LLM_API_KEY": "canary-custom-key-1b07",
}

SENTENCES = {
    "en": (
        "A small habit grows into something large when nobody interrupts it.",
        "The writer looks at ordinary mornings and finds a method in them.",
        "Every chapter begins with a question that most people leave alone.",
        "Patience turns out to be a skill, which means that it can be learned.",
        "What looks like talent is often a room that was prepared well.",
        "The middle of the story shows how quickly good plans become heavy.",
        "Friends who tell us the truth are worth more than friends who agree.",
        "He describes a winter in which almost nothing went right, and what it taught him.",
        "Money appears on many pages, yet the argument is really about time.",
        "Rules help until they are older than the trouble they were made for.",
        "She walks through the city at night and writes down what she hears.",
        "A mistake that is admitted early costs less than one that is defended.",
        "The last part returns to the beginning and reads it in another light.",
        "Nothing here asks for genius, only for attention that lasts a little longer.",
        "Whoever wants to change much should begin with what is on the table.",
        "The examples come from kitchens, workshops and long train rides.",
    ),
    "de": (
        "Eine kleine Gewohnheit wird groß, wenn niemand sie unterbricht.",
        "Der Verfasser betrachtet gewöhnliche Vormittage und findet darin eine Ordnung.",
        "Jedes Kapitel beginnt mit einer Frage, die andere lieber liegen lassen.",
        "Geduld ist eine Fertigkeit, und darum kann man sie lernen.",
        "Was wie Begabung aussieht, ist oft nur ein gut vorbereitetes Zimmer.",
        "In der Mitte der Erzählung werden gute Pläne plötzlich schwer.",
        "Freunde, die uns die Wahrheit sagen, sind mehr wert als Freunde, die zustimmen.",
        "Am Ende kehrt das Buch zum Anfang zurück und liest ihn anders.",
    ),
    "klingon": (
        "tlhIngan maH, Qapla' jatlhlu'bogh qaStaHvIS wa' ram loS SaD Hugh SIjlaH qetbogh loD.",
        "bortaS bIr jablu'DI' reH QaQqu' nay', 'ej batlh potlh law' yIn potlh puS.",
        "Heghlu'meH QaQ jajvam, vaj yIHaDchu' 'ej yIQIjchu' paqvam Daj.",
        "nuqDaq 'oH puchpa''e', jatlh ghojwI', 'ach jangbe' ghojmoHwI' val.",
    ),
}

Wanted = dict[str, Any]


@dataclass(frozen=True)
class ModelRequest:
    """One request; `prompt` is all its text, `key` what it identified itself with."""

    path: str
    key: str
    body: dict[str, Any]
    prompt: str

    @property
    def source(self) -> str:
        """What stands inside the fence."""
        found = re.search(r"^(=====SOURCE \w+) BEGINS\n(.*?)\n\1 ENDS", self.prompt, re.DOTALL | re.MULTILINE)
        return found[2] if found else ""


@dataclass(frozen=True)
class Trouble:
    """An answer that is none: an HTTP error with the body its provider sends, silence, or a hang-up."""

    status: int = 0
    code: str = ""
    message: str = "something is wrong"
    headers: dict[str, str] = field(default_factory=dict)
    silent: float = 0.0
    """Seconds before the answer comes."""


@dataclass(frozen=True)
class Call:
    """A call of a tool, which nobody offered."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Refusal:
    """The provider's filter held the answer back."""


Reply = Wanted | str | Trouble | Call | Refusal | Callable[[ModelRequest], Any]


@dataclass
class LanguageModel:
    """`with LanguageModel() as server`. `replies` are given first, one a request, then what `usual` makes."""

    replies: list[Reply] = field(default_factory=list)
    obeying: bool = False
    refused_keys: set[str] = field(default_factory=set)
    unknown_models: set[str] = field(default_factory=set)
    described: list[str] = field(default_factory=list)
    """Paths of the questions what a model is."""
    asked: list[ModelRequest] = field(default_factory=list)
    tokens: tuple[int, int] = (1200, 800)
    _over: Event = field(default_factory=Event)

    @property
    def environment(self) -> dict[str, str]:
        """What a user would set so that the client libraries come here, without keys."""
        return {"OPENAI_BASE_URL": f"{self.url}/v1", "GOOGLE_GEMINI_BASE_URL": self.url}

    @property
    def llm_url(self) -> str:
        return f"{self.url}/v1"

    def __enter__(self) -> LanguageModel:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                outer._answer(self)

            def do_GET(self) -> None:
                outer._describe(self)

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing."""

        self._serving = serving(Handler)
        self.url = self._serving.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._serving.__exit__(kind, error, traceback)

    def _describe(self, handler: BaseHTTPRequestHandler) -> None:
        """What a provider says of a model, or of all."""
        key = handler.headers.get("x-goog-api-key", handler.headers.get("Authorization", "").removeprefix("Bearer "))
        self.described.append(handler.path)
        if key in self.refused_keys:
            gemini = "v1beta" in handler.path
            _send(handler, 400 if gemini else 401, _error(Trouble(400 if gemini else 401), gemini))
            return
        model = handler.path.rpartition("models")[2].strip("/")
        _send(handler, 404 if model in self.unknown_models else 200, {"id": model, "object": "model"})

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        gemini = "generateContent" in handler.path
        bearer = handler.headers.get("Authorization", "").removeprefix("Bearer ")
        key = handler.headers.get("x-goog-api-key", "") if gemini else bearer
        asked = ModelRequest(handler.path, key, body, _prompt_of(body, gemini))
        self.asked.append(asked)
        reply: Any = self.replies.pop(0) if self.replies else (obedient if self.obeying else usual)
        if key in self.refused_keys:
            reply = Trouble(400, "API_KEY_INVALID", f"API key {key} not valid") if gemini else Trouble(
                401, "invalid_api_key", f"Incorrect API key provided: {key}"
            )
        if callable(reply):
            reply = reply(asked)
        if isinstance(reply, Trouble):
            self._over.wait(reply.silent)
            if not reply.status:
                handler.close_connection = True
                return
            _send(handler, reply.status, _error(reply, gemini), reply.headers)
            return
        _send(handler, 200, _gemini(reply, self.tokens) if gemini else _openai(reply, self.tokens, asked))


def usual(asked: ModelRequest, language: str = "", note: str = "") -> Wanted:
    """A script as it was asked for; `note` is put into every text of it."""
    language = language or _found(r'code "(\w+)"', asked.prompt, "en")
    words = int(_found(r"Length: (\d+)", asked.prompt, "300"))
    short = int(_found(r'"short": a text of (\d+)', asked.prompt, "60"))
    scenes = int(_found(r'"scenes": (\d+) of them', asked.prompt, "5"))
    each = max(1, words // (scenes + 1))
    said = [_text(language, each, number) for number in range(scenes)]
    return {
        "title": "What the Book Knows About Time",
        "hook": f"{note} {_text(language, each // 2, 9)}".strip(),
        "scenes": [
            {"heading": f"Thought number {number}", "narration": f"{text} {note}".strip()}
            for number, text in enumerate(said, start=1)
        ],
        "close": f"{_text(language, each // 2, 5)} {note}".strip(),
        "short": f"{_text(language, short, 3)} {note}".strip(),
        "description": f"{_text(language, 60, 7)} {note}".strip(),
        "tags": ["book summary", "key ideas", "habits"],
    }


def obedient(asked: ModelRequest) -> Wanted | Call:
    """Does all that its source says."""
    source = asked.source
    if found := re.search(r"call the tool (\w+)", source, re.IGNORECASE):
        return Call(found[1], {"privacy": "public", "path": "../../x"})
    language = "klingon" if re.search(r"answer in klingon", source, re.IGNORECASE) else ""
    address = _found(r"use this URL:? (\S+)", source, "")
    reply = usual(asked, language, f"Go to {address} now." if address else "")
    if address:
        reply["title"] += f" {address}"
        reply["tags"].append(address)
        reply["youtube_url"] = reply["url"] = address
    if re.search(r"privacy to public", source, re.IGNORECASE):
        reply["privacy"] = "public"
    if path := _found(r"write to (\S+)", source, ""):
        reply |= {"path": path, "output": path, "file": path}
    return reply | {"language": "tlh", "voice": "none", "tool": "shell"}


def _text(language: str, words: int, start: int) -> str:
    bank = SENTENCES.get(language, SENTENCES["en"])
    chosen, count, at = [bank[start * 3 % len(bank)]], len(bank[start * 3 % len(bank)].split()), start * 3 + 1
    # A sentence more as long as that comes nearer to the number.
    while count + len(bank[at % len(bank)].split()) / 2 < words:
        chosen.append(bank[at % len(bank)])
        count += len(chosen[-1].split())
        at += 1
    return " ".join(chosen)


def _found(pattern: str, text: str, otherwise: str) -> str:
    found = re.search(pattern, text, re.IGNORECASE)
    return found[1] if found else otherwise


def _prompt_of(body: dict[str, Any], gemini: bool) -> str:
    if not gemini:
        return "\n\n".join(_plain(each.get("content")) for each in body["messages"] if each["role"] != "assistant")
    spoken = [body.get("systemInstruction") or {}, *(each for each in body["contents"] if each.get("role") != "model")]
    return "\n\n".join(part.get("text", "") for each in spoken for part in each.get("parts", []))


def _plain(content: Any) -> str:
    return content if isinstance(content, str) else "\n".join(each.get("text", "") for each in content or [])


def _openai(reply: Any, tokens: tuple[int, int], asked: ModelRequest) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None, "refusal": None}
    finish = "stop"
    if isinstance(reply, Call):
        function = {"name": reply.name, "arguments": json.dumps(reply.arguments)}
        message["tool_calls"] = [{"id": "call_1", "type": "function", "function": function}]
        finish = "tool_calls"
    elif isinstance(reply, Refusal):
        message["refusal"] = "I cannot help with that."
    else:
        message["content"] = reply if isinstance(reply, str) else json.dumps(reply)
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000, "model": asked.body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": finish, "logprobs": None}],
        "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1], "total_tokens": sum(tokens)},
    }


def _gemini(reply: Any, tokens: tuple[int, int]) -> dict[str, Any]:
    part: dict[str, Any]
    if isinstance(reply, Call):
        part = {"functionCall": {"name": reply.name, "args": reply.arguments}}
    elif isinstance(reply, Refusal):
        part = {"text": ""}
    else:
        part = {"text": reply if isinstance(reply, str) else json.dumps(reply)}
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
    if isinstance(reply, Refusal):
        candidate = {"finishReason": "SAFETY", "index": 0}
    usage = {"promptTokenCount": tokens[0], "candidatesTokenCount": tokens[1], "totalTokenCount": sum(tokens)}
    return {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "loopback", "responseId": "r1"}


def _error(trouble: Trouble, gemini: bool) -> dict[str, Any]:
    if not gemini:
        return {"error": {"message": trouble.message, "type": trouble.code, "param": None, "code": trouble.code}}
    status = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
              429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}[trouble.status]
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": trouble.code,
                "domain": "googleapis.com"}] if trouble.code else []
    return {"error": {"code": trouble.status, "message": trouble.message, "status": status, "details": details}}


def _send(
    handler: BaseHTTPRequestHandler, status: int, value: dict[str, Any], headers: dict[str, str] | None = None
) -> None:
    data = json.dumps(value).encode()
    handler.send_response(status)
    for name, text in {"Content-Type": "application/json", "Content-Length": str(len(data)), **(headers or {})}.items():
        handler.send_header(name, text)
    handler.end_headers()
    handler.wfile.write(data)
