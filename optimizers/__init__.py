"""Optimizers, which change the parameters of a link by their gradients.

Each rule is in a file of its own, beside its equation; `optimizer.py` and `update_rule.py` hold their bases,
`hooks.py` the hooks that change gradients before an update. Schedules of learning rates are extensions, in `training`.
"""

import typing as _typing

from chaingrad.autograd.advice import module_getattr as _module_getattr
from chaingrad.optimizers.ada_delta import AdaDelta
from chaingrad.optimizers.ada_grad import AdaGrad
from chaingrad.optimizers.adam import AdaBound, Adam, AdamW, AMSBound, AMSGrad
from chaingrad.optimizers.corrected_momentum_sgd import CorrectedMomentumSGD
from chaingrad.optimizers.momentum_sgd import MomentumSGD
from chaingrad.optimizers.msvag import MSVAG
from chaingrad.optimizers.nesterov_ag import NesterovAG
from chaingrad.optimizers.rmsprop import RMSprop
from chaingrad.optimizers.rmsprop_graves import RMSpropGraves
from chaingrad.optimizers.sgd import SGD
from chaingrad.optimizers.smorms3 import SMORMS3

__all__ = [
    'SGD',
    'MSVAG',
    'SMORMS3',
    'AMSBound',
    'AMSGrad',
    'AdaBound',
    'AdaDelta',
    'AdaGrad',
    'Adam',
    'AdamW',
    'CorrectedMomentumSGD',
    'MomentumSGD',
    'NesterovAG',
    'RMSprop',
    'RMSpropGraves',
]


def __dir__() -> list[str]:
    """The public names only."""
    return __all__


if not _typing.TYPE_CHECKING:  # a type checker that saw it would accept every name
    __getattr__ = _module_getattr(__name__, __all__)
