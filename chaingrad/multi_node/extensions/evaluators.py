"""Evaluation on all ranks, each on its part of the data."""

from __future__ import annotations

import copy
import types
from collections.abc import Iterable, Iterator
from typing import Any

from chaingrad.autograd.backends import get_device
from chaingrad.autograd.configuration import no_backprop_mode, using_config
from chaingrad.functions.checks import refuse
from chaingrad.links.reporter import report
from chaingrad.training.dataset.convert import call_converter, concat_examples
from chaingrad.training.extension import PRIORITY_WRITER, Extension
from chaingrad.training.updaters.calling import call_with

__all__ = ['GenericMultiNodeEvaluator', 'create_multi_node_evaluator']


def create_multi_node_evaluator(actual_evaluator: Any, communicator: Any) -> Any:
    """Let an evaluator return the means of what all ranks compute on their parts.

    Every rank has the same weight, so their parts should be of one length. All ranks get the result.

    Args:
        actual_evaluator (Evaluator): an evaluator of this rank's part of the data.
        communicator (MpiCommunicator): the ranks.

    Returns:
        The same evaluator, whose `evaluate` is replaced.

    Example:
        >>> import chaingrad, numpy as np, chaingrad.links as L
        >>> from chaingrad import iterators, multi_node
        >>> from chaingrad.training import extensions
        >>> data = [(np.ones(1, 'f'), np.int32(0))]
        >>> actual = extensions.Evaluator(
        ...     iterators.SerialIterator(data, 1, repeat=False), L.Classifier(L.Linear(1, 2, initialW=0)))
        >>> evaluator = multi_node.create_multi_node_evaluator(actual, multi_node.create_communicator())
        >>> round(float(evaluator()['main/loss']), 3)
        0.693

    Source: ChainerMN's `create_multi_node_evaluator`.
    """
    actual_evaluator._mn_original_evaluate = actual_evaluator.evaluate
    actual_evaluator._mn_communicator = communicator
    actual_evaluator.evaluate = types.MethodType(_evaluate_everywhere, actual_evaluator)
    return actual_evaluator


def _evaluate_everywhere(evaluator: Any) -> dict[str, Any]:
    """Return the means over the ranks; a name that some ranks lack is averaged over those that have it."""
    found = evaluator._mn_original_evaluate()
    comm = evaluator._mn_communicator
    if comm.size == 1:
        return found
    everywhere = comm.allgather_obj({name: float(getattr(value, 'array', value)) for name, value in found.items()})
    means = {}
    for name in dict.fromkeys(name for values in everywhere for name in values):
        values = [each[name] for each in everywhere if name in each]
        means[name] = sum(values) / len(values)
    return means


class GenericMultiNodeEvaluator(Extension):
    """Evaluate batch by batch on all ranks, and make one result of all of them on the root.

    Subclass it and define `calc_local`, which computes what one batch gives, and `aggregate`, which makes the result of
    all batches of all ranks; it runs on the root alone, and what it returns, a dict or another value, is reported.
    For results that are no means, such as BLEU.

    Args:
        comm (MpiCommunicator): the ranks.
        iterator (Iterator): the data of this rank, with `repeat=False`.
        target (Link): the model.
        device: device that batches are sent to. Default: they stay where they are.
        converter (callable): makes arrays of a batch.
        root (int): the rank that aggregates.
        **kwargs: `progress_hook`, a function of the batch that is called before each one.

    Example:
        >>> from chaingrad import iterators, multi_node
        >>> class Largest(multi_node.extensions.GenericMultiNodeEvaluator):
        ...     def calc_local(self, xs):
        ...         return xs.max()
        ...     def aggregate(self, results):
        ...         return {'largest': max(results)}
        >>> import numpy as np
        >>> data = iterators.SerialIterator(np.arange(5.0), 2, repeat=False, shuffle=False)
        >>> Largest(multi_node.create_communicator(), data, None)(None)
        {'largest': np.float64(4.0)}

    Source: ChainerMN's `GenericMultiNodeEvaluator`.
    """

    trigger = (1, 'epoch')
    default_name = 'validation'
    priority = PRIORITY_WRITER
    name = None

    def __init__(
        self,
        comm: Any,
        iterator: Any,
        target: Any,
        device: Any = None,
        converter: Any = concat_examples,
        root: int = 0,
        **kwargs: Any,
    ) -> None:
        self._progress_hook = kwargs.pop('progress_hook', None)
        refuse('GenericMultiNodeEvaluator', kwargs)
        self.comm = comm
        self.iterator = iterator
        self._targets = {'main': target}
        self.device = None if device is None else get_device(device)
        self.converter = converter
        self.root = root

    def __call__(self, trainer: Any) -> Any:
        """Evaluate; return the result at the root, None elsewhere."""
        iterator = self.iterator
        if hasattr(iterator, 'reset'):
            iterator.reset()
        else:
            iterator = copy.copy(iterator)
        with using_config('train', False), no_backprop_mode():
            rounds = self._rounds(iterator)
            if self.comm.rank != self.root:
                for _ in rounds:
                    pass
                return None
            result = self.aggregate(rounds)
            for _ in rounds:  # what aggregate has not asked for: the other ranks send it
                pass
        prefix = '' if self.name is None else f'{self.name}/'
        if isinstance(result, dict):
            report({f'{prefix}{name}': value for name, value in result.items()})
        elif result is not None:
            report({f'{prefix}main/result': result})
        return result

    def _rounds(self, iterator: Any) -> Iterator[Any]:
        """Yield the results of all ranks: batch 0 of rank 0, of rank 1, ..., batch 1 of rank 0, ..."""
        while True:
            batch = next(iterator, None)
            local = None if batch is None else (self._calculate(batch),)
            gathered = self.comm.gather_obj(local, root=self.root)
            found = [one[0] for one in gathered or () if one is not None]
            if self.comm.bcast_obj(not found, root=self.root):
                return
            yield from found

    def _calculate(self, batch: Any) -> Any:
        if self._progress_hook is not None:
            self._progress_hook(batch)
        return call_with(call_converter(self.converter, batch, self.device), self.calc_local)

    def calc_local(self, *args: Any, **kwargs: Any) -> Any:
        """Return what one batch gives; define it."""
        raise NotImplementedError(f'{type(self).__name__} must define calc_local(self, *args), called with a batch.')

    def aggregate(self, results: Iterable[Any]) -> Any:
        """Return the result of the results of all batches; define it."""
        raise NotImplementedError(f'{type(self).__name__} must define aggregate(self, results).')
