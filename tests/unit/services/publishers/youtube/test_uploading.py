from __future__ import annotations

import pytest

from pressrun.services.publishers.youtube.uploading import CHUNK_GRANULARITY as GRAIN
from pressrun.services.publishers.youtube.uploading import MEGABYTE, chunk_length


@pytest.mark.parametrize("size", [1, 1000, GRAIN, GRAIN + 1, 3 * GRAIN, 8 * MEGABYTE, 20 * MEGABYTE + 12345])
@pytest.mark.parametrize("chunk", [MEGABYTE, 8 * MEGABYTE])
def test_chunks_are_whole_grains_and_the_last_is_at_most_one(size: int, chunk: int) -> None:
    done, lengths = 0, []
    while done < size:
        lengths.append(chunk_length(done, size, chunk))
        done += lengths[-1]
    assert done == size
    assert all(0 < each <= chunk for each in lengths)
    assert all(each % GRAIN == 0 for each in lengths[:-1])
    assert 0 < lengths[-1] <= GRAIN


def test_a_server_that_has_an_odd_number_of_bytes_gets_the_rest_in_whole_grains() -> None:
    assert chunk_length(100, 10 * GRAIN, 4 * GRAIN) == 4 * GRAIN
    assert chunk_length(8 * GRAIN + 100, 10 * GRAIN, 4 * GRAIN) == 2 * GRAIN - 100
