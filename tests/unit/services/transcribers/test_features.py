"""The spectrogram in blocks is the one of the library, and keeps its settings."""

from __future__ import annotations

import numpy as np
import pytest

from pressrun.services.transcribers.features import BlockwiseExtractor

library = pytest.importorskip("faster_whisper.feature_extractor")


@pytest.mark.parametrize("samples", [1_600, 80_000, 160_160, 400_077])
def test_the_result_is_that_of_the_library(samples: int) -> None:
    sound = (np.random.default_rng(samples).standard_normal(samples) * 0.1).astype(np.float32)
    expected = library.FeatureExtractor()(sound, chunk_length=30)
    extractor = BlockwiseExtractor(library.FeatureExtractor())
    np.testing.assert_allclose(extractor(sound, chunk_length=30), expected, atol=1e-6)
    assert (extractor.n_samples, extractor.nb_max_frames) == (480_000, 3000)
