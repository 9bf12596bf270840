"""Tells errors that come from Python 2 source from all other errors of a program, and says how it reads in Python 3."""

from __future__ import annotations

import linecache
import os
import re
import traceback

# Messages of the parser about statements and literals of Python 2.
_MESSAGES = re.compile(
    "Missing parentheses in call to '(print|exec)'|multiple exception types must be parenthesized|"
    'leading zeros in decimal integer|inconsistent use of tabs|parameters cannot be parenthesized'
)
# Such lines, whose strings are replaced by \0, and how they read in Python 3; for the places where the parser only says
# "invalid syntax".
_LINES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r'\bprint\s*>>\s*([\w.]+)\s*,\s*(.+?)\s*,\s*$', r"print(\2, end=' ', file=\1)"),
        (r'\bprint\s*>>\s*([\w.]+)\s*,\s*([^;]+)', r'print(\2, file=\1)'),
        (r'\bprint\s*>>\s*([\w.]+)', r'print(file=\1)'),
        (r'(^|[:;])(\s*)print\s+([^\s=(.,\[][^;]*?)\s*,\s*$', r"\1\2print(\3, end=' ')"),
        (r'(^|[:;])(\s*)print\s+([^\s=(.,\[][^;]*|\([^;]*\)\s*[%+,][^;]*)', r'\1\2print(\3)'),
        (r'(^|[:;])(\s*)print\s*(\0[^;]*)', r'\1\2print(\3)'),
        (r'(^|[:;])(\s*)exec\s+([^\s=(][^;]*?)\s+in\s+([^;]+)', r'\1\2exec(\3, \4)'),
        (r'(^|[:;])(\s*)exec\s+([^\s=(][^;]*)', r'\1\2exec(\3)'),
        (r'\braise\s+([\w.]+)\s*,\s*([^,;]+?)\s*,\s*([^;]+)', r'raise \1(\2).with_traceback(\3)'),
        (r'\braise\s+([\w.]+)\s*,\s*([^;]+)', r'raise \1(\2)'),
        (r'\bexcept\s+([\w.]+|\([^()]*\))\s*,\s*(\w+)\s*:', r'except \1 as \2:'),
        (r'`([^`]+)`', r'repr(\1)'),
        (r'\s*<>\s*', ' != '),
        (r'(?<![\w.])0+([1-7][0-7]*)(?![\w.])', r'0o\1'),
        (r'\b(0[xX][0-9a-fA-F]+|\d+)[lL]\b', r'\1'),
        (r'\b[uU]([rR])(?=\0)', r'\1'),
        (r'^(\s*def\s+\w+\s*\([^()]*)\(([^()=]*)\)([^()=]*\)\s*:)', r'\1pair\3 \2 = pair;'),
        (r'\blambda\s*\(([^()]*)\)\s*:\s*((?:[^,;()]|\([^()]*\))*)', r'lambda pair: (lambda \1: \2)(*pair)'),
    )
)
_STRINGS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'')
# Names that Python 3 has elsewhere, or under another name.
_NAMES = {
    'apply': 'function(*args)',
    'basestring': 'str',
    'buffer': 'memoryview',
    'cmp': '(a > b) - (a < b)',
    'execfile': 'exec(open(path).read())',
    'file': 'open',
    'intern': 'sys.intern',
    'long': 'int',
    'raw_input': 'input',
    'reduce': 'functools.reduce',
    'reload': 'importlib.reload',
    'unichr': 'chr',
    'unicode': 'str',
    'xrange': 'range',
}
_MODULES = {
    'BaseHTTPServer': 'http.server',
    'ConfigParser': 'configparser',
    'Cookie': 'http.cookies',
    'HTMLParser': 'html.parser',
    'Queue': 'queue',
    'SimpleHTTPServer': 'http.server',
    'SocketServer': 'socketserver',
    'StringIO': 'io',
    'Tkinter': 'tkinter',
    'tkFileDialog': 'tkinter.filedialog',
    '__builtin__': 'builtins',
    'anydbm': 'dbm',
    'cPickle': 'pickle',
    'cStringIO': 'io',
    'commands': 'subprocess',
    'cookielib': 'http.cookiejar',
    'copy_reg': 'copyreg',
    'httplib': 'http.client',
    'md5': 'hashlib',
    'sets': 'set',
    'thread': '_thread',
    'urllib2': 'urllib.request',
    'urlparse': 'urllib.parse',
    'xmlrpclib': 'xmlrpc.client',
}
_METHODS = {
    'has_key': 'key in d',
    'iteritems': '.items()',
    'iterkeys': '.keys()',
    'itervalues': '.values()',
    'viewitems': '.items()',
    'viewkeys': '.keys()',
    'viewvalues': '.values()',
}
_IN_MODULES = {
    'itertools': {'imap': 'map', 'izip': 'zip', 'ifilter': 'filter', 'izip_longest': 'itertools.zip_longest'},
    'os': {'getcwdu': 'os.getcwd'},
    'string': {
        'join': "' '.join(words)",
        'letters': 'string.ascii_letters',
        'lowercase': 'string.ascii_lowercase',
        'maketrans': 'str.maketrans',
        'uppercase': 'string.ascii_uppercase',
    },
    'sys': {'maxint': 'sys.maxsize', 'setdefaultencoding': 'nothing, because text is Unicode'},
    'urllib': {
        'quote': 'urllib.parse.quote',
        'unquote': 'urllib.parse.unquote',
        'urlencode': 'urllib.parse.urlencode',
        'urlopen': 'urllib.request.urlopen',
        'urlretrieve': 'urllib.request.urlretrieve',
    },
}


def explain(error: BaseException) -> str | None:
    """Return a message that names file, line, cause and Python 3 form if Python 2 source caused the error; else None.

    Args:
        error: the error that ended a program.

    Example:
        >>> from chaingrad.compat.python2 import explain
        >>> try:
        ...     _ = compile('x = 1\\nprint x', 'train.py', 'exec')
        ... except SyntaxError as error:
        ...     print(explain(error))
        train.py:2: this is Python 2 source (print x), and chaingrad needs Python 3. There it reads: print(x). ...
    """
    found = _find_cause(error)
    if found is None:
        return None
    file, line, cause, today = found
    if os.path.isabs(file) and file.startswith(os.path.join(os.getcwd(), '')):
        file = os.path.relpath(file)
    reads = f'There it reads: {today}. ' if today else ''
    return (
        f'{file}:{line}: this is Python 2 source ({cause}), and chaingrad needs Python 3. {reads}'
        'Convert the file and run it again.'
    )


def _find_cause(error: BaseException) -> tuple[str, int, str, str] | None:
    """Return file, line, cause and its form in Python 3 if the error comes from Python 2 source."""
    if isinstance(error, SyntaxError):
        return _find_syntax(error)
    found = _find_name(error)
    frames = traceback.extract_tb(error.__traceback__)
    if found is None or not frames:
        return None
    return frames[-1].filename, frames[-1].lineno or 0, *found


def _find_syntax(error: SyntaxError) -> tuple[str, int, str, str] | None:
    """Return file, line, text and its form in Python 3 of a line that only Python 2 understands."""
    if error.filename is None or error.lineno is None:
        return None
    if isinstance(error, TabError):
        return error.filename, error.lineno, 'tabs and spaces mixed', 'the same, indented with spaces only'
    # A print statement of several lines is reported where the next line makes no sense.
    text = error.text or linecache.getline(error.filename, error.lineno)
    today = _in_python_3(text)
    if not _MESSAGES.search(error.msg or '') and today is None:
        return None
    return error.filename, error.lineno, ' '.join(text.split()), today or ''


def _in_python_3(text: str) -> str | None:
    """Return a line as it reads in Python 3; None if it holds nothing of Python 2."""
    old = _STRINGS.sub('\0', text.strip()).partition('#')[0].rstrip()
    strings = _STRINGS.findall(text)
    new = old
    for pattern, replacement in _LINES:
        new = pattern.sub(replacement, new)
    if new == old:
        return None
    if old.endswith('\\'):  # the rest is on the next line
        return ''
    for string in strings:
        new = new.replace('\0', string, 1)
    return ' '.join(new.split())


def _find_name(error: BaseException) -> tuple[str, str] | None:
    """Return the name of Python 2 that an error at run time is about, and what Python 3 has instead."""
    name = getattr(error, 'name', None)
    if isinstance(error, NameError):
        return (str(name), _NAMES[name]) if name in _NAMES else None
    if isinstance(error, ModuleNotFoundError):
        return (f'import {name}', f'import {_MODULES[name]}') if name in _MODULES else None
    if isinstance(error, ImportError):
        wanted = re.search(r"cannot import name '(\w+)'", str(error))
        return _of_module(str(name), wanted[1] if wanted else '')
    if isinstance(error, AttributeError):
        return _find_attribute(str(error))
    return _find_type(str(error)) if isinstance(error, TypeError) else None


def _of_module(module: str, name: str) -> tuple[str, str] | None:
    today = _IN_MODULES.get(module, {}).get(name)
    return (name, today) if today else None


def _find_attribute(message: str) -> tuple[str, str] | None:
    """Return the attribute that an AttributeError misses, and what Python 3 has instead."""
    wanted = re.match(r"module '(\w+)' has no attribute '(\w+)'", message)
    if wanted:
        return _of_module(wanted[1], wanted[2])
    wanted = re.search(r"'(\w+)' object has no attribute '(\w+)'", message)
    if not wanted:
        return None
    kind, name = wanted.groups()
    if re.fullmatch(r'\w*[dD]ict|Counter', kind) and name in _METHODS:
        return f'.{name}', _METHODS[name]
    if kind == 'dict_keys' and name == 'sort':
        return '.keys().sort()', 'sorted(d)'
    if kind in ('generator', 'zip', 'map', 'filter', 'enumerate') and name == 'next':
        return '.next()', 'next(iterator)'
    return None


def _find_type(message: str) -> tuple[str, str] | None:
    """Return what a TypeError is about, and what Python 3 has instead."""
    if "for >>: 'builtin_function_or_method'" in message:
        return 'print >>', 'print(..., file=file)'
    if 'sort()' in message and "'cmp'" in message:
        return 'cmp=', 'key=functools.cmp_to_key(cmp)'
    wanted = re.search(r"'(dict_keys|dict_values|dict_items|map|zip|filter)' object is not subscriptable", message)
    wanted = wanted or re.search(r"object of type '(map|zip|filter)' has no len", message)
    if wanted:
        return f'{wanted[1]} as a list', 'list(...)'
    return None
