"""The command line: `python -m chaingrad run program.py` and `python -m chaingrad info`."""

from __future__ import annotations

import sys

from chaingrad._info import print_info
from chaingrad._version import __version__
from chaingrad.compat.program import run

USAGE = """\
usage: python -m chaingrad run program.py [argument ...]
       python -m chaingrad info

run    runs a program as `python program.py` does; its `import chainer` gives chaingrad
info   prints versions, the BLAS and its threads, oneDNN, and which extras are installed"""


def main(arguments: list[str]) -> int:
    """Run the command that the arguments name and return the exit status."""
    if arguments[:1] == ['run'] and len(arguments) > 1 and not arguments[1].startswith('-'):
        return run(arguments[1], arguments[2:])
    if arguments == ['info']:
        print_info()
        return 0
    if arguments in (['-h'], ['--help'], ['run', '-h'], ['run', '--help']):
        print(USAGE)
        return 0
    if arguments == ['--version']:
        print(f'chaingrad {__version__}')
        return 0
    print(USAGE, file=sys.stderr)
    return 2


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
