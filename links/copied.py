"""The part of Link that copies: a link, its parameters from another one, its gradients, itself many times."""

from __future__ import annotations

import copy
from typing import Any

from chaingrad.autograd.backends import copyto
from chaingrad.autograd.backends.array_module import is_array


class Copied:
    """Copies of links, and copies between links of the same structure, which are paired by path."""

    # What the rest of Link provides.
    params: Any
    namedparams: Any
    namedlinks: Any
    _params: set[str]
    _persistent: set[str]

    # `repeat` builds one of these; sequential.py sets it, because an import here would be a cycle.
    _sequence_class: Any = None

    def copy(self, mode: str = 'share') -> Any:
        """Return a copy.

        Args:
            mode: 'share' shares the arrays of the parameters with the original, but not the gradients; 'copy' copies
                them; 'init' copies and initialises them anew.

        Raises:
            ValueError: when the mode is none of these.
        """
        _check_mode('copy', mode)
        if mode == 'share':
            return self._copy_sharing()
        copied = copy.deepcopy(self)
        if mode == 'init':
            for param in copied.params(include_uninit=False):
                param.initialize(param.shape)
        return copied

    def _copy_sharing(self) -> Any:
        copied = copy.copy(self)
        attributes = copied.__dict__
        attributes.update(_params=set(self._params), _persistent=set(self._persistent), name=None)
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
        return self._sequence_class(*(self.copy(mode) for _ in range(n_repeat)))

    def addgrads(self, link: Any) -> None:
        """Add the gradients of another link's parameters to those of this link's.

        Args:
            link: a link of the same structure.
        """
        for param, other in self._pairs('addgrads', link):
            param.addgrad(other)

    def copyparams(self, link: Any, copy_persistent: bool = True) -> None:
        """Copy the parameters, and the persistents, of another link into this one.

        Args:
            link: a link of the same structure; parameters without shape there change nothing here.
            copy_persistent: whether persistents are copied too.

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
            mine, theirs = target.__dict__, sources[path].__dict__
            for name in target._persistent & theirs.keys():
                if is_array(mine[name]) and theirs[name] is not None:
                    copyto(mine[name], theirs[name])
                else:
                    mine[name] = copy.deepcopy(theirs[name])

    def _pairs(self, method: str, link: Any) -> list[tuple[Any, Any]]:
        """Pair the parameters of two links by their paths, after a check that all fit."""
        mine, theirs = dict(self.namedparams()), dict(link.namedparams())
        who = f'{type(self).__name__}.{method}'
        if missing := sorted(mine.keys() - theirs.keys()):
            raise KeyError(
                f'{who}: the other link ({type(link).__name__}) must have the same parameters, but it lacks {missing}.'
            )
        pairs = [(param, theirs[path]) for path, param in mine.items()]
        for path, (a, b) in zip(mine, pairs):
            if a.is_initialized and b.is_initialized and a.shape != b.shape:
                raise ValueError(f'{who}: shapes must be equal, but {path} is {a.shape} here and {b.shape} there.')
        return pairs


def _check_mode(method: str, mode: str) -> None:
    if mode not in ('share', 'copy', 'init'):
        raise ValueError(f"Link.{method}: mode must be 'share', 'copy' or 'init', but it is {mode!r}.")
