"""Classifier, a model with its loss and its accuracy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chaingrad.autograd.variable import Variable
from chaingrad.functions.evaluation import accuracy
from chaingrad.functions.loss.cross_entropy import softmax_cross_entropy
from chaingrad.links.chain import Chain
from chaingrad.links.reporter import report


class Classifier(Chain):
    """A model with its loss and its accuracy, which are reported.

    Calling it returns the loss. The results of the last call are in `y`, `loss` and `accuracy`.

    Args:
        predictor: the model, a link or any callable.
        lossfun: function of (y, t) that gives the loss.
        accfun: function of (y, t) that gives the accuracy.
        label_key: the argument that is the label t, by position (int) or keyword (str). The others go to the predictor.

    Attributes:
        compute_accuracy (bool): compute the accuracy. True; set it to False to save time.

    Raises:
        TypeError: when label_key is neither int nor str.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> model = L.Classifier(L.Linear(4, 3, initialW=0))
        >>> loss = model(np.zeros((2, 4), np.float32), np.array([0, 2]))
        >>> f'{loss:.4f}'
        '1.0986'
    """

    compute_accuracy = True

    def __init__(
        self,
        predictor: Callable[..., Any],
        lossfun: Callable[..., Any] = softmax_cross_entropy,
        accfun: Callable[..., Any] = accuracy,
        label_key: int | str = -1,
    ) -> None:
        if not isinstance(label_key, (int, str)):
            raise TypeError(f'Classifier: label_key must be int or str, but it is {type(label_key).__name__}.')
        super().__init__()
        self.lossfun = lossfun
        self.accfun = accfun
        self.label_key = label_key
        self.y: Any = None
        self.loss: Variable | None = None
        self.accuracy: Variable | None = None
        with self.init_scope():
            self.predictor = predictor

    def forward(self, *args: Any, **kwargs: Any) -> Variable:
        """Compute and report loss and accuracy.

        Args:
            args: inputs of the predictor, and the label at the position that `label_key` gives.
            kwargs: more of them.

        Returns:
            Variable, the loss.

        Raises:
            ValueError: when there is no argument for `label_key`.
        """
        key = self.label_key
        if isinstance(key, int):
            if not -len(args) <= key < len(args):
                raise ValueError(
                    f'Classifier: label key {key} is out of bounds: there are {len(args)} positional arguments. '
                    'Call it with inputs and label: model(x, t).'
                )
            inputs = list(args)
            t = inputs.pop(key)
            if not inputs and not kwargs:
                raise TypeError(
                    'Classifier: inputs and label must be given, but there is one argument. Write model(x, t); for '
                    'predictions call model.predictor(x).'
                )
        else:
            if key not in kwargs:
                raise ValueError(
                    f'Classifier: label key {key!r} is not among the keywords {sorted(kwargs)}. Name the label so, or '
                    'make the Classifier with another label_key.'
                )
            inputs = list(args)
            t = kwargs.pop(key)
        self.y = self.loss = self.accuracy = None  # frees the graph of the step before
        self.y = self.predictor(*inputs, **kwargs)
        loss = self.lossfun(self.y, t)
        self.loss = loss
        report({'loss': loss}, self)
        if self.compute_accuracy:
            self.accuracy = self.accfun(self.y, t)
            report({'accuracy': self.accuracy}, self)
        return loss
