"""Everything that exists for old programs alone.

The alias `chainer` (`alias.py`) and its table of paths (`alias_paths.py`); names that nobody needs today (`names.py`);
running a program as it is (`program.py`), and advice where it is Python 2 (`python2.py`).
"""
