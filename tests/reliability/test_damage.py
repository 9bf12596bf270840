"""Promise 3: a damaged snapshot is refused, or all that it loads is as it was saved."""

from __future__ import annotations

import numpy as np
import pytest

from chaingrad.links.serializers import load_npz
from chaingrad.links.serializers.dictionary import DictionarySerializer
from chaingrad.links.serializers.loading import LoadError, UnreadableFileError
from chaingrad.training import extensions
from tests.reliability.figures import note, times
from tests.reliability.programs import make_small


def make(folder, seed=0, autoload=False):
    trainer = make_small(folder, (8, 'iteration'), seed=seed)
    trainer.extend(extensions.LogReport())
    trainer.extend(extensions.snapshot(autoload=autoload), trigger=(4, 'iteration'))
    return trainer


@pytest.fixture
def saved(tmp_path):
    make(tmp_path).run()
    return tmp_path


def everything(trainer):
    serializer = DictionarySerializer()
    serializer.save(trainer)
    # What the loading process has of its own: its random states come back when it runs.
    own = ('chaingrad/random_states', 'chaingrad/digests', 'chaingrad/blas_threads')
    found = {key: np.array(value) for key, value in serializer.target.items() if key not in own}
    return {**found, 'states': np.array(trainer._random_states)}


def equal(a, b):
    return a.keys() == b.keys() and all(a[k].dtype == b[k].dtype and a[k].tobytes() == b[k].tobytes() for k in a)


def is_refused(path, content, expected):
    path.write_bytes(content)
    trainer = make(path.parent, seed=3)
    try:
        load_npz(path, trainer)
    except (UnreadableFileError, LoadError):
        return True
    assert equal(everything(trainer), expected)
    return False


def test_truncations_and_flipped_bits(saved):
    good = (saved / 'snapshot_iter_8').read_bytes()
    loaded = make(saved, seed=5)
    load_npz(saved / 'snapshot_iter_8', loaded)
    expected, path = everything(loaded), saved / 'damaged'
    offsets = np.linspace(0, len(good) - 1, 50).astype(int)
    assert all(is_refused(path, good[:offset], expected) for offset in offsets)
    n, refused = times(100, 500), 0
    for bit in np.random.RandomState(0).choice(8 * len(good), n, replace=False):
        damaged = bytearray(good)
        damaged[bit // 8] ^= 1 << bit % 8
        refused += is_refused(path, bytes(damaged), expected)
    assert refused > n * 0.8
    note(
        f'damage: of {len(offsets)} truncated files all were refused; of {n} files with one flipped bit {refused} were '
        f'refused and {n - refused} loaded exactly what was saved ({len(good):,} bytes each)'
    )


@pytest.mark.parametrize('damage', ['cut', 'bit', 'empty'])
def test_the_previous_good_one_is_taken(saved, damage):
    newest = saved / 'snapshot_iter_8'
    good = newest.read_bytes()
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 4
    newest.write_bytes({'cut': good[:-50], 'bit': bytes(flipped), 'empty': b''}[damage])
    trainer = make(saved, seed=4, autoload=True)
    with pytest.warns(UserWarning, match=r'snapshot_iter_4 was loaded.*damaged: snapshot_iter_8 \(.+\)') as record:
        trainer.run()
    assert len(record) == 1
    newest.write_bytes(good)
    whole = make(saved, seed=6)
    load_npz(newest, whole)
    params = [dict(t.updater.get_optimizer('main').target.namedparams()) for t in (trainer, whole)]
    assert all(np.array_equal(param.array, params[1][path].array) for path, param in params[0].items())
