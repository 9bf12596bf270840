"""Files of arrays in another format: nothing is lost in any direction, and nothing half-written stays."""

import sys

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad.links.chain import Chain
from chaingrad.links.serializers import load_hdf5, load_npz, load_safetensors, save_hdf5, save_npz, save_safetensors
from chaingrad.links.serializers.converting import convert_file
from chaingrad.links.serializers.loading import UnreadableFileError
from tests.links.states import state

FORMATS = {
    'npz': (save_npz, load_npz),
    'h5': (save_hdf5, load_hdf5),
    'hdf5': (save_hdf5, load_hdf5),
    'safetensors': (save_safetensors, load_safetensors),
}


def make():
    model = Chain(l1=L.Linear(3, 2), bn=L.BatchNormalization(2), lazy=L.Linear(None, 2), cell=L.LSTM(2, 3))
    for dtype, parameter in zip('fde', (model.l1.W, model.l1.b, model.bn.gamma)):
        parameter.array = np.arange(parameter.size, dtype=dtype).reshape(parameter.shape) / 3 - 0.0
    model.bn.avg_mean[...] = [-0.0, np.nan]
    return model


def bits(model):
    return {key: x if x is None else (x.dtype, np.asarray(x).tobytes()) for key, x in state(model).items()}


@pytest.mark.parametrize('there', FORMATS)
@pytest.mark.parametrize('here', FORMATS)
def test_every_direction(here, there, tmp_path):
    model, other = make(), make()
    for parameter in other.params(include_uninit=False):
        parameter.array[...] = 7
    FORMATS[here][0](tmp_path / f'a.{here}', model)
    count = convert_file(tmp_path / f'a.{here}', str(tmp_path / f'b.{there.upper()}'))
    assert count == len(state(model))
    FORMATS[there][1](tmp_path / f'b.{there.upper()}', other)
    assert bits(other) == bits(model)
    assert other.lazy.W.array is None


def test_texts_travel_between_npz_and_hdf5_only(tmp_path):
    np.savez(tmp_path / 'a.npz', text=np.array('words'), n=np.array(3))
    assert convert_file(tmp_path / 'a.npz', tmp_path / 'a.h5') == 2
    convert_file(tmp_path / 'a.h5', tmp_path / 'b.npz')
    assert str(np.load(tmp_path / 'b.npz')['text']) == 'words'
    with pytest.raises(TypeError, match='save_safetensors: text must be an array or a number'):
        convert_file(tmp_path / 'a.npz', tmp_path / 'c.safetensors')
    assert sorted(path.name for path in tmp_path.iterdir()) == ['a.h5', 'a.npz', 'b.npz']


def test_without_h5py(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'h5py', None)
    save_npz(tmp_path / 'a.npz', L.Linear(3, 2))
    (tmp_path / 'b.h5').write_bytes(b'')
    for source, target in (('a.npz', 'c.h5'), ('b.h5', 'a.npz')):
        with pytest.raises(ImportError, match=r'convert: HDF5 files need h5py.*chaingrad\[hdf5\]'):
            convert_file(tmp_path / source, tmp_path / target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ['a.npz', 'b.h5']


def test_what_is_refused(tmp_path):
    for source, target in (('a.txt', 'b.npz'), ('a.npz', 'b')):
        with pytest.raises(ValueError, match=r'must be one of .npz, .h5, .hdf5, .safetensors, but it is'):
            convert_file(source, target)
    for suffix in ('npz', 'h5', 'safetensors'):
        (tmp_path / f'a.{suffix}').write_bytes(b'nonsense' * 9)
        with pytest.raises(UnreadableFileError, match=rf'convert: .*a\.{suffix} is no'):
            convert_file(tmp_path / f'a.{suffix}', tmp_path / 'b.npz')
    np.savez(tmp_path / 'a.npz', x=np.array({}, object))
    with pytest.raises(UnreadableFileError, match='convert: .*: x is a pickled Python object'):
        convert_file(tmp_path / 'a.npz', tmp_path / 'b.npz')
    assert not (tmp_path / 'b.npz').exists()
