"""Numbers in words: shares, intervals, and what a small sample cannot rule out."""

from __future__ import annotations

from collections.abc import Mapping

Interval = Mapping[str, float | None]  # value, low and high; None where there is none


def percent(share: float) -> str:
    """A share in [0, 1] as a percentage; one decimal near 0 and 100, where it matters."""
    return f"{of_hundred(share)}\u00a0%"  # no line ends between number and sign


def of_hundred(share: float) -> str:
    """A share in [0, 1] as a number out of a hundred.

    Whole between 10 and 90; finer near the ends, where "99.96" must not read as "100".
    """
    value = 100 * share
    if 10 <= value <= 90 or abs(value - round(value)) < 1e-9:
        return f"{value:.0f}"
    one_decimal = f"{value:.1f}"
    return one_decimal if 0 < float(one_decimal) < 100 else f"{value:.2f}"


def with_interval(metric: Interval) -> str:
    """Such as "0.947 (0.931 to 0.960)"; "undefined" where there is no value."""
    value, low, high = metric["value"], metric["low"], metric["high"]
    if value is None:
        return "undefined"
    if low is None or high is None:
        return f"{value:.3f}"
    return f"{value:.3f} ({low:.3f} to {high:.3f})"


def interval_in_words(rate: Interval) -> str:
    """Such as "95 % interval 91 to 95", out of a hundred; empty where there is none."""
    if rate["low"] is None or rate["high"] is None:
        return ""
    return f"95 % interval {of_hundred(rate['low'])} to {of_hundred(rate['high'])}"


def rate_in_words(rate: Interval, n: int) -> str:
    """The interval of a rate out of a hundred; the number of photos where there is none.

    Where the rate is 0 or 1 the bootstrap knows nothing; there the rule of three says how far off
    the true rate may be (Hanley and Lippman-Hand 1983).
    """
    value = rate["value"]
    if value == 0:
        return f"tested on {n:,}: up to {of_hundred(min(1.0, 3 / n))} cannot be ruled out"
    if value == 1:
        return f"tested on {n:,}: down to {of_hundred(max(0.0, 1 - 3 / n))} cannot be ruled out"
    return interval_in_words(rate) or f"tested on {n:,}"
