"""Sound and pictures: cards, captions, frames, levels, and the encoder. Knows nothing of stages or services."""
