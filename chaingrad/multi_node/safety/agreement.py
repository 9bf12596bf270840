"""What all ranks must agree on before the first step: the model, the optimizer, the length of the data, the seed.

Each rank sends digests; only where they differ, the texts behind them, from which the error says what differs.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from chaingrad.training import random_state
from chaingrad.training.run_state import digest

__all__ = ['describe_iterator', 'describe_model', 'describe_optimizer', 'require_agreement', 'same_values']


def describe_model(model: Any) -> list[str]:
    """Return a line for each parameter and persistent array: path, dtype and shape."""
    return [
        f'{path} {"not initialized" if p.array is None else f"{p.array.dtype} {p.array.shape}"}'
        for path, p in sorted(model.namedparams())
    ]


def describe_optimizer(optimizer: Any) -> list[str]:
    """Return the class and the hyperparameters of an optimizer, a line for each."""
    hyperparam = getattr(optimizer, 'hyperparam', None)
    values = {} if hyperparam is None else hyperparam.get_dict()
    t = f't = {getattr(optimizer, "t", None)}'
    return [type(optimizer).__name__, t, *(f'{name} = {value!r}' for name, value in sorted(values.items()))]


def describe_iterator(iterator: Any) -> list[str]:
    """Return the length of the dataset and of a batch; nothing for an iterator that has none."""
    dataset = getattr(iterator, 'dataset', None)
    if dataset is None:
        return []
    return [f'{len(dataset)} examples', f'batches of {getattr(iterator, "batch_size", "unknown size")}']


def require_agreement(comm: Any, optimizer: Any, iterator: Any) -> None:
    """Raise RuntimeError on all ranks when they differ in what must be the same.

    Args:
        comm (MpiCommunicator): the ranks.
        optimizer (Optimizer): the optimizer, with its target.
        iterator (Iterator): that of the training data, or None.
    """
    seed = random_state.given_seed
    facts = {
        'model': describe_model(optimizer.target),
        'optimizer': describe_optimizer(optimizer),
        'dataset': describe_iterator(iterator),
        'seed (set_seed)': [] if seed is None else [str(seed)],
    }
    digests = comm.allgather_obj({name: _digest_of(lines) for name, lines in facts.items() if lines})
    for name, lines in facts.items():
        if len({each[name] for each in digests if name in each}) > 1:
            raise RuntimeError(_difference(name, comm.allgather_obj(lines)))


def _digest_of(lines: list[str]) -> bytes:
    return hashlib.blake2b('\n'.join(lines).encode(), digest_size=8).digest()


def _difference(name: str, described: list[list[str]]) -> str:
    """Say how the first rank that differs from another differs from it."""
    known = [rank for rank, lines in enumerate(described) if lines]
    first = known[0]
    other = next(rank for rank in known if described[rank] != described[first])
    only = [[x for x in described[a] if x not in described[b]] for a, b in ((first, other), (other, first))]
    return (
        f'create_multi_node_optimizer: the ranks differ in their {name}: rank {first} has '
        f'{"; ".join(only[0][:3]) or "less"}, rank {other} has {"; ".join(only[1][:3]) or "less"}. All ranks must have '
        'the same before the first step: run the same program on each, and give every rank as many examples '
        '(chaingrad.multi_node.scatter_dataset).'
    )


def same_values(comm: Any, model: Any) -> bool:
    """Return whether the parameters have the same values on all ranks."""
    total = hashlib.blake2b(digest_size=16)
    for path, param in sorted(model.namedparams()):
        if param.array is not None:
            total.update(path.encode())
            total.update(digest(np.asarray(param.array)).encode())
    return len(set(comm.allgather_obj(total.digest()))) == 1
