from __future__ import annotations

import pytest

from pressrun.cli.forecast import Forecast


def test_before_the_first_book_has_finished_the_time_left_is_unknown() -> None:
    assert Forecast(3).seconds_left([10]) is None


def test_each_book_that_waits_counts_as_the_mean_of_those_before_with_its_pause() -> None:
    forecast = Forecast(4)
    forecast.book_finished(60, failed=False)
    forecast.paused(5)
    forecast.book_finished(80, failed=False)
    assert forecast.seconds_left([20]) == 50 + 75


def test_a_failed_book_counts_only_while_there_is_no_other() -> None:
    forecast = Forecast(3)
    forecast.book_finished(2, failed=True)
    assert forecast.seconds_left([0]) == pytest.approx(4)
    forecast.book_finished(100, failed=False)
    assert forecast.seconds_left([0]) == pytest.approx(100)


def test_a_book_in_overtime_is_never_about_to_end() -> None:
    forecast = Forecast(2)
    forecast.book_finished(10, failed=False)
    assert forecast.seconds_left([40]) == pytest.approx(10)


def test_several_workers_share_what_is_left() -> None:
    forecast = Forecast(7, workers=3)
    forecast.book_finished(60, failed=False)
    assert forecast.seconds_left([20, 30, 40]) == pytest.approx((40 + 30 + 20 + 3 * 60) / 3)


def test_no_less_is_left_than_the_longest_running_book_needs() -> None:
    forecast = Forecast(3, workers=3)
    forecast.book_finished(60, failed=False)
    assert forecast.seconds_left([5, 55]) == 55


def test_more_workers_than_books_make_it_no_faster() -> None:
    forecast = Forecast(2, workers=9)
    forecast.book_finished(60, failed=False)
    assert forecast.seconds_left([0]) == 60
