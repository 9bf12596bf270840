"""Test classes that are made from one class and several sets of parameters."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

__all__ = ['from_pytest_parameterize', 'parameterize', 'parameterize_pytest', 'product', 'product_dict']

_LONGEST = 100  # characters of the parameters in a class's name


class Bundle:
    """The classes that are made from one. It replaces that one in the module and can be decorated again."""

    def __init__(self, classes: Sequence[type]) -> None:
        self.classes = list(classes)


def make_classes(given: type | Bundle, variants: Callable[[type], Iterable[tuple[str, dict[str, Any]]]]) -> Bundle:
    """Make a subclass for each variant of a class, or of each class of a bundle, and put it in the class's module.

    Args:
        given: the class or bundle.
        variants: takes a class and yields, for each new class, the end of its name and its attributes.
    """
    made = []
    for base in given.classes if isinstance(given, Bundle) else [given]:
        module = sys.modules.get(base.__module__)
        if isinstance(given, Bundle) and getattr(module, base.__name__, None) is base:
            delattr(module, base.__name__)  # the classes that are made from it replace it
        for suffix, attributes in variants(base):
            name = f'{base.__name__}_{suffix}'
            new = type(base)(name, (base,), {'__module__': base.__module__, '__doc__': base.__doc__, **attributes})
            new.__qualname__ = name
            if module is not None:
                setattr(module, name, new)
            made.append(new)
    return Bundle(made)


def parameterize(*params: Mapping[str, Any]) -> Callable[[Any], Bundle]:
    """Make a test class for each set of parameters, with the parameters as its attributes.

    The decorated name itself is no longer a test class. Several decorators give all combinations of their sets.

    Args:
        params: the sets, each a dict from attribute to value; `product` makes them.

    Returns:
        A class decorator.

    Raises:
        TypeError: when a set is not a dict.

    Example:
        >>> import unittest
        >>> from chaingrad import testing
        >>> @testing.parameterize({'n': 1}, {'n': 2})
        ... class TestSum(unittest.TestCase):
        ...     def test_sum(self):
        ...         self.assertEqual(sum(range(self.n + 1)), self.n * (self.n + 1) // 2)
        >>> [cls.__name__ for cls in TestSum.classes]
        ['TestSum_param_0_{n=1}', 'TestSum_param_1_{n=2}']
    """
    for param in params:
        if not isinstance(param, Mapping):
            raise TypeError(f'parameterize: every set of parameters must be a dict, but one is {param!r}.')

    def variants(base: type) -> Iterable[tuple[str, dict[str, Any]]]:
        for i, param in enumerate(params):
            text = ', '.join([f'{name}={_show(value)}' for name, value in param.items()])
            if len(text) > _LONGEST:
                text = text[: _LONGEST - 3] + '...'
            yield f'param_{i}_{{{text}}}', dict(param)

    return lambda given: make_classes(given, variants)


def _show(value: Any) -> str:
    """Return the name of a function or class, or the repr of any other value in one line."""
    return getattr(value, '__name__', None) or repr(value).replace('\n', ' ')


def product(parameter: Mapping[str, Iterable[Any]] | Iterable[Iterable[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Return every combination of the values of parameters.

    Args:
        parameter: dict from a name to its values; or a list of lists of dicts, for `product_dict`.

    Returns:
        A list of dicts, in which the first name in alphabetical order varies slowest.

    Example:
        >>> from chaingrad.testing import product
        >>> product({'a': [1, 2], 'b': ['x']})
        [{'a': 1, 'b': 'x'}, {'a': 2, 'b': 'x'}]
        >>> product([[{'a': 1}, {'a': 2}], [{'b': 3}]])
        [{'a': 1, 'b': 3}, {'a': 2, 'b': 3}]
    """
    if isinstance(parameter, Mapping):
        names = sorted(parameter)
        return [dict(zip(names, values)) for values in itertools.product(*(parameter[name] for name in names))]
    return product_dict(*parameter)


def product_dict(*parameters: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return every combination of one dict from each list, merged into one.

    Args:
        parameters: lists of dicts.

    Example:
        >>> from chaingrad.testing import product_dict
        >>> product_dict([{'a': 1}], [{'b': 2}, {'b': 3}])
        [{'a': 1, 'b': 2}, {'a': 1, 'b': 3}]
    """
    return [{name: value for part in parts for name, value in part.items()} for parts in itertools.product(*parameters)]


def from_pytest_parameterize(names: str | Sequence[str], values: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the arguments of `pytest.mark.parametrize` as sets of parameters.

    Args:
        names: names, as a list or separated by commas.
        values: for each set a value, or a tuple with a value for each name.

    Example:
        >>> from chaingrad.testing import from_pytest_parameterize
        >>> from_pytest_parameterize('a, b', [(1, 2), (3, 4)])
        [{'a': 1, 'b': 2}, {'a': 3, 'b': 4}]
    """
    names = [name.strip() for name in names.split(',')] if isinstance(names, str) else list(names)
    return [dict(zip(names, (value,) if len(names) == 1 else value)) for value in values]


def parameterize_pytest(names: str | Sequence[str], values: Iterable[Any]) -> Callable[[Any], Bundle]:
    """Make a test class for each set of parameters, written as for `pytest.mark.parametrize`.

    Args:
        names: names, as a list or separated by commas.
        values: for each set a value, or a tuple with a value for each name.

    Example:
        >>> from chaingrad import testing
        >>> @testing.parameterize_pytest('n', [1, 2])
        ... class TestN:
        ...     pass
        >>> [cls.n for cls in TestN.classes]
        [1, 2]
    """
    return parameterize(*from_pytest_parameterize(names, values))
