"""Run the programs of `data/mistakes/`, each with one mistake as a new user makes it, and judge what is said about it.

A file holds programs of one kind. `=== name` begins one; the lines `who:`, `given:` and `do:` list, separated by `;`,
what the message must hold: whose error it is, what was given, and what to do. A comment `# here` marks the line that
the traceback must name; without one it is the last line. The names that every program imports are there already, and
so are a small dataset, a model and a trainer.
"""

from __future__ import annotations

import contextlib
import io
import linecache
import os
import pathlib
import sys
import traceback
import warnings
from typing import Any, NamedTuple

import numpy as np

import chaingrad
from chaingrad import datasets, functions, iterators, links, optimizers, serializers, training

FOLDER = pathlib.Path(__file__).resolve().parent / 'data' / 'mistakes'
COLUMNS = ('who', 'given', 'do')
MOST_FRAMES = 3


class Mistake(NamedTuple):
    """A program and what must be said about it."""

    kind: str
    name: str
    words: dict[str, list[str]]
    source: str

    @property
    def filename(self) -> str:
        """The name under which the program is compiled."""
        return f'{self.kind}/{self.name.replace(" ", "_")}.py'

    @property
    def line(self) -> int:
        """The number of the line that the traceback must name."""
        lines = self.source.splitlines()
        marked = [i for i, line in enumerate(lines, 1) if line.endswith('# here')]
        return marked[0] if marked else len(lines)


def read() -> list[Mistake]:
    """Return the programs of all files."""
    found = []
    for path in sorted(FOLDER.glob('*.txt')):
        for text in path.read_text(encoding='utf-8').split('=== ')[1:]:
            name, *lines = text.rstrip('\n').split('\n')
            words = {}
            while lines and lines[0].partition(':')[0] in COLUMNS:
                column, _, listed = lines.pop(0).partition(':')
                words[column] = [word.strip() for word in listed.split(';')]
            found.append(Mistake(path.stem, name, words, '\n'.join(lines)))
    return found


def names(folder: str) -> dict[str, Any]:
    """Return what a program finds: imported names, a dataset, a model, an optimizer and a trainer."""
    train = datasets.TupleDataset(np.ones((4, 3), np.float32), np.zeros(4, np.int32))
    model = links.Classifier(links.Linear(3, 2))
    optimizer = optimizers.SGD().setup(model)
    train_iter = iterators.SerialIterator(train, 2)
    updater = training.StandardUpdater(train_iter, optimizer)
    return {
        '__name__': '__main__',
        'np': np,
        'chaingrad': chaingrad,
        'F': functions,
        'L': links,
        'D': chaingrad.distributions,
        'Variable': chaingrad.Variable,
        'optimizers': optimizers,
        'datasets': datasets,
        'iterators': iterators,
        'serializers': serializers,
        'training': training,
        'extensions': training.extensions,
        'folder': folder,
        'train': train,
        'model': model,
        'optimizer': optimizer,
        'train_iter': train_iter,
        'updater': updater,
        'trainer': training.Trainer(updater, (1, 'epoch'), out=os.path.join(folder, 'result')),
    }


class Answer(NamedTuple):
    """What a program is told: an error, or else its first warning."""

    error: Exception | None
    warning: warnings.WarningMessage | None


def run(mistake: Mistake, folder: str) -> Answer:
    """Run a program in an empty folder."""
    source = mistake.source + '\n'
    linecache.cache[mistake.filename] = (len(source), None, source.splitlines(True), mistake.filename)
    code = compile(source, mistake.filename, 'exec')
    namespace = names(folder)
    error = None
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter('always')
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(code, namespace)  # the programs are those of this folder
        except Exception as raised:
            error = raised
    return Answer(error, next((warning for warning in caught), None))


def message(answer: Answer) -> str:
    """Return what Python prints after the traceback, or the text of the warning."""
    error = answer.error
    if error is None:
        return '' if answer.warning is None else str(answer.warning.message)
    with contextlib.redirect_stderr(io.StringIO()) as printed:
        sys.__excepthook__(type(error), error, error.__traceback__)  # with the names that Python suggests
    lines = printed.getvalue().splitlines()
    start = max(i for i, line in enumerate(lines) if line[:1].strip() and type(error).__name__ in line)
    return '\n'.join(lines[start:])


def frames(error: BaseException, mistake: Mistake) -> tuple[int | None, list[str]]:
    """Return the last line of the program that a traceback shows, and the frames below it."""
    line, below = None, []
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename == mistake.filename:
            line, below = frame.lineno, []
        else:
            below.append(f'{frame.filename}:{frame.lineno} {frame.name}')
    return line, below


def faults(mistake: Mistake, answer: Answer) -> list[str]:
    """Return what is wrong with the answer to a mistake."""
    error, warning = answer
    if error is None and warning is None:
        return ['nothing is said']
    found = []
    text = message(answer)
    for column in COLUMNS:
        missing = [word for word in mistake.words.get(column, ()) if word not in text]
        if missing or column not in mistake.words:
            found.append(f'{column}: {missing} is not in the message')
    if error is None:
        if (warning.filename, warning.lineno) != (mistake.filename, mistake.line):
            found.append(f'the warning names {warning.filename}:{warning.lineno}')
        return found
    line, below = frames(error, mistake)
    if line != mistake.line:
        found.append(f'the traceback ends in line {line} of the program, not in {mistake.line}')
    if len(below) > MOST_FRAMES:
        found.append(f'{len(below)} frames below the program: {below}')
    if error.__cause__ is not None or error.__context__ is not None and not error.__suppress_context__:
        found.append('another traceback is chained')
    return found
