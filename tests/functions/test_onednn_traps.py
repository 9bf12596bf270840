"""What oneDNN in a Python process can go wrong with: threads, forks, many shapes, broken libraries; and its switch."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest

import chaingrad.functions as F
import chaingrad.links as L
from chaingrad import config, global_config, grad, using_config
from chaingrad.backends import intel64
from chaingrad.functions.kernels import softmax, twins
from chaingrad.functions.kernels.onednn import plans
from chaingrad.functions.kernels.onednn import softmax as softmax_twins
from chaingrad.functions.kernels.onednn.shared_object import VARIABLE, find_library
from tests.source import ROOT

needs_onednn = pytest.mark.skipif(find_library() is None, reason='oneDNN is for x86-64 Linux only')


def random(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype('f')


def run(code, timeout=60, **environment):
    """Run a program in a process of its own; return what it printed as JSON."""
    known = {**os.environ, 'PYTHONPATH': str(ROOT), 'CHAINGRAD_USE_IDEEP': 'auto', **environment}
    command = [sys.executable, '-W', 'error::UserWarning', '-c', textwrap.dedent(code)]
    done = subprocess.run(command, env=known, capture_output=True, text=True, timeout=timeout)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# Threads


def make_model():
    np.random.seed(0)
    from_images = L.Convolution2D(3, 8, 3, pad=1)
    over_steps = L.NStepGRU(1, 4, 6, 0)
    return from_images, L.Linear(8 * 4 * 4, 64), L.LayerNormalization(64), L.Linear(64, 40), over_steps


def gradients(model, x):
    """Return the loss and all gradients for a batch, computed by functions alone: links' gradients are shared."""
    convolution, first, normalization, second, over_steps = model
    h = F.convolution_2d(x, convolution.W, convolution.b, pad=1)
    h = F.sigmoid(F.relu(F.batch_normalization(h, np.ones(8, 'f'), np.zeros(8, 'f'))))
    h = F.max_pooling_2d(h, 2)
    steps, first_state = list(h.array[0].transpose(1, 0, 2)), np.zeros((1, 8, 6), 'f')
    _, ys = F.n_step_gru(1, 0, first_state, over_steps.ws, over_steps.bs, steps)
    h = F.layer_normalization(F.linear(h, first.W, first.b), normalization.gamma, normalization.beta)
    loss = F.mean(F.softmax(F.linear(h, second.W, second.b)) ** 2) + F.mean(F.log_softmax(h) ** 2)
    loss += F.mean(F.concat(ys, 0) ** 2)
    parameters = [p for link in model for p in link.params()]
    return [loss.array, *[g.array for g in grad([loss], parameters)]]


@needs_onednn
def test_threads_share_a_model():
    """8 threads compute 25 gradients each with one model: each of the 4,200 arrays is right to the bit."""
    global_config.use_ideep = 'always'
    model = make_model()
    batches = [random(4, 3, 8, 8) + np.float32(i) for i in range(8)]
    expected = [gradients(model, x) for x in batches]
    assert len(expected[0]) == 21
    wrong, finished = [], []

    def work(i):
        for _ in range(25):
            found = gradients(model, batches[i])
            wrong.extend(i for a, b in zip(found, expected[i]) if not np.array_equal(a, b))
        finished.append(i)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(finished) == 8 and not wrong


# Forks

WAIT = """
    for _ in range(3000):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.01)
    else:
        os.kill(child, 9)
        status = 'hangs'
    print(json.dumps(status))
"""

FORK = """
    import json, os, time
    import numpy as np
    import chaingrad.functions as F

    x, W = np.ones((8, 16, 32, 32), 'f'), np.ones((16, 16, 3, 3), 'f')
    y = F.convolution_2d(x, W).array
    child = os.fork()
    if not child:
        same = np.array_equal(F.convolution_2d(x, W).array, y)
        os._exit(0 if same and np.isfinite(F.linear(x.reshape(8, -1), np.ones((9, 16384), 'f')).array).all() else 1)
"""


@needs_onednn
def test_a_forked_child_computes():
    """Without the handler the child waits for ever for threads that only the parent has."""
    assert run(FORK + WAIT, OMP_NUM_THREADS='2') == 0


KERNELS = """
    import json, os, time
    import numpy as np
    import chaingrad.functions as F
    import chaingrad.links as L
    from chaingrad import Variable, optimizers
    from chaingrad.functions.kernels import thread_pool

    np.random.seed(0)
    x = np.random.randn(8, 16, 70, 70).astype('f')
    layer, row = L.NStepLSTM(1, 16, 64, 0), np.ones(16, 'f')
    dense = L.Linear(400, 200)
    optimizer = optimizers.Adam().setup(dense)

    def compute():
        v = Variable(x)
        y = F.sigmoid(F.relu(F.batch_normalization(v, row, row)))
        y.grad = x
        y.backward()
        *_, ys = layer(None, None, [x[i, :, 0].T.copy() for i in range(8)])
        dense.W.grad = np.ones_like(dense.W.array)
        optimizer.update()
        return [v.grad, *[y.array for y in ys]]

    expected = compute()
    child = os.fork()
    if not child:
        same = all(map(np.array_equal, compute(), expected)) and thread_pool.count() == 1
        os._exit(0 if same else 1)
"""


@needs_onednn
def test_a_forked_child_computes_with_every_kernel():
    assert run(KERNELS + WAIT, OMP_NUM_THREADS='2') == 0


@needs_onednn
def test_a_dataset_that_computes_in_forked_workers():
    code = """
        import json
        import numpy as np
        import chaingrad.functions as F
        from chaingrad.iterators import MultiprocessIterator

        W = np.ones((8, 8, 3, 3), 'f')

        class Dataset:
            def __len__(self):
                return 16

            def __getitem__(self, i):
                return F.convolution_2d(np.full((2, 8, 32, 32), i, 'f'), W).array.sum()

        if __name__ == '__main__':
            dataset = Dataset()
            expected = [float(dataset[i]) for i in range(16)]
            iterator = MultiprocessIterator(dataset, 16, n_processes=2, shuffle=False)
            found = [float(y) for y in iterator.next()]
            iterator.finalize()
            print(json.dumps(found == expected))
    """
    assert run(code, timeout=30, OMP_NUM_THREADS='2') is True


def test_without_openmp_a_child_does_without_the_library(monkeypatch):
    monkeypatch.setattr(plans, '_is_off', True)
    with using_config('use_ideep', 'always'):
        x = random(9, 41)
        assert softmax_twins.softmax(x, 1) is NotImplemented
        monkeypatch.setattr(plans, '_is_off', False)
        plans._thread.plans.clear()


# Memory


@needs_onednn
def test_a_thousand_shapes_keep_memory_bounded():
    code = """
        import json
        import numpy as np
        import chaingrad.functions as F
        from chaingrad import config
        from chaingrad.functions.kernels.onednn import plans

        config.use_ideep = 'always'

        def resident():
            with open('/proc/self/statm') as file:
                return int(file.read().split()[1]) * 4096

        W = np.ones((8, 8, 3, 3), 'f')
        sizes = []
        for i in range(1000):
            F.convolution_2d(np.ones((1, 8, 4 + i % 50, 4 + i // 50), 'f'), W)
            F.softmax(np.ones((3, 40 + i), 'f'))
            if i in (299, 999):
                sizes.append(resident())
        print(json.dumps([len(plans._thread.plans), plans.CAPACITY, sizes[1] - sizes[0]]))
    """
    kept, capacity, grown = run(code)
    assert kept == capacity and grown < 30e6


# The library


def test_a_broken_library_is_passed_over(tmp_path):
    broken = tmp_path / 'libdnnl.so.3'
    broken.write_bytes(b'not a library')
    code = """
        import json
        import numpy as np
        import chaingrad.functions as F
        from chaingrad.backends import intel64
        from chaingrad.functions.kernels.onednn.shared_object import refused

        y = F.linear(np.ones((100, 100), 'f'), np.ones((100, 100), 'f'))
        print(json.dumps([refused(), float(y.array[0, 0])]))
    """
    (sentence, *more), value = run(code, **{VARIABLE: str(broken)})
    assert sentence.startswith(f'{broken} was passed over') and not more and value == 100
    done = subprocess.run(
        [sys.executable, '-m', 'chaingrad', 'info'],
        env={**os.environ, 'PYTHONPATH': str(ROOT), VARIABLE: str(broken)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and done.stdout.count('was passed over') == 1 and not done.stderr


def test_another_library_is_passed_over():
    other = importlib.import_module('_ctypes').__file__
    code = """
        import json
        from chaingrad.functions.kernels.onednn.shared_object import refused

        print(json.dumps(refused()))
    """
    assert run(code, **{VARIABLE: other}) == [f'{other} was passed over: it is not oneDNN']


@needs_onednn
def test_another_version_is_passed_over(monkeypatch):
    module = importlib.import_module('chaingrad.functions.kernels.onednn.shared_object')
    monkeypatch.setattr(module, 'VERSION', 4)
    with pytest.raises(ValueError, match=r'it is oneDNN 3\..*, but version 4 is needed'):
        module.Library(find_library().path)


# The switch


def test_the_default_is_auto_and_the_environment_may_change_it():
    code = 'import json; from chaingrad import config; print(json.dumps(config.use_ideep))'
    assert config.use_ideep == 'never'  # in tests
    assert run(code, CHAINGRAD_USE_IDEEP='always') == 'always'
    known = {key: value for key, value in os.environ.items() if key != 'CHAINGRAD_USE_IDEEP'}
    command = [sys.executable, '-c', code]
    done = subprocess.run(command, env={**known, 'PYTHONPATH': str(ROOT)}, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == 'auto'


def test_import_does_not_load_the_library():
    code = """
        import json, sys
        import chaingrad, chaingrad.functions as F, chaingrad.links, numpy as np

        F.softmax(np.ones((2, 3)))
        print(json.dumps([name for name in sys.modules if 'onednn' in name]))
    """
    assert run(code, CHAINGRAD_USE_IDEEP='never') == []


@needs_onednn
def test_auto_leaves_small_work_to_numpy():
    small, large = random(3, 40), random(300, 100)
    for use_ideep, x, fits in (('auto', small, False), ('auto', large, True), ('always', small, True)):
        with using_config('use_ideep', use_ideep):
            assert (softmax_twins.softmax(x, 1) is not NotImplemented) is fits


def test_with_twin(monkeypatch):
    """A kernel asks its twin, which is looked for once, unless use_ideep is 'never'."""
    answers = {1: 'twin', 2: NotImplemented}
    asked = []

    def find_twin(family, name):
        asked.append((family, name))
        return answers.get

    monkeypatch.setattr(twins, 'find_twin', find_twin)

    @twins.with_twin
    def kernel(x):
        """Return where x was computed."""
        return 'NumPy'

    assert kernel.__doc__ == 'Return where x was computed.'
    assert kernel(1) == 'NumPy' and not asked
    with using_config('use_ideep', 'auto'):
        assert [kernel(1), kernel(2), kernel(1)] == ['twin', 'NumPy', 'twin']
    assert asked == [('test_onednn_traps', 'kernel')]


def test_where_there_is_no_library_there_are_no_twins(monkeypatch):
    module = importlib.import_module('chaingrad.functions.kernels.onednn.shared_object')
    monkeypatch.setattr(module, 'find_library', lambda: None)
    assert twins.find_twin('softmax', 'softmax') is None
    with using_config('use_ideep', 'always'):
        np.testing.assert_allclose(softmax.softmax(np.zeros((2, 2)), 1), 0.5)


def test_should_use_ideep():
    for use_ideep, levels in (('always', (True, True)), ('auto', (False, True)), ('never', (False, False))):
        with using_config('use_ideep', use_ideep):
            found = tuple(intel64.should_use_ideep(level) for level in ('==always', '>=auto'))
        assert found == (levels if intel64.is_ideep_available() else (False, False))
    with pytest.raises(ValueError, match="level must be '==always' or '>=auto', but it is 'auto'"):
        intel64.should_use_ideep('auto')
    with using_config('use_ideep', 'often'), pytest.raises(ValueError, match="config.use_ideep must be .*'often'"):
        intel64.should_use_ideep('>=auto')


def test_check_ideep_available(monkeypatch):
    monkeypatch.setattr(intel64, 'find_library', lambda: None)
    monkeypatch.setattr(intel64, 'refused', lambda: ('x was passed over: it is old',))
    with pytest.raises(RuntimeError, match='x was passed over: it is old. Install it: pip install'):
        intel64.check_ideep_available()
