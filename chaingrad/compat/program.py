"""Runs a program's file as `python program.py` would, with `import chainer` giving chaingrad.

A process that `multiprocessing` starts anew imports the module again that the program's `__main__.__spec__` names. That
name is made so that the import lands here and finds the file: `chaingrad.compat.program.` and the file's path, in
hexadecimal digits. So the alias is there before the first line of the program runs, in every process.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
import types
from collections.abc import Sequence
from typing import Any

from chaingrad.compat import python2
from chaingrad.compat.alias import install_as_chainer

# Submodules may be imported from here: their finder is below.
__path__: list[str] = []


class Program(importlib.abc.SourceLoader):
    """Loads a program's file, whatever its name, and leaves no compiled copy behind."""

    def __init__(self, path: str) -> None:
        self.path = path

    def get_filename(self, fullname: str) -> str:
        """Return the path of the file."""
        return self.path

    def get_data(self, path: str | bytes) -> bytes:
        """Return what is in the file."""
        with open(path, 'rb') as file:
            return file.read()

    def spec(self) -> importlib.machinery.ModuleSpec:
        """Return a spec by whose name `find_spec` below finds this file."""
        name = f'{__name__}.{os.fsencode(self.path).hex()}'
        spec = importlib.machinery.ModuleSpec(name, self, origin=self.path)
        spec.has_location = True
        return spec


class ProgramFinder:
    """Finds the file that a name made by `Program.spec` tells, and installs the alias for it."""

    @staticmethod
    def find_spec(fullname: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of a program; None for every other name."""
        package, _, digits = fullname.rpartition('.')
        if package != __name__:
            return None
        install_as_chainer()
        return Program(os.fsdecode(bytes.fromhex(digits))).spec()


sys.meta_path.append(ProgramFinder)


def run(script: str, arguments: Sequence[str]) -> int:
    """Run a program's file in place of the program that runs now.

    Args:
        script: path of the file.
        arguments: what the program finds in `sys.argv` behind its own name.

    Returns:
        The exit status: 0, or 1 after an error, which is printed. A SystemExit of the program goes through.
    """
    path = os.path.abspath(script)
    if not os.path.isfile(path):
        print(f'python -m chaingrad run: there is no file {script!r}.', file=sys.stderr)
        return 2
    install_as_chainer()
    loader = Program(path)
    main = types.ModuleType('__main__')
    main.__dict__.update(__file__=path, __loader__=loader, __spec__=loader.spec(), __package__=None, __cached__=None)
    sys.argv[:] = [script, *arguments]
    _enter_folder(os.path.dirname(os.path.realpath(path)))
    sys.modules['__main__'] = main
    try:
        loader.exec_module(main)
    except Exception as error:
        hint = python2.explain(error)
        if hint is None:
            error = error.with_traceback(_below_import(error.__traceback__))
            sys.excepthook(type(error), error, error.__traceback__)
        else:
            print(hint, file=sys.stderr)
        return 1
    return 0


def _enter_folder(folder: str) -> None:
    """Put the program's folder in the place of that of `python -m`, and keep chaingrad within reach."""
    if not getattr(sys.flags, 'safe_path', False):
        sys.path[0] = folder
    # Where chaingrad lay in the folder that was left, new processes could not import it.
    if not any(finder.find_spec('chaingrad', None) for finder in sys.meta_path):
        sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _below_import(traceback: types.TracebackType | None) -> types.TracebackType | None:
    """Leave out what stands above the program: this file and the import system."""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if file != __file__ and not file.startswith('<frozen importlib'):
            break
        traceback = traceback.tb_next
    return traceback
