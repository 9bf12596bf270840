"""Running a program as `python program.py` does, where `import chainer` gives chaingrad.

A new process that `multiprocessing` starts imports the module that the program's `__main__.__spec__` names. That name
is `chaingrad.compat.program.` followed by the file's path in hexadecimal digits, so the import comes to this module and
finds the file. So the alias is installed before the first line of the program runs, in every process.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import os
import sys
import types
from collections.abc import Sequence

from chaingrad.compat import python2
from chaingrad.compat.alias import install_as_chainer

# A package has a path: submodules are imported from here, and their finder is below.
__path__: list[str] = []


class Program(importlib.abc.SourceLoader):
    """Loads a program's file, which may have any name, and writes no compiled copy."""

    def __init__(self, path: str) -> None:
        self.path = path

    def get_filename(self, fullname: str) -> str:
        """Return the path of the file."""
        return self.path

    def get_data(self, path: str | bytes) -> bytes:
        """Return the content of the file."""
        with open(path, 'rb') as file:
            return file.read()

    def spec(self) -> importlib.machinery.ModuleSpec:
        """Return a spec with a name by which `find_spec` below finds this file."""
        name = f'{__name__}.{os.fsencode(self.path).hex()}'
        spec = importlib.machinery.ModuleSpec(name, self, origin=self.path)
        spec.has_location = True
        return spec


class ProgramFinder:
    """Finds the file that a name made by `Program.spec` stands for, and installs the alias for it."""

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Return the spec of a program; None for every other name."""
        package, _, digits = fullname.rpartition('.')
        if package != __name__:
            return None
        install_as_chainer()
        return Program(os.fsdecode(bytes.fromhex(digits))).spec()


sys.meta_path.append(ProgramFinder)


def run(script: str, arguments: Sequence[str]) -> int:
    """Run a program's file in place of the current program.

    Args:
        script: path of the file.
        arguments: the arguments that the program finds in `sys.argv` after its own name.

    Returns:
        The exit status: 0, 1 after an error of the program, which is printed, or 2 if there is no such file. A
        SystemExit of the program is passed on.
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
    """Replace the folder of `python -m` in `sys.path` by the program's, and keep chaingrad importable."""
    if not getattr(sys.flags, 'safe_path', False):
        sys.path[0] = folder
    # If chaingrad was found in the replaced folder, new processes could not import it.
    if not any(finder.find_spec('chaingrad', None) for finder in sys.meta_path):
        sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _below_import(traceback: types.TracebackType | None) -> types.TracebackType | None:
    """Return the traceback without the frames above the program: of this file and of the import system."""
    while traceback is not None:
        file = traceback.tb_frame.f_code.co_filename
        if file != __file__ and not file.startswith('<frozen importlib'):
            break
        traceback = traceback.tb_next
    return traceback
