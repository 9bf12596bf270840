"""Print the tables, or check the model on the ranks that were started."""

from __future__ import annotations

import argparse

from benchmarks.scaling import checking, tables
from chaingrad import multi_node


def main() -> None:
    parser = argparse.ArgumentParser(description='When adding machines stops to pay.')
    parser.add_argument('--check', action='store_true', help='compare predicted with measured steps')
    parser.add_argument('--repetitions', type=int, default=30)
    options = parser.parse_args()
    if not options.check:
        print('\n'.join([*tables.weak_table(), '', *tables.strong_table()]))
        return
    comm = multi_node.create_communicator('flat')
    rows = checking.check(comm, options.repetitions)
    if comm.rank == 0:
        print('\n'.join(rows), flush=True)


if __name__ == '__main__':
    main()
