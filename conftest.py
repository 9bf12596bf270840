"""Fixtures of every test and doctest: global state is the same before and after, and the seeds are fixed."""

import importlib.util
import os
import random
import signal

import hypothesis
import numpy as np
import pytest

# The NumPy kernels are the reference; tests of oneDNN's switch it on. Child processes are to see this, too.
os.environ['CHAINGRAD_USE_IDEEP'] = 'never'
# Test processes run at once, so each has one thread; where a number is chosen, the Trainer does not measure.
os.environ.setdefault('OMP_NUM_THREADS', '1')

from chaingrad.autograd.configuration import LocalConfig, active_hooks, config
from chaingrad.autograd.function_hook import get_function_hooks

hypothesis.settings.register_profile('suite', derandomize=True, deadline=None, database=None, max_examples=30)
hypothesis.settings.register_profile('long', deadline=None, max_examples=1000, print_blob=True)
hypothesis.settings.load_profile(os.environ.get('HYPOTHESIS_PROFILE', 'suite'))


def pytest_configure():
    """React to SIGINT even when pytest runs in the background, where a shell makes programs ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


# Files whose examples need an optional package.
NEEDS = {
    'h5py': '*/serializers/hdf5.py',
    'safetensors': '*/serializers/safetensors.py',
    'tqdm': '*/extensions/tqdm_bar.py',
}
collect_ignore_glob = [pattern for extra, pattern in NEEDS.items() if importlib.util.find_spec(extra) is None]


def _global_values():
    return {name: value for name, value in vars(LocalConfig).items() if not name.startswith('_')}


@pytest.fixture(autouse=True)
def sealed_state():
    """Seed the global generators, restore the configuration, and fail if a test leaves a function hook behind."""
    thread_values = dict(vars(config))
    global_values = _global_values()
    hooks = list(active_hooks)
    random_state = random.getstate()
    numpy_state = np.random.get_state()
    random.seed(0)
    np.random.seed(0)
    yield
    random.setstate(random_state)
    np.random.set_state(numpy_state)
    vars(config).clear()
    vars(config).update(thread_values)
    for name in _global_values().keys() - global_values.keys():
        delattr(LocalConfig, name)
    for name, value in global_values.items():
        setattr(LocalConfig, name, value)
    active_hooks[:] = hooks  # a hook that a test leaves would switch off the fast path in the following tests
    left = list(get_function_hooks())
    get_function_hooks().clear()
    assert not left, f'function hooks left behind: {left}'


@pytest.fixture(autouse=True)
def doctest_folder(request, tmp_path_factory, monkeypatch):
    """Run examples of docstrings in an empty folder of their own, where they may write files."""
    if isinstance(request.node, pytest.DoctestItem):
        monkeypatch.chdir(tmp_path_factory.mktemp('doctest'))
