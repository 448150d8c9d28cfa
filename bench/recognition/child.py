"""`python -m bench.recognition.child FOLDER RECORDING [bare]`: transcribe in a process of its own.

Prints seconds, processor seconds, megabytes at the peak and the number of words as JSON; loading the model is included.
With `bare`, the model gets the whole file as its documentation shows, with the same settings.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from pressrun.services.protocols import Context
from pressrun.services.transcribers import whisper
from pressrun.services.transcribers.models import load_model, model_folder
from pressrun.services.transcribers.recognition import DECODING


def main() -> None:
    folder, media = Path(sys.argv[1]), Path(sys.argv[2])
    clock, processor = time.perf_counter(), time.process_time()
    if sys.argv[3:] == ["bare"]:
        model = load_model(model_folder("", Path()))
        segments, _ = model.transcribe(str(media), language="en", **{**DECODING, "vad_filter": True})
        words = sum(len(segment.words) for segment in segments)
    else:
        context = Context(folder, {"language": "en"}, folder=folder)
        found = whisper.transcribe(media, "en", lambda *_: None, context)
        words = sum(len(segment.text.split()) for segment in found)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps({
        "seconds": time.perf_counter() - clock, "processor": time.process_time() - processor,
        "memory": usage.ru_maxrss / 1024, "words": words,
    }))


if __name__ == "__main__":
    main()
