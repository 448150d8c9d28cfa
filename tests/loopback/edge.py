"""The side of Microsoft in the WebSocket that the voices of Edge use: it reads SSML and sends word times and an MP3."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.loopback.sounds import GAP, LETTER, QUIET, RATE, as_mp3, tones
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

if TYPE_CHECKING:
    from tests.loopback.speech import Speech

HOST = "speech.platform.bing.com"
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""Of RFC 6455, to accept a handshake."""
TICKS = 10_000_000


def converse(handler: Any, speech: Speech) -> None:
    """Accept the handshake, read the two requests of a client, and answer the second one."""
    query = parse_qs(urlsplit(handler.path).query)
    if {"TrustedClientToken", "Sec-MS-GEC", "ConnectionId"} - set(query):
        handler._answer(403, b"")
        return
    found: dict[str, Any] = {}

    def accept() -> None:
        key = handler.headers["Sec-WebSocket-Key"] + GUID
        handler.send_response(101)
        handler.send_header("Upgrade", "websocket")
        handler.send_header("Connection", "Upgrade")
        handler.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        handler.end_headers()

    trouble = next((each for each in speech.troubles if each.times > 0 and isinstance(each.what, int)), None)
    if trouble:
        handler.troubled(speech.taken("", "", {}))
        return
    accept()
    handler.close_connection = True
    protocol = ServerProtocol(state=State.OPEN)
    while "ssml" not in found:
        data = handler.connection.recv(1 << 16)
        if not data:
            return
        protocol.receive_data(data)
        for event in protocol.events_received():
            if isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                head, _, body = bytes(event.data).decode().partition("\r\n\r\n")
                found[re.search(r"Path:([\w.]+)", head)[1]] = body  # type: ignore[index]
    options = json.loads(found["speech.config"])["context"]["synthesis"]["audio"]
    ssml = found["ssml"]
    text = unescape(re.sub(r"<[^>]*>", "", ssml))
    voice = re.search(r"name='([^']+)'", ssml)[1]  # type: ignore[index]
    percent = int(re.search(r"rate='([+-]\d+)%'", ssml)[1])  # type: ignore[index]
    trouble = speech.taken(text, voice, {"rate": percent, "options": options})
    if handler.troubled(trouble):
        return

    def send_text(path: str, body: str) -> None:
        protocol.send_text(f"X-RequestId:1\r\nPath:{path}\r\n\r\n{body}".encode())

    send_text("turn.start", "{}")
    send_text("response", "{}")
    if trouble is None:
        tempo = 1 + percent / 100
        for word, start, end in word_times(text):
            times = {"Offset": round(start / tempo * TICKS), "Duration": round((end - start) / tempo * TICKS)}
            boundary = {"Type": "WordBoundary", "Data": {**times, "text": {"Text": word, "Length": len(word)}}}
            send_text("audio.metadata", json.dumps({"Metadata": [boundary]}))
        sound = as_mp3(faster(tones(text), tempo))
        opening = b"X-RequestId:1\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n"
        for at in range(0, len(sound), 720):
            protocol.send_binary(len(opening).to_bytes(2, "big") + opening + sound[at : at + 720])
    send_text("turn.end", "{}")
    protocol.send_close(1000)
    handler.wfile.write(b"".join(protocol.data_to_send()))


def word_times(text: str) -> list[tuple[str, float, float]]:
    """Return each word of `tones` with its start and end in seconds."""
    found, at = [], QUIET[0]
    for word in re.findall(r"\w+", text):
        end = at + round(LETTER * len(word) * RATE) / RATE
        found.append((word, at, end))
        at = end + GAP
    return found


def faster(samples: Any, tempo: float) -> Any:
    """Return the samples at another tempo; the pitch of a tone does not matter."""
    import numpy as np

    count = round(len(samples) / tempo)
    return np.interp(np.arange(count) * tempo, np.arange(len(samples)), samples).astype(np.int16)
