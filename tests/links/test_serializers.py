"""Saving and loading: the reference's files, round trips, how files are written."""

import io
import os
import pickle
import struct
import zipfile

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad.autograd.configuration import using_config
from chaingrad.functions.activation import relu
from chaingrad.functions.pooling import max_pooling_2d
from chaingrad.links.chain import Chain
from chaingrad.links.chain_list import ChainList
from chaingrad.links.link import Link
from chaingrad.links.sequential import Sequential
from chaingrad.links.serializers import (
    AbstractSerializer,
    Deserializer,
    DictionarySerializer,
    NpzDeserializer,
    load_npz,
    npz_file,
    save_npz,
)
from chaingrad.links.serializers.files import TEMPORARY_PREFIX, replacing
from chaingrad.links.serializers.loading import LoadError
from tests.links.reference import snapshot
from tests.links.states import Own, filled, npz, same, state


class CNN(Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.conv = L.Convolution2D(3, 8, 3, pad=1)
            self.bn = L.BatchNormalization(8)
            self.fc = L.Linear(None, 5)

    def forward(self, x):
        return self.fc(max_pooling_2d(relu(self.bn(self.conv(x))), 2))


# Files of the reference


def test_a_snapshot_of_the_reference_predicts_the_same():
    model = CNN()
    load_npz(snapshot('cnn.npz'), model)
    stored = np.load(snapshot('cnn_io.npz'))
    with using_config('train', False):
        y = model(stored['x'])
    np.testing.assert_allclose(y.array, stored['y'], rtol=1e-6, atol=1e-6)
    assert isinstance(model.bn.N, int)


def test_a_snapshot_with_none_is_read_without_unpickling():
    model = CNN()
    load_npz(snapshot('cnn_uninitialized.npz'), model)
    assert not model.fc.W.is_initialized
    bound = CNN()
    bound.fc.W.initialize((5, 128))
    before = bound.fc.W.array.copy()
    load_npz(snapshot('cnn_uninitialized.npz'), bound)
    np.testing.assert_array_equal(bound.fc.W.array, before)


@pytest.mark.parametrize('name', ['cnn.npz', 'cnn_uninitialized.npz'])
def test_members_are_written_as_the_reference_wrote_them(name, tmp_path):
    model = CNN()
    load_npz(snapshot(name), model)
    save_npz(tmp_path / 'ours.npz', model)
    with zipfile.ZipFile(snapshot(name)) as theirs, zipfile.ZipFile(tmp_path / 'ours.npz') as ours:
        assert {i.filename for i in theirs.infolist()} == {i.filename for i in ours.infolist()}
        for member in theirs.namelist():
            assert ours.read(member) == theirs.read(member), member


def test_part_of_a_trainer_s_snapshot():
    model = Chain(predictor=Chain(l1=L.Linear(4, 8), l2=L.Linear(None, 3)))
    path = snapshot('trainer_epoch_8.npz')
    load_npz(path, model, path='updater/model:main/')
    with np.load(path) as stored:
        np.testing.assert_array_equal(model.predictor.l2.W.array, stored['updater/model:main/predictor/l2/W'])
    with pytest.raises(LoadError) as error:
        load_npz(path, model)
    assert "pass path='updater/model:main/'" in str(error.value)


@pytest.mark.parametrize('protocol', [2, 3, 4])
def test_none_as_every_protocol_writes_it(protocol):
    """The bytes are what pickling gives; NumPy 1 calls the module numpy.core."""
    data = pickle.dumps(np.array(None), protocol=protocol)
    if protocol == 4:
        data = data.replace(b'\x16numpy._core.multiarray', b'\x15numpy.core.multiarray')
        data = data[:3] + struct.pack('<Q', struct.unpack('<Q', data[3:11])[0] - 1) + data[11:]
    assert data.replace(b'numpy._core', b'numpy.core') in npz_file._KNOWN_NONE
    if protocol == 3:
        assert data.replace(b'numpy._core', b'numpy.core') == npz_file.NONE_DATA


# Round trips


@pytest.mark.parametrize('compression', [True, False])
@pytest.mark.parametrize('kind', ['path', 'str', 'file'])
def test_round_trip(compression, kind, tmp_path):
    model = filled(
        Chain(a=Sequential(L.Linear(3, 2), relu, L.BatchNormalization(2)), b=ChainList(Own(), L.Linear(None, 4)))
    )
    target = {'path': tmp_path / 'm', 'str': str(tmp_path / 'm'), 'file': io.BytesIO()}[kind]
    model.b[0].count, model.b[0].text, model.b[0].state = 7, 'b', np.ones(2)
    save_npz(target, model, compression)
    if kind == 'file':
        target.seek(0)
    else:
        assert os.listdir(tmp_path) == ['m']
    other = Chain(a=Sequential(L.Linear(3, 2), relu, L.BatchNormalization(2)), b=ChainList(Own(), L.Linear(None, 4)))
    load_npz(target, other)
    assert same(state(model), state(other))
    assert other.b[0].total == 21 and type(other.b[0].count) is int and type(other.b[0].text) is str
    assert other.b[0].order is not model.b[0].order


def test_lazy_parameters_get_their_shape_and_arrays_stay_the_same_objects():
    lazy, sized = Chain(l=L.Linear(None, 2)), Chain(l=L.Linear(3, 2))
    file = io.BytesIO()
    save_npz(file, sized)
    load_npz(file, lazy)
    np.testing.assert_array_equal(lazy.l.W.array, sized.l.W.array)
    array = lazy.l.W.array
    load_npz(file, lazy)
    assert lazy.l.W.array is array and array.flags.writeable and array.base is None


def test_equal_models_give_equal_bytes():
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        save_npz(file, filled(CNN()))
    assert files[0].getvalue() == files[1].getvalue()


def test_dtypes_and_byte_orders():
    link = Link(a=((3,), 'e'), b=((2, 2), 'd'))
    file = npz(a=np.array([1, 2, 3], '>f4'), b=np.asfortranarray([[1, 2], [3, 4]], dtype='f8'))
    load_npz(file, link)
    np.testing.assert_array_equal(link.a.array, np.array([1, 2, 3], np.float16))
    np.testing.assert_array_equal(link.b.array, [[1, 2], [3, 4]])
    empty = Link(a=(0, 3))
    load_npz(npz(a=np.empty((0, 3), 'f')), empty)


def test_dictionary_serializer():
    model, serializer = Chain(l1=Own()), DictionarySerializer(path='x/')
    serializer.save(model)
    assert list(serializer.target) == [f'x/l1/{k}' for k in ('W', 'count', 'text', 'order', 'sub/state')]
    assert serializer.target['x/l1/W'] is model.l1.W.array
    given = {}
    assert DictionarySerializer(given)['/a/']('/b', None) is None
    assert list(given) == ['a/b'] and given['a/b'].item() is None
    other = Chain(l1=Own())
    other.l1.W.array[...] = 9
    NpzDeserializer(serializer.target, path='x/').load(other)
    assert same(state(model), state(other))


def test_npz_deserializer_of_an_open_file(tmp_path):
    model = filled(CNN())
    save_npz(tmp_path / 'm.npz', model)
    other = CNN()
    with np.load(tmp_path / 'm.npz') as file:
        assert file['conv/b'].shape == (8,)
        deserializer = NpzDeserializer(file)
        other.serialize(deserializer)
        assert deserializer.npz is file
    assert same(state(model), state(other))
    with pytest.raises(KeyError, match='has no nothing'):
        NpzDeserializer({})('nothing', 1)


def test_abstract_serializers():
    for call in (lambda s: s['a'], lambda s: s('a', 1)):
        with pytest.raises(NotImplementedError, match='AbstractSerializer must define'):
            call(AbstractSerializer())

    class Numbers(Deserializer):
        def __getitem__(self, key):
            return self

        def __call__(self, key, value):
            return value if value is None else value * 0

    own = Link(W=(2,))
    own.add_persistent('n', 5)
    Numbers().load(own)
    assert own.n == 0


# Files


def test_the_old_file_stays_when_saving_fails(tmp_path):
    path = tmp_path / 'm.npz'
    path.write_bytes(b'old')
    with pytest.raises(ZeroDivisionError), replacing(path) as f:
        f.write(b'new')
        assert [n for n in os.listdir(tmp_path) if n.startswith(TEMPORARY_PREFIX)]
        raise ZeroDivisionError
    assert path.read_bytes() == b'old' and os.listdir(tmp_path) == ['m.npz']
    with pytest.raises(FileNotFoundError, match='nowhere'), replacing(tmp_path / 'nowhere' / 'm.npz'):
        pass


@pytest.mark.skipif(os.name != 'posix', reason='links and devices of POSIX')
def test_links_are_followed_and_devices_written(tmp_path):
    (tmp_path / 'real').write_bytes(b'old')
    (tmp_path / 'link').symlink_to(tmp_path / 'real')
    with replacing(tmp_path / 'link') as f:
        f.write(b'new')
    assert (tmp_path / 'link').is_symlink() and (tmp_path / 'real').read_bytes() == b'new'
    save_npz(os.devnull, Link(W=(2,)))
    mask = os.umask(0o022)
    os.umask(mask)
    assert (tmp_path / 'real').stat().st_mode & 0o777 == 0o666 & ~mask
