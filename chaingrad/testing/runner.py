"""Running the tests of a file as a program."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import unittest

__all__ = ['run_module']


def run_module(name: str, file: str) -> None:
    """Run the tests of a file when it is run as a program, by pytest where it is installed, else by unittest.

    Args:
        name: `__name__` of the file.
        file: `__file__`.

    Raises:
        SystemExit: when the file is run as a program; its code is 0 if all tests succeed.

    Example:
        >>> from chaingrad import testing
        >>> testing.run_module(__name__, 'test_model.py')  # does nothing: this is not a program
    """
    if name != '__main__':
        return
    if importlib.util.find_spec('pytest') is not None:
        raise SystemExit(importlib.import_module('pytest').main([file, '-v']))
    unittest.main(module=name, argv=[sys.argv[0]])
