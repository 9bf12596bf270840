"""Mistakes as new users make them: the last lines tell who refuses, what was given and what to do.

The programs are in `data/mistakes/`, one file for each kind; `mistakes.py` runs and judges them.
"""

import pytest

from tests import mistakes

MISTAKES = {f'{mistake.kind}: {mistake.name}': mistake for mistake in mistakes.read()}
# What is not as it should be, and why.
KNOWN = {
    'variables: a Variable without array': ('', 'its properties would be slower if they asked'),
    "losses: PyTorch's reduction": ('do', 'Python refuses the keyword, and functions cannot be asked before'),
    'variables: dim in place of axis': ('do', 'Python refuses the keyword, and functions cannot be asked before'),
}


def test_there_are_many_and_nearly_all_are_answered():
    assert len(MISTAKES) >= 120
    assert len(MISTAKES) - len(KNOWN) >= 115
    assert KNOWN.keys() <= MISTAKES.keys()


@pytest.mark.parametrize('name', MISTAKES)
def test_a_mistake_is_answered(name, tmp_path, monkeypatch):
    mistake = MISTAKES[name]
    monkeypatch.chdir(tmp_path)
    if mistake.kind == 'files' and 'hdf5' in mistake.name:
        pytest.importorskip('h5py')
    known, _ = KNOWN.get(name, ('nothing', ''))
    found = mistakes.faults(mistake, mistakes.run(mistake, str(tmp_path)))
    assert not [fault for fault in found if not fault.startswith(known)], '\n'.join(found)


def test_a_bad_answer_is_found(tmp_path):
    """The judge notices each of the faults that it looks for."""
    words = {'who': ['Net'], 'given': ['3'], 'do': ['Write']}
    bad = mistakes.Mistake('kind', 'bad', words, 'def f():\n    return [][3]\nf()\n')
    assert len(mistakes.faults(bad, mistakes.run(bad, str(tmp_path)))) == 4
    silent = mistakes.Mistake('kind', 'silent', words, 'x = 1')
    assert mistakes.faults(silent, mistakes.run(silent, str(tmp_path))) == ['nothing is said']
    source = 'try:\n    {}[3]\nexcept KeyError:\n    raise ValueError("Net: not 3. Write 4.")'
    chained = mistakes.Mistake('kind', 'chained', words, source)
    assert mistakes.faults(chained, mistakes.run(chained, str(tmp_path))) == ['another traceback is chained']
    deep = mistakes.Mistake('kind', 'deep', words, 'import re\nre.compile("(3 Net: Write")')
    assert any('frames below' in fault for fault in mistakes.faults(deep, mistakes.run(deep, str(tmp_path))))
