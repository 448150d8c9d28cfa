"""Measure the memory and the speed of a Whisper model on this machine, in a process of its own, with our own speech.

`python -m pressrun.services.model_measuring FOLDER` prints both as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from pressrun.errors import ServiceUnavailableError
from pressrun.services.transcribers.models import load_model, measurement_name, model_folder, peak_memory
from pressrun.store.measurements import Measurement, record_measurement

TIMEOUT = 900.0
"""Seconds that a measurement may take."""
TEXT = (
    "The lamp on the island was lit every evening for forty years. Its keeper rowed across the bay at dusk, whatever"
    " the weather, and came back at dawn. When the last ship had passed, he wrote its name into a book, and below it"
    " what the wind had been like. Nobody had asked him to do this. After his death his daughter found eleven such"
    " books, and began to read them aloud to the children of the harbor, one page each night, before the lamp was lit."
)
"""About half a minute of speech. Sentences that are repeated would make the model loop."""


def measure(name: str, workspace: Path) -> Measurement:
    """Measure a model, store the result, and return it. Raises `ServiceUnavailableError` if it does not work."""
    folder = model_folder(name, workspace)
    command = [sys.executable, "-P", "-m", __name__, str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, stdin=subprocess.DEVNULL)
        problem = done.stderr.strip() or f"exit status {done.returncode}" if done.returncode else ""
    except subprocess.TimeoutExpired:
        problem = f"it takes more than {TIMEOUT:.0f} s for half a minute of speech"
    if problem:
        raise ServiceUnavailableError(
            f"The model {name} in {folder} does not work: {problem.splitlines()[-1][:200]}",
            remedy="Free some memory, or get a smaller model.",
        )
    found = Measurement(**json.loads(done.stdout.splitlines()[-1]))
    record_measurement(measurement_name(folder), memory=found.memory, speed=found.speed)
    return found


def main() -> None:
    import av
    import numpy as np

    from pressrun.services.protocols import Context
    from pressrun.services.transcribers.decoding import SAMPLE_RATE
    from pressrun.services.voices import espeak

    speech = espeak.speak(TEXT, "en", 165, Context(Path(), {}))
    frame = av.AudioFrame.from_ndarray(np.frombuffer(speech.pcm, np.int16).reshape(1, -1), "s16", "mono")
    frame.sample_rate = speech.sample_rate
    resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
    pieces = [each.to_ndarray().reshape(-1) for part in (frame, None) for each in resampler.resample(part)]
    sound = np.concatenate(pieces).astype(np.float32) / 32768
    model = load_model(Path(sys.argv[1]))
    started = time.perf_counter()
    segments, _ = model.transcribe(
        sound, language="en", word_timestamps=True, condition_on_previous_text=False, temperature=0.0
    )
    for _ in segments:  # computed when it is read
        pass
    speed = (time.perf_counter() - started) / (len(sound) / SAMPLE_RATE)
    print(json.dumps({"memory": peak_memory(), "speed": round(speed, 4)}))


if __name__ == "__main__":
    main()
