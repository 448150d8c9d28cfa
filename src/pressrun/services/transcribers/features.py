"""Compute the log-mel spectrogram of Whisper in blocks.

faster-whisper 1.2 transforms the whole audio at once, which takes 1.2 MB per second: five minutes need more memory than
the model.
"""

from __future__ import annotations

from typing import Any

BLOCK_FRAMES = 1000
"""Frames of 10 ms that are transformed at once."""


class BlockwiseExtractor:
    """Takes the place of a model's `feature_extractor`, with the same result."""

    def __init__(self, original: Any) -> None:
        self._original = original

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)

    def __call__(self, waveform: Any, padding: int = 160, chunk_length: int | None = None) -> Any:
        """Return the spectrogram of 32-bit samples, with one column per frame."""
        import numpy as np

        shape = self._original
        if chunk_length is not None:
            shape.n_samples = chunk_length * shape.sampling_rate
            shape.nb_max_frames = shape.n_samples // shape.hop_length
        size, hop = shape.n_fft, shape.hop_length
        edge = size // 2
        padded = np.pad(waveform.astype(np.float32, copy=False), (edge, padding + edge))
        padded[:edge] = padded[2 * edge : edge : -1]  # mirrored at both ends
        padded[-edge:] = padded[-edge - 2 : -2 * edge - 2 : -1]
        frames = np.lib.stride_tricks.sliding_window_view(padded, size)[::hop][:-1]
        taper = np.hanning(size + 1)[:-1].astype(np.float32)
        result = np.empty((len(shape.mel_filters), len(frames)), np.float32)
        for at in range(0, len(frames), BLOCK_FRAMES):
            spectrum = np.fft.rfft(frames[at : at + BLOCK_FRAMES] * taper, axis=-1).astype(np.complex64)
            result[:, at : at + BLOCK_FRAMES] = shape.mel_filters @ (np.abs(spectrum) ** 2).T
        np.log10(np.maximum(result, 1e-10, out=result), out=result)
        np.maximum(result, result.max(initial=-10.0) - 8.0, out=result)
        result += 4.0
        result /= 4.0
        return result
