"""The command line: `python -m chaingrad run program.py`, `... convert in.npz out.safetensors`, `... find words`
and `... info`."""

from __future__ import annotations

import sys

from chaingrad._find import find
from chaingrad._info import print_info
from chaingrad._version import __version__
from chaingrad.compat.program import run
from chaingrad.links.serializers.converting import convert_file

USAGE = """\
usage: python -m chaingrad run program.py [argument ...]
       python -m chaingrad convert in.npz out.safetensors
       python -m chaingrad find word ...
       python -m chaingrad info

run      runs a program as `python program.py` does; its `import chainer` gives chaingrad
convert  writes the arrays of a file in another format: .npz, .h5, .hdf5, .safetensors; the keys stay
find     prints the public names that have the words in their name or first line
info     prints versions, the BLAS and its threads, oneDNN, and which extras are installed"""


def main(arguments: list[str]) -> int:
    """Run the command that the arguments name and return the exit status."""
    if arguments[:1] == ['run'] and len(arguments) > 1 and not arguments[1].startswith('-'):
        return run(arguments[1], arguments[2:])
    if arguments == ['info']:
        print_info()
        return 0
    if arguments[:1] == ['convert'] and len(arguments) == 3:
        return _convert(*arguments[1:])
    if arguments[:1] == ['find'] and len(arguments) > 1 and not arguments[1].startswith('-'):
        return find(arguments[1:])
    if arguments in (['-h'], ['--help'], ['run', '-h'], ['run', '--help']):
        print(USAGE)
        return 0
    if arguments == ['--version']:
        print(f'chaingrad {__version__}')
        return 0
    print(USAGE, file=sys.stderr)
    return 2


def _convert(source: str, target: str) -> int:
    """Convert a file and return the exit status."""
    try:
        count = convert_file(source, target)
    except (OSError, ValueError, TypeError, ImportError) as error:
        text = str(error).replace('convert: ', '', 1)
        print(f'python -m chaingrad convert: {text}', file=sys.stderr)
        return 1
    print(f'{target}: {count} arrays')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
