"""Every example runs as a user would run it: as a separate program, in its own folder, shortened by --quick."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys
from typing import NamedTuple

import pytest

import chaingrad
from tests.source import ROOT

DATA = pathlib.Path(os.environ.get('CHAINGRAD_TEST_DATA', ROOT.parent / 'shared' / 'data'))
NUMBER = r'-?\d+(\.\d+)?'


class Example(NamedTuple):
    """How an example is run, a pattern of its last line, and the files that it writes to the folder `--out`."""

    name: str
    last_line: str
    files: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    needs: str = ''  # the real data that it reads, which is not part of the repository

    @property
    def label(self):
        return ' '.join((self.name, *self.arguments, *filter(None, [self.needs and 'real']))).replace('--', '')


CURVES = ('log', 'loss.png', 'accuracy.png')
NATS = rf'{NUMBER} nats per character; {NUMBER} by the frequency of the characters alone'
KINDS = r'(1\.000|0\.9\d\d) of the words have a word of the same kind as nearest'
EXAMPLES = (
    Example('attention', r'(1\.000|0\.\d+) of the dates .* are right in every digit', ('log', 'looks.png')),
    Example('captions', r'0\.\d+ of the captions of new combinations .*', ('log', 'captions.png')),
    Example('cifar_vgg', r'test accuracy 0\.\d+ with augmentation, 0\.\d+ without', ('cifar_vgg.png', 'plain/log')),
    Example('composite', 'graph drawn in .*composite.svg', ('composite.svg', 'composite.dot')),
    Example('digits', r'test accuracy 0\.9\d\d\d', (*CURVES, 'cg.dot', 'cg.svg', 'snapshot_epoch_8')),
    Example('dcgan', f'score of drawings before training {NUMBER}, after .*', ('log', 'drawn_008.png')),
    Example('dilated', f'{NUMBER} nats per sample; {NUMBER} by the best linear predictor .*', ('log', 'sounds.png')),
    Example('dqn', r'0\.\d+ of the games won; 0\.750 is the best possible, .*', ('dqn.png', 'model.npz')),
    Example('five_stages', 'by_trainer differs from by_numpy by at most .*'),
    Example('iris', '4.7, 3.2, 1.3, 0.2: setosa by regression, setosa by classification'),
    Example('line_cnn', r'accuracy 1\.00', ('line_cnn.png',)),
    Example('memory_network', r'(1\.000|0\.9\d\d) of the answers right; 0\.\d+ by .*', ('log', 'looks.png')),
    Example('mnist', r'test accuracy 0\.\d{4}', (*CURVES, 'dropout/log'), ('--dropout',), needs='mnist'),
    Example('mnist', r'test accuracy 0\.\d{4}', CURVES, ('--model', 'cnn'), needs='mnist'),
    Example('mnist_parallel', r'1 process\(es\): test accuracy 0\.9\d+', ('log', 'snapshot')),
    Example('model_parallel', r'1 process\(es\): test accuracy 0\.9\d+', ('log',)),
    Example('one_weight', 'parabola drawn in .*one_weight.png', ('one_weight.png',)),
    Example('own_linear', 'equal outputs and gradients'),
    Example('pos_tags', r'0\.\d+ of the sentences right in every word; 0\.\d+ by .*', ('softmax', 'crf', 'pairs.png')),
    Example('ptb', f'test perplexity {NUMBER}; .* is the best possible', ('log', 'loss.png', 'model.npz')),
    Example('seq2seq', r'0\.\d+ of the numbers .* are right in every word', ('log', 'right.png', 'model.npz')),
    Example('simplest', rf'y = W x \+ b with W = (2\.0|1\.9)\d+, b = {NUMBER}', ('simplest.png',)),
    Example('spiral', r'accuracy 0\.9\d\d', ('spiral.png',)),
    Example('step_by_step', 'every gradient is as computed by hand; graph drawn in .*', ('step_by_step.svg',)),
    Example('tinyshakespeare', NATS, ('log', 'loss.png', 'written.txt', 'model.npz')),
    Example('tinyshakespeare', NATS, ('log', 'written.txt'), needs='tinyshakespeare/input.txt'),
    Example('trees', r'(1\.00|0\.9\d) of the trees of depth 4 right, \d\.\d\d of .*', ('log', 'depths.png')),
    Example('vae', f'{NUMBER} nats per image; {NUMBER} by the mean .*', ('log', 'loss.png', 'vae.png')),
    Example('word2vec', KINDS, ('log', 'word2vec.txt', 'word2vec.png')),
    Example('word2vec', KINDS, ('word2vec.txt',), ('--model', 'cbow', '--loss', 'hsm')),
)


def environment(example):
    """Return the variables of a new shell, with the path of the tested package and the folder of real data."""
    values = {name: value for name, value in os.environ.items() if not name.startswith('CHAINGRAD_')}
    values['PYTHONPATH'] = str(pathlib.Path(chaingrad.__file__).parent.parent)
    values['PYTHONWARNINGS'] = 'error'
    values['OMP_NUM_THREADS'] = '1'  # two examples run at once on two cores: more threads would wait for each other
    if example.needs:
        name = 'CHAINGRAD_MNIST_DIR' if example.name == 'mnist' else 'CHAINGRAD_TEXT'
        values[name] = str(DATA / example.needs)
    return values


@pytest.mark.parametrize('example', EXAMPLES, ids=lambda example: example.label)
def test_example(example, tmp_path):
    if example.needs and not (DATA / example.needs).exists():
        pytest.skip(f'{example.needs} is not here')
    out = ['--out', 'pictures'] if example.files else []
    command = [sys.executable, str(ROOT / 'examples' / f'{example.name}.py'), '--quick', *example.arguments, *out]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment(example), capture_output=True, text=True, encoding='utf-8', timeout=100
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert not done.stderr
    assert re.fullmatch(example.last_line, done.stdout.rstrip('\n').rsplit('\n', 1)[-1]), done.stdout[-2000:]
    for name in example.files:
        assert (tmp_path / 'pictures' / name).stat().st_size > 0, name
    assert {path.name for path in tmp_path.iterdir()} == ({'pictures'} if example.files else set())


def test_every_example_is_tested():
    assert {path.stem for path in (ROOT / 'examples').glob('*.py')} == {example.name for example in EXAMPLES}


@pytest.mark.parametrize('path', sorted((ROOT / 'examples').glob('*.py')), ids=lambda path: path.stem)
def test_docstring_names_the_command_line(path):
    text = path.read_text(encoding='utf-8')
    command = re.search(rf'^    python examples/{path.name}(.*)$', text, re.MULTILINE)
    assert command is not None
    options = set(re.findall(r'--[\w-]+', command[1]))
    assert '--quick' in options
    assert options <= set(re.findall(r"add_argument\(\s*'(--[\w-]+)'", text))


def test_every_example_is_in_the_readme():
    text = (ROOT / 'README.md').read_text(encoding='utf-8')
    listed = re.findall(r'^\| \[(\w+)\.py\]\(examples/\1\.py\) \|', text, re.MULTILINE)
    assert sorted(listed) == sorted(path.stem for path in (ROOT / 'examples').glob('*.py'))
