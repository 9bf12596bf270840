"""The part of Link that copies: a link, its parameters from another one, its gradients, itself many times."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from chaingrad.autograd.backends import copyto
from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.parameter import Parameter

_Self = TypeVar('_Self', bound='CopyingMixin')


class CopyingMixin:
    """Copies of links, and copies between links of the same structure, whose parameters are paired by path."""

    # Link provides these.
    params: Callable[..., Iterator[Parameter]]
    namedparams: Callable[..., Iterator[tuple[str, Parameter]]]
    namedlinks: Callable[..., Iterator[tuple[str, CopyingMixin]]]
    _params: set[str]
    _persistent: set[str]

    # The class that `repeat` makes; sequential.py sets it, because an import here would be a cycle.
    _sequence_class: type[Any]  # Sequential

    def copy(self: _Self, mode: str = 'share') -> _Self:
        """Return a copy.

        Args:
            mode: 'share' shares the arrays of the parameters with the original, also those that a parameter without
                shape gets later; 'copy' copies them; 'init' copies and initializes them anew. No copy has the gradients
                of the original.

        Raises:
            ValueError: when the mode is none of these.
        """
        _check_mode('copy', mode)
        if mode == 'share':
            return self._copy_sharing()
        copied = copy.deepcopy(self)
        if mode == 'copy':
            for param in copied.params():
                param.cleargrad()
        else:
            for param in copied.params(include_uninit=False):
                param.initialize(param.shape)
        return copied

    def _copy_sharing(self: _Self) -> _Self:
        copied = copy.copy(self)
        attributes = copied.__dict__
        attributes['name'] = None
        attributes['_params'] = set(self._params)
        attributes['_persistent'] = set(self._persistent)
        for name in copied._params:
            attributes[name] = copy.copy(attributes[name])
            attributes[name].cleargrad()
        return copied

    def repeat(self, n_repeat: int, mode: str = 'init') -> Any:
        """Return a Sequential of copies of this link.

        Args:
            n_repeat: number of copies, 0 or more.
            mode: how they are copied: 'init', 'copy' or 'share' (see `copy`).

        Raises:
            ValueError: when the mode is none of these.

        Example:
            >>> import chaingrad.links as L
            >>> len(L.Linear(4, 4).repeat(3))
            3
        """
        _check_mode('repeat', mode)
        copies: list[Any] = [self.copy(mode) for _ in range(n_repeat)]
        return self._sequence_class(*copies)

    def addgrads(self, link: CopyingMixin) -> None:
        """Add the gradients of another link's parameters to those of this link's.

        Args:
            link: a link of the same structure.
        """
        for param, other in self._pairs('addgrads', link):
            param.addgrad(other)

    def copyparams(self, link: CopyingMixin, copy_persistent: bool = True) -> None:
        """Copy the parameters, and the persistents, of another link into this one.

        Args:
            link: a link of the same structure; its parameters without shape change nothing here.
            copy_persistent: also copy the persistents.

        Raises:
            KeyError: when the other link lacks something that this one has.
            ValueError: when shapes differ. Nothing is copied then.
        """
        for param, other in self._pairs('copyparams', link):
            param.copydata(other)
        if not copy_persistent:
            return
        sources = dict(link.namedlinks())
        for path, target in self.namedlinks():
            ours = target.__dict__
            theirs = sources[path].__dict__
            for name in target._persistent & theirs.keys():
                if is_array(ours[name]) and theirs[name] is not None:
                    copyto(ours[name], theirs[name])
                else:
                    ours[name] = copy.deepcopy(theirs[name])

    def _pairs(self, method: str, link: CopyingMixin) -> list[tuple[Parameter, Parameter]]:
        """Pair the parameters of two links by their paths, after checking that all of them fit."""
        who = f'{type(self).__name__}.{method}'
        ours = dict(self.namedparams())
        theirs = dict(link.namedparams())
        missing = sorted(ours.keys() - theirs.keys())
        if missing:
            raise KeyError(
                f'{who}: the other link ({type(link).__name__}) must have the same parameters, but it lacks {missing}.'
            )
        pairs = []
        for path, param in ours.items():
            other = theirs[path]
            if param.is_initialized and other.is_initialized and param.shape != other.shape:
                raise ValueError(
                    f'{who}: shapes must be equal, but {path} is {param.shape} here and {other.shape} there.'
                )
            pairs.append((param, other))
        return pairs


def _check_mode(method: str, mode: str) -> None:
    if mode not in ('share', 'copy', 'init'):
        raise ValueError(f"Link.{method}: mode must be 'share', 'copy' or 'init', but it is {mode!r}.")
