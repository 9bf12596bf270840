"""Links: layers and models. The layers are public as `chaingrad.links`.

Read `link.py`, `chain.py` and `sequential.py` first. Layers lie by family in `activation/`, `connection/`, `loss/`,
`normalization/`, `rnn/` and `model/`; initial values of parameters in `initializers/`; saving and loading in
`serializers/`; callbacks around their calls in `hooks/`; reports of values in `reporter.py`.
"""

import typing as _typing

from chaingrad.autograd.advice import module_getattr as _module_getattr
from chaingrad.links import (
    activation,
    connection,
    loss,
    model,
    normalization,
    rnn,
    sequential,  # noqa: F401 (tells Link which class `repeat` makes)
)
from chaingrad.links.activation import *  # noqa: F403
from chaingrad.links.connection import *  # noqa: F403
from chaingrad.links.loss import *  # noqa: F403
from chaingrad.links.model import *  # noqa: F403
from chaingrad.links.normalization import *  # noqa: F403
from chaingrad.links.rnn import *  # noqa: F403

# Written in the form that editors and type checkers read.
__all__ = []
__all__ += activation.__all__
__all__ += connection.__all__
__all__ += loss.__all__
__all__ += model.__all__
__all__ += normalization.__all__
__all__ += rnn.__all__


def __dir__() -> list[str]:
    """The public links only."""
    return __all__


if not _typing.TYPE_CHECKING:  # a type checker that saw it would accept every name
    __getattr__ = _module_getattr(__name__, __all__)
