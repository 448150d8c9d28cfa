"""Draw landscapes that resemble photographs: clouds, ridges, foliage and grain from noise with a natural spectrum.

The amplitudes of photographs of nature fall with the frequency (Field, 1987, "Relations between the statistics of
natural images and the response properties of cortical cells"): 1/f is rough ground, 1/f^1.6 is a cloud.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 2400, 1350
GRAIN = 1.2
"""Standard deviation of the noise of the sensor, of 255."""
RIDGES = (
    # Share of the height, its variation, colour, roughness of the cover (standard deviation), exponent of its spectrum.
    (0.50, 0.12, (120, 138, 150), 5, 1.4),
    (0.62, 0.10, (84, 104, 92), 10, 1.3),
    (0.75, 0.07, (62, 80, 48), 18, 1.15),
    (0.90, 0.06, (40, 46, 24), 20, 1.2),
)


def landscape(seed: int) -> Image.Image:
    """Return an RGB landscape of 2400x1350 pixels; each `seed` gives a different one."""
    rng = np.random.default_rng(seed)
    depth = np.linspace(0, 1, HEIGHT)[:, None, None]
    sky = np.array([96, 140, 196]) * (1 - depth) + np.array([232, 214, 190]) * depth
    cover = np.clip(_noise(rng, 1.6)[..., None] * 0.5 + 0.2 - 0.6 * depth, 0, 1)
    scene = sky * (1 - cover) + np.array([246, 243, 238]) * cover
    for top, variation, colour, roughness, exponent in RIDGES:
        ridge = (top - variation / 2 * _profile(rng)) * HEIGHT
        inside = np.clip((np.arange(HEIGHT)[:, None] - ridge) / 1.5, 0, 1)[..., None]
        light = 1 + 0.12 * _noise(rng, 1.7)[..., None]
        ground = np.array(colour) * light + roughness * _noise(rng, exponent)[..., None]
        scene = scene * (1 - inside) + inside * ground
    scene += rng.standard_normal((HEIGHT, WIDTH, 1)) * GRAIN + rng.standard_normal((HEIGHT, WIDTH, 3)) * GRAIN / 2
    return Image.fromarray(scene.clip(0, 255).astype(np.uint8))


def _noise(rng: np.random.Generator, exponent: float) -> Any:
    """Return (HEIGHT, WIDTH) noise, mean 0, deviation 1; amplitudes fall with the frequency to the `exponent`."""
    spectrum = np.fft.rfft2(rng.standard_normal((HEIGHT, WIDTH)))
    frequency = np.hypot(np.fft.fftfreq(HEIGHT)[:, None], np.fft.rfftfreq(WIDTH)[None])
    frequency[0, 0] = 1
    return _normalize(np.fft.irfft2(spectrum / frequency**exponent, s=(HEIGHT, WIDTH)))


def _profile(rng: np.random.Generator) -> Any:
    spectrum = np.fft.rfft(rng.standard_normal(WIDTH))
    frequency = np.arange(len(spectrum), dtype=float)
    frequency[0] = 1
    return _normalize(np.fft.irfft(spectrum / frequency**1.3, WIDTH))


def _normalize(values: Any) -> Any:
    return (values - values.mean()) / values.std()
