"""Whether what was sampled for an hour grows: what is flat is not said to, what leaks is."""

import numpy as np
import pytest

from mynah.reliability.slope import _student, slope

MINUTES = np.arange(48)
HOURS = MINUTES / 60
TRIES = 400


def shaking(chance, alike):
    """An hour of minutes around zero, each as like the one before as memory is."""
    news = chance.normal(size=len(MINUTES))
    values = [news[0] / np.sqrt(1 - alike**2)]
    for each in news[1:]:
        values.append(alike * values[-1] + each)
    return np.array(values)


@pytest.mark.parametrize(("alike", "most"), [(0.0, 0.06), (0.5, 0.08), (0.8, 0.11), (0.9, 0.14)])
def test_what_only_shakes_is_seldom_said_to_grow(alike, most):
    """One in twenty is meant; who counts neighbours as news says it of one in four."""
    chance = np.random.default_rng(1)
    said = [not slope(HOURS, shaking(chance, alike)).within_noise for _ in range(TRIES)]

    assert np.mean(said) < most


@pytest.mark.parametrize("alike", [0.0, 0.5])
def test_a_leak_is_found_though_neighbours_are_alike(alike):
    chance, leak = np.random.default_rng(1), 6.0
    said = [
        not slope(HOURS, leak * HOURS + shaking(chance, alike)).within_noise for _ in range(TRIES)
    ]

    assert np.mean(said) > 0.8


def test_of_four_that_only_shake_one_is_as_seldom_said_to_grow_as_of_one():
    chance = np.random.default_rng(1)
    said = [
        any(not slope(HOURS, shaking(chance, 0.5), together=4).within_noise for _ in range(4))
        for _ in range(TRIES)
    ]

    assert np.mean(said) < 0.08


@pytest.mark.parametrize(("freedom", "errors"), [(2, 4.303), (3, 3.182), (5, 2.571), (30, 2.042)])
def test_few_samples_need_a_larger_slope(freedom, errors):
    """Against the printed table of Student's t."""
    assert _student(freedom) == pytest.approx(errors, rel=0.035)


def test_a_line_that_climbs_is_told_from_one_that_only_shakes():
    hours = np.linspace(0, 1, 60)
    noise = np.random.default_rng(1).normal(0, 5, 60)
    climbs, shakes = slope(hours, 100 * hours + noise), slope(hours, noise)

    assert climbs.per_hour == pytest.approx(100, abs=10)
    assert (climbs.within_noise, shakes.within_noise) == (False, True)


def test_three_samples_say_nothing():
    assert slope([0, 1, 2], [0, 50, 100]).error_per_hour == float("inf")


def test_lives_that_each_begin_low_and_stay_there_do_not_climb():
    hours = np.linspace(0, 1, 60)
    heights = np.repeat([100.0, 150.0, 210.0], 20)
    noise = np.random.default_rng(1).normal(0, 5, 60)
    lives = list(np.repeat([1, 2, 3], 20))

    assert not slope(hours, heights + noise).within_noise
    assert slope(hours, heights + noise, lives).within_noise
    assert slope(hours, heights + 100 * hours, lives).per_hour == pytest.approx(100)


def test_lives_of_one_sample_each_say_nothing():
    assert slope([0, 1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 4]).error_per_hour == float("inf")
