"""Tests that run several times, because they are random."""

from __future__ import annotations

import functools
import unittest
from collections.abc import Callable
from typing import Any

__all__ = ['QuietTestRunner', 'repeat', 'repeat_with_success_at_least', 'retry']


class QuietTestRunner:
    """Runs a test suite and prints nothing.

    Example:
        >>> import unittest
        >>> from chaingrad.testing.condition import QuietTestRunner
        >>> QuietTestRunner().run(unittest.FunctionTestCase(lambda: None)).wasSuccessful()
        True
    """

    def run(self, suite: unittest.TestCase | unittest.TestSuite) -> unittest.TestResult:
        """Run a suite or one test and return its result.

        Args:
            suite: the suite or the test.
        """
        result = unittest.TestResult()
        suite(result)
        return result


def repeat_with_success_at_least(times: int, min_success: int) -> Callable[[Any], Any]:
    """Run a test method several times; it succeeds if enough of the runs do.

    `setUp` and `tearDown` are called before and after each run. The runs end as soon as the outcome is certain.

    Args:
        times: largest number of runs.
        min_success: number of runs that must succeed.

    Raises:
        ValueError: when `min_success` is not in [1, times].

    Example:
        >>> import unittest
        >>> from chaingrad.testing import condition
        >>> class TestDice(unittest.TestCase):
        ...     thrown = 0
        ...     @condition.repeat_with_success_at_least(3, 2)
        ...     def test_dice(self):
        ...         TestDice.thrown += 1
        ...         assert TestDice.thrown != 2
        >>> TestDice('test_dice').run().wasSuccessful()
        True
    """
    if not 1 <= min_success <= times:
        raise ValueError(
            f'repeat_with_success_at_least: min_success must be in [1, times], but it is {min_success} and times is '
            f'{times}.'
        )

    def decorate(method: Any) -> Any:
        @functools.wraps(method)
        def run(*args: Any, **kwargs: Any) -> None:
            owner = args[0] if args else None
            set_up = getattr(owner, 'setUp', None)
            tear_down = getattr(owner, 'tearDown', None)
            # A partial has no name, and unittest asks for one.
            run_once = functools.update_wrapper(functools.partial(method, *args, **kwargs), method)
            successes = 0
            failures: list[str] = []
            while successes < min_success and len(failures) <= times - min_success:
                result = QuietTestRunner().run(unittest.FunctionTestCase(run_once, set_up, tear_down))
                if result.skipped:
                    raise unittest.SkipTest(result.skipped[0][1])
                if result.wasSuccessful():
                    successes += 1
                else:
                    failures += [text for _, text in result.failures + result.errors]
            if successes < min_success:
                raise AssertionError(
                    f'{method.__name__}: {min_success} of {times} runs must succeed, but {successes} did and '
                    f'{len(failures)} failed. The first failure:\n{failures[0]}'
                )

        return run

    return decorate


def repeat(times: int) -> Callable[[Any], Any]:
    """Run a test method several times; every run must succeed.

    Args:
        times: number of runs.

    Example:
        >>> from chaingrad.testing import condition
        >>> @condition.repeat(3)
        ... def test_often():
        ...     print('once')
        >>> test_often()
        once
        once
        once
    """
    return repeat_with_success_at_least(times, times)


def retry(times: int) -> Callable[[Any], Any]:
    """Run a test method again while it fails; one run must succeed.

    Args:
        times: largest number of runs.

    Example:
        >>> from chaingrad.testing import condition
        >>> runs = []
        >>> @condition.retry(3)
        ... def test_at_last():
        ...     runs.append(len(runs))
        ...     assert len(runs) == 2
        >>> test_at_last()
        >>> runs
        [0, 1]
    """
    return repeat_with_success_at_least(times, 1)
