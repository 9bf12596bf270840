"""Link, the base of layers and models: it owns parameters and addresses them by path.

How links are called, with hooks around, is in `calling.py`; how they are copied in `copying.py`; links made of links in
`chain.py`, `chain_list.py` and `sequential.py`; how to find what a link has not registered in `unregistered.py`.
"""

from __future__ import annotations

import contextlib
import importlib
import warnings
from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np

from chaingrad.autograd.advice import KnownKeywords, no_attribute
from chaingrad.autograd.annotations import Shape
from chaingrad.autograd.backends import DeviceResident, DeviceResidentsVisitor, copyto
from chaingrad.autograd.backends.array_module import is_array
from chaingrad.autograd.initializer import Constant, NaN
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.tracebacks import shorten
from chaingrad.links.annotations import DTypeLike
from chaingrad.links.calling import CallingMixin
from chaingrad.links.copying import CopyingMixin
from chaingrad.links.serializer import AbstractSerializer
from chaingrad.links.unregistered import contained_unregistered, registered_ids

_Self = TypeVar('_Self', bound='Link')


class Link(CallingMixin, CopyingMixin, DeviceResident, KnownKeywords):
    """A callable object with parameters: the base class of layers and, through Chain, of models.

    A subclass registers its parameters inside `init_scope` and defines `forward`; calling the link calls `forward`.
    Parameters and persistents (values that are saved, but not trained) are addressed by their attribute names.

    Args:
        params: shape (or a pair of shape and dtype) of each parameter to add, by name; as old programs write it.

    Example:
        >>> import numpy as np, chaingrad, chaingrad.functions as F
        >>> class Dense(chaingrad.Link):
        ...     def __init__(self, n_in, n_out):
        ...         super().__init__()
        ...         with self.init_scope():
        ...             self.W = chaingrad.Parameter(chaingrad.initializers.Normal(), (n_out, n_in))
        ...             self.b = chaingrad.Parameter(0, (n_out,))
        ...     def forward(self, x):
        ...         return F.linear(x, self.W, self.b)
        >>> layer = Dense(3, 2)
        >>> layer(np.zeros((4, 3), np.float32)).shape
        (4, 2)
        >>> [path for path, param in layer.namedparams()]
        ['/W', '/b']
    """

    name: str | None = None
    """The name under which its parent holds it."""

    _shown: tuple[str, ...] = ()
    """The arguments that `repr` shows, which are attributes too."""

    _within_init_scope = False

    def __init__(self, **params: Any) -> None:
        super().__init__()
        self._local_link_hooks = None  # every call reads it, and fails where this method was not called
        self._params: set[str] = set()
        self._persistent: set[str] = set()
        for name, value in params.items():
            is_pair = isinstance(value, tuple) and len(value) == 2 and not isinstance(value[1], (int, np.integer))
            if is_pair:
                self.add_param(name, value[0], value[1])
            else:
                self.add_param(name, value)

    def __getattr__(self, name: str) -> Any:
        # Python only calls this for an attribute that does not exist.
        kind = type(self).__name__
        if name in ('_params', '_persistent', '_children', '_local_link_hooks') and '_params' not in vars(self):
            raise RuntimeError(
                f'{kind}: Link.__init__() has not been called. Begin {kind}.__init__ with super().__init__().'
            )
        if name == '_local_link_hooks':  # of a link that an earlier version has pickled
            return None
        advice = f' Define {kind}.forward(self, x): calling the link calls it.' if name == 'forward' else ''
        no_attribute(self, name, 'LINK', remark=f'.{advice}')

    # Registration

    def __setattr__(self, name: str, value: Any) -> None:
        if self._within_init_scope and isinstance(value, Parameter):
            value.name = name
            value.to_device(self.device)
            self._params.add(name)
            self._persistent.discard(name)
        object.__setattr__(self, name, value)

    def __delattr__(self, name: str) -> None:
        self._params.discard(name)
        self._persistent.discard(name)
        object.__delattr__(self, name)

    @property
    def within_init_scope(self) -> bool:
        """True inside `init_scope`: parameters (and links, in a Chain) that are assigned now are registered."""
        return self._within_init_scope

    @contextlib.contextmanager
    def init_scope(self) -> Iterator[None]:
        """Register the parameters, in a Chain the links too, that are assigned to attributes inside the block.

        Raises:
            RuntimeError: when `super().__init__()` was not called before.
        """
        outer = self._within_init_scope
        before = dict(vars(self))
        self._params  # noqa: B018 (raises an error that says so when super().__init__() was forgotten)
        object.__setattr__(self, '_within_init_scope', True)
        try:
            yield
        except Exception as error:
            shorten(error, error.__traceback__.tb_next)  # type: ignore[union-attr]
            raise
        finally:
            object.__setattr__(self, '_within_init_scope', outer)
        for name, value in vars(self).items():
            if before.get(name) is not value and isinstance(value, (list, tuple, dict, set)):
                self._warn_unregistered(name, value)

    def _warn_unregistered(self, name: str, value: Any) -> None:
        found = contained_unregistered(name, value, registered_ids(self), (Link, Parameter))
        if found:
            warnings.warn(
                f'{type(self).__name__}.{name} is a plain {type(value).__name__}, so what it holds is not registered, '
                f'trained or saved: {", ".join(found)}. Use ChainList or Sequential, or give each an attribute.',
                stacklevel=4,
            )

    def add_param(
        self, name: str, shape: int | Shape | None = None, dtype: DTypeLike = np.float32, initializer: Any = None
    ) -> None:
        """Add a parameter; newer programs assign it inside `init_scope`.

        Args:
            name: its attribute name.
            shape: int or tuple; None for a parameter that gets its shape later.
            dtype: its dtype, where the initializer has none.
            initializer: initializer, array or scalar; NaN when None.

        Raises:
            AttributeError: when there is an attribute of this name.
        """
        self._refuse_taken('parameter', name)
        if initializer is None:
            initializer = NaN(dtype)
        elif np.isscalar(initializer):
            initializer = Constant(initializer, dtype)
        with self.init_scope():
            setattr(self, name, Parameter(initializer, shape))

    def add_persistent(self, name: str, value: Any) -> None:
        """Add a value that is saved and loaded with the link, but not trained.

        Args:
            name: its attribute name.
            value: array or scalar.

        Raises:
            AttributeError: when there is an attribute of this name.
        """
        self._refuse_taken('persistent', name)
        object.__setattr__(self, name, value)
        self.register_persistent(name)

    def register_persistent(self, name: str) -> None:
        """Have an attribute saved and loaded with the link.

        Args:
            name: name of an existing attribute.

        Raises:
            AttributeError: when there is no such attribute.
        """
        if not hasattr(self, name):
            raise AttributeError(
                f'{type(self).__name__}.register_persistent: there is no attribute {name!r}. Set it first.'
            )
        self._persistent.add(name)
        self._params.discard(name)

    def _refuse_taken(self, what: str, name: str) -> None:
        if name in vars(self):
            raise AttributeError(
                f'{type(self).__name__}: cannot register a new {what} {name!r}: the attribute exists. '
                'Choose another name, or delete the attribute first.'
            )

    # Parameters, and links below

    def params(self, include_uninit: bool = True) -> Iterator[Parameter]:
        """Yield the parameters of this link and of the links below it, by name within each.

        Args:
            include_uninit: include parameters without shape.
        """
        attributes = self.__dict__
        for name in sorted(self._params):
            if include_uninit or attributes[name].is_initialized:
                yield attributes[name]

    def namedparams(self, include_uninit: bool = True) -> Iterator[tuple[str, Parameter]]:
        """Yield (path, parameter), such as `('/l1/W', W)`.

        Args:
            include_uninit: include parameters without shape.
        """
        attributes = self.__dict__
        for name in sorted(self._params):
            if include_uninit or attributes[name].is_initialized:
                yield '/' + name, attributes[name]

    def links(self, skipself: bool = False) -> Iterator[Link]:
        """Yield this link and all links below it, parents first.

        Args:
            skipself: leave out this link itself.
        """
        if not skipself:
            yield self
        for child in self.children():
            yield from child.links()

    def namedlinks(self, skipself: bool = False) -> Iterator[tuple[str, Link]]:
        """Yield (path, link): `'/'` for this link, `'/l1'` for a child.

        Args:
            skipself: leave out this link itself.
        """
        if not skipself:
            yield '/', self

    def children(self) -> Iterator[Link]:
        """Yield the links directly below this one."""
        return iter(())

    def count_params(self) -> int:
        """Return the number of elements of all parameters; warn about those without shape."""
        lazy = [path for path, param in self.namedparams() if not param.is_initialized]
        if lazy:
            warnings.warn(
                f'{type(self).__name__}.count_params: not counted, because they have no shape yet: {", ".join(lazy)}. '
                'Call the link once, or give it its input size.',
                stacklevel=2,
            )
        return sum(param.size for param in self.params(include_uninit=False))

    def device_resident_accept(self, visitor: DeviceResidentsVisitor) -> None:
        """Pass the parameters and persistent arrays to a visitor, such as the one that moves them to a GPU."""
        super().device_resident_accept(visitor)
        attributes = self.__dict__
        for name in sorted(self._params):
            visitor.visit_variable(attributes[name])
        for name in sorted(self._persistent):
            if is_array(attributes[name]):
                attributes[name] = visitor.visit_array(attributes[name])

    # Gradients and updates

    def cleargrads(self) -> None:
        """Set the gradients of all parameters to None. Call it before `backward()`."""
        for param in self.params():
            param.cleargrad()

    def zerograds(self) -> None:
        """Fill the gradients of all parameters with zeros; deprecated, use `cleargrads`."""
        warnings.warn('Link.zerograds is deprecated. Use Link.cleargrads instead.', DeprecationWarning, stacklevel=2)
        for param in self.params():
            param._fill_grad_with_zeros()

    @property
    def update_enabled(self) -> bool:
        """True when an optimizer updates at least one of the parameters."""
        return any(param.update_rule is not None and param.update_rule.enabled for param in self.params())

    def enable_update(self) -> None:
        """Let optimizers update all parameters. Call `optimizer.setup(model)` first."""
        self._set_update(True)

    def disable_update(self) -> None:
        """Keep optimizers from updating the parameters: they are frozen."""
        self._set_update(False)

    def _set_update(self, enabled: bool) -> None:
        for param in self.params():
            if param.update_rule is not None:
                param.update_rule.enabled = enabled

    # Files

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load parameters and persistents by a serializer.

        Args:
            serializer: an `AbstractSerializer`.
        """
        # `collect` of our loaders gathers every mismatch of a file before it raises.
        visit = getattr(serializer, 'collect', serializer)
        attributes = self.__dict__
        for name in sorted(self._params):
            param = attributes[name]
            data = visit(name, param.array if param.is_initialized else None)
            if data is not None and not param.is_initialized:
                param.initialize(data.shape)
                copyto(param.array, data)
        for name in sorted(self._persistent):
            attributes[name] = visit(name, attributes[name])

    def _serialized_objects(self) -> Iterator[Any]:
        """Yield what a loader restores when the file does not fit (see `serializers/loading.py`)."""
        yield from self.links()
        for param in self.params():
            if not param.is_initialized:
                yield from param._sharing()

    # At a prompt

    @classmethod
    def from_params(cls: type[_Self], *args: Any, **kwargs: Any) -> _Self:
        """Make a link from arrays of parameters; a subclass defines which."""
        raise NotImplementedError(f'{cls.__name__} cannot be made from parameters.')

    @property
    def printable_specs(self) -> Iterator[tuple[str, Any]]:
        """Yield (argument, value) for `repr`: the arguments in `_shown`, or the shapes of the parameters without it."""
        for name in self._shown:
            yield name, getattr(self, name)
        if not self._shown:
            for name in sorted(self._params):
                param = getattr(self, name)
                yield name, param.shape if param.is_initialized else None

    def __str__(self) -> str:
        specs = ', '.join(f'{name}={value}' for name, value in self.printable_specs)
        return f'{type(self).__name__}({specs})'

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        """Return what notebooks show: a tree of links and parameters."""
        return importlib.import_module('chaingrad.links.display').link_html(self)  # few programs need it
