"""Run all checks of a module on all ranks: `mpiexec -n 2 python -m tests.multi_node.checks.all_of gradients`.

A check is a function `check_...` of the communicator. Rank 0 prints a JSON object: for each check None, or the
tracebacks of the ranks on which it has failed.
"""

from __future__ import annotations

import importlib
import json
import random
import sys
import traceback
import warnings

import numpy as np

from chaingrad import multi_node


def names_of(module):
    return [name for name in vars(module) if name.startswith('check_')]


def main():
    warnings.simplefilter('error')
    module = importlib.import_module(f'tests.multi_node.checks.{sys.argv[1]}')
    comm = multi_node.create_communicator('flat')
    results = {}
    for name in names_of(module):
        np.random.seed(comm.rank)  # the ranks begin with different parameters
        random.seed(comm.rank)
        problem = None
        try:
            getattr(module, name)(comm)
        except Exception:
            problem = f'rank {comm.rank} of {comm.size}:\n{traceback.format_exc()}'
        results[name] = '\n'.join(filter(None, comm.allgather_obj(problem))) or None
    if comm.rank == 0:
        print(json.dumps(results))


if __name__ == '__main__':
    main()
