"""Tells errors that come from Python 2 source from all other errors of a program."""

from __future__ import annotations

import linecache
import os
import re
import traceback

# Messages of the parser about statements and literals of Python 2; and patterns of such lines, for the places where it
# only says "invalid syntax".
_MESSAGES = re.compile(
    "Missing parentheses in call to '(print|exec)'|multiple exception types must be parenthesized|"
    'leading zeros in decimal integer|inconsistent use of tabs|parameters cannot be parenthesized'
)
_LINES = re.compile(
    r"""^\s*print\s+[^\s=(.,\[]|^\s*print\s*>>|^\s*exec\s+\S|^\s*raise\s+[\w.]+\s*,|^\s*except\s+[\w.]+\s*,\s*\w+\s*:|
    `[^`]+`|<>|\b0[0-7]+\b|\b(0[xX][0-9a-fA-F]+|\d+)[lL]\b|\b[uU][rR]['"]|
    ^\s*def\s+\w+\s*\([^()]*\([^()=]*\)[^()=]*\)\s*:|lambda\s*\(""",
    re.VERBOSE,
)
_NAMES = set('basestring cmp execfile file intern long raw_input reduce reload unichr unicode xrange'.split())
_MODULES = set(
    'BaseHTTPServer ConfigParser Cookie HTMLParser Queue SimpleHTTPServer SocketServer StringIO Tkinter __builtin__ '
    'anydbm cPickle cStringIO commands copy_reg cookielib httplib sets thread urllib2 urlparse xmlrpclib'.split()
)
_METHODS = set('has_key iteritems iterkeys itervalues viewitems viewkeys viewvalues'.split())
_IN_MODULES = {'itertools': {'imap', 'izip', 'ifilter', 'izip_longest'}, 'string': {'letters', 'maketrans', 'join'}}


def explain(error: BaseException) -> str | None:
    """Return a message that names file, line and cause if Python 2 source caused the error; else None.

    Args:
        error: the error that ended a program.

    Example:
        >>> from chaingrad.compat.python2 import explain
        >>> try:
        ...     _ = compile('x = 1\\nprint x', 'train.py', 'exec')
        ... except SyntaxError as error:
        ...     explain(error)
        'train.py:2: this is Python 2 source (print x), and chaingrad needs Python 3. ...'
    """
    found = _find_cause(error)
    if found is None:
        return None
    file, line, cause = found
    if os.path.isabs(file) and file.startswith(os.path.join(os.getcwd(), '')):
        file = os.path.relpath(file)
    return (
        f'{file}:{line}: this is Python 2 source ({cause}), and chaingrad needs Python 3. '
        'Convert the file and run it again.'
    )


def _find_cause(error: BaseException) -> tuple[str, int, str] | None:
    """Return file, line and cause if the error comes from Python 2 source."""
    if isinstance(error, SyntaxError):
        return _find_syntax(error)
    cause = _find_name(error)
    frames = traceback.extract_tb(error.__traceback__)
    if cause is None or not frames:
        return None
    return frames[-1].filename, frames[-1].lineno or 0, cause


def _find_syntax(error: SyntaxError) -> tuple[str, int, str] | None:
    """Return file, line and text of a line that only Python 2 understands."""
    if error.filename is None or error.lineno is None:
        return None
    text = error.text or linecache.getline(error.filename, error.lineno)
    # A print statement of several lines is reported where the next line makes no sense.
    if not _MESSAGES.search(error.msg or '') and not _LINES.search(text):
        return None
    cause = 'tabs and spaces mixed' if isinstance(error, TabError) else ' '.join(text.split())
    return error.filename, error.lineno, cause


def _find_name(error: BaseException) -> str | None:
    """Return the name of Python 2 that an error at run time is about."""
    name = getattr(error, 'name', None)
    if isinstance(error, NameError):
        return name if name in _NAMES else None
    if isinstance(error, ModuleNotFoundError):
        return f'import {name}' if name in _MODULES else None
    if isinstance(error, ImportError):
        wanted = re.search(r"cannot import name '(\w+)'", str(error))
        return wanted[1] if wanted and wanted[1] in _IN_MODULES.get(name or '', ()) else None
    if isinstance(error, AttributeError):
        wanted = re.search(r"'\w*(?:[dD]ict|Counter)' object has no attribute '(\w+)'", str(error))
        return f'.{wanted[1]}' if wanted and wanted[1] in _METHODS else None
    if isinstance(error, TypeError) and "for >>: 'builtin_function_or_method'" in str(error):
        return 'print >>'
    return None
