"""HDF5 files: the reference's, round trips, and files that are damaged or lead elsewhere."""

import io
import os
import subprocess
import sys

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad.autograd.configuration import using_config
from chaingrad.links.chain import Chain
from chaingrad.links.chain_list import ChainList
from chaingrad.links.link import Link
from chaingrad.links.serializers import HDF5Deserializer, HDF5Serializer, load_hdf5, load_npz, save_hdf5, save_npz
from chaingrad.links.serializers.loading import LoadError, UnreadableFileError
from tests.links.reference import snapshot
from tests.links.states import Own, filled, same, state
from tests.links.test_serializers import CNN

h5py = pytest.importorskip('h5py')


@pytest.mark.behaviour('save-dict')
@pytest.mark.parametrize('kind', ['npz', 'hdf5'])
def test_a_dict_of_arrays_and_links(tmp_path, kind):
    link, array = L.Linear(2, 1), np.arange(3)
    save = {'npz': save_npz, 'hdf5': save_hdf5}[kind]
    load = {'npz': load_npz, 'hdf5': load_hdf5}[kind]
    save(tmp_path / 'file', {'a': array, 'm': link, 'more': {'n': 5}})
    if kind == 'npz':
        with np.load(tmp_path / 'file') as stored:
            assert {key: stored[key].tolist() for key in stored} == {
                'a': [0, 1, 2], 'm/W': link.W.array.tolist(), 'm/b': [0.0], 'more/n': 5,
            }  # fmt: skip
    else:
        with h5py.File(tmp_path / 'file') as stored:
            assert stored['a'][()].tolist() == [0, 1, 2] and stored['more/n'][()] == 5
    chain = Chain(m=L.Linear(2, 1))
    load(tmp_path / 'file', chain)
    assert (chain.m.W.array == link.W.array).all()


def datasets(path):
    with h5py.File(path, 'r') as f:
        found = {}
        f.visititems(lambda key, item: found.setdefault(key, item) if hasattr(item, 'dtype') else None)
        facts = {}
        for key, d in found.items():
            raw = d.id.read_direct_chunk((0,) * d.ndim)[1] if d.chunks else d[()].tobytes()
            facts[key] = (d.shape, d.dtype, d.compression, d.compression_opts, d.chunks, raw)
        return facts


def test_a_file_of_the_reference_predicts_the_same_and_is_written_alike(tmp_path):
    model = CNN()
    load_hdf5(snapshot('cnn.h5'), model)
    stored = np.load(snapshot('cnn_io.npz'))
    with using_config('train', False):
        np.testing.assert_allclose(model(stored['x']).array, stored['y'], rtol=1e-6, atol=1e-6)
    save_hdf5(tmp_path / 'ours.h5', model)
    assert datasets(tmp_path / 'ours.h5') == datasets(snapshot('cnn.h5'))


@pytest.mark.parametrize('compression', [4, None, 0])
@pytest.mark.parametrize('kind', ['path', 'str', 'file'])
def test_round_trip(compression, kind, tmp_path):
    def make():
        return Chain(a=ChainList(Own(), L.Linear(None, 4)), b=L.BatchNormalization(3))

    model = filled(make())
    model.a[0].count, model.a[0].text, model.a[0].state = 7, 'b\N{GREEK SMALL LETTER ALPHA}', np.ones(2)
    target = {'path': tmp_path / 'm', 'str': str(tmp_path / 'm'), 'file': io.BytesIO()}[kind]
    save_hdf5(target, model, compression)
    assert kind == 'file' or os.listdir(tmp_path) == ['m']
    other = make()
    load_hdf5(target, other)
    assert same(state(model), state(other))
    assert type(other.a[0].count) is int and other.a[0].text == model.a[0].text
    assert not other.a[1].W.is_initialized


def test_groups_of_an_open_file(tmp_path):
    model, other = filled(Chain(l1=Own())), Chain(l1=Own())
    with h5py.File(tmp_path / 'm.h5', 'w') as f:
        serializer = HDF5Serializer(f.create_group('model'), compression=9)
        assert serializer['/l1/'].group.name == '/model/l1' and serializer.compression == 9
        serializer.save(model)
        assert f['model/l1/order'].compression_opts == 9 and f['model/l1/count'].compression is None
        deserializer = HDF5Deserializer(f['model'])
        assert deserializer['l1'].group.name == '/model/l1' and deserializer['l2'].group is None
        deserializer.load(other)
        assert same(state(model), state(other))
        with pytest.raises(KeyError, match='has no nothing'):
            deserializer('nothing', 1)
        assert HDF5Deserializer(f, strict=False)('nothing', 1) == 1


def test_all_misfits_are_in_one_error(tmp_path):
    save_hdf5(tmp_path / 'm.h5', Chain(l1=L.Linear(3, 2), extra=L.Linear(1, 1)))
    model = Chain(l1=L.Linear(4, 2), l2=L.Linear(2, 2))
    before = state(model)
    with pytest.raises(LoadError, match=r'Missing in the file \(2\): l2/W, l2/b') as error:
        load_hdf5(tmp_path / 'm.h5', model)
    assert 'l1/W is float32 (2, 3) in the file, but float32 (2, 4) here' in str(error.value)
    assert 'not used (2): extra/W' in str(error.value) and same(before, state(model))


def test_python_objects_are_not_saved(tmp_path):
    link = Link()
    link.add_persistent('bad', {'a': 1})
    (tmp_path / 'm.h5').write_bytes(b'old')
    with pytest.raises(TypeError, match='/bad must be an array, a number, a text or None, but it is dict'):
        save_hdf5(tmp_path / 'm.h5', link)
    assert (tmp_path / 'm.h5').read_bytes() == b'old' and os.listdir(tmp_path) == ['m.h5']


def test_what_leads_outside_the_file_is_refused(tmp_path):
    (tmp_path / 'secret').write_bytes(np.ones(2, 'f').tobytes())
    with h5py.File(tmp_path / 'other.h5', 'w') as f:
        f['W'] = np.ones(2, 'f')

    def external_link(f):
        f['W'] = h5py.ExternalLink('other.h5', 'W')

    def soft_link(f):
        f['V'], f['W'] = np.ones(2, 'f'), h5py.SoftLink('/V')

    def external_data(f):
        f.create_dataset('W', (2,), 'f', external=[(str(tmp_path / 'secret'), 0, 8)])

    def virtual(f):
        layout = h5py.VirtualLayout((2,), 'f')
        layout[:] = h5py.VirtualSource(str(tmp_path / 'other.h5'), 'W', shape=(2,))
        f.create_virtual_dataset('W', layout)

    def compound(f):
        f['W'] = np.zeros(2, [('a', 'f')])

    def references(f):
        f.create_dataset('W', (2,), h5py.ref_dtype)

    for make in (external_link, soft_link, external_data, virtual, compound, references):
        with h5py.File(tmp_path / 'm.h5', 'w') as f:
            make(f)
        link = Link(W=(2,))
        with pytest.raises(UnreadableFileError, match=r'W .*\. It is refused'):
            load_hdf5(tmp_path / 'm.h5', link)
        assert np.isnan(link.W.array).all()


def test_files_of_other_kinds(tmp_path):
    link, path = Link(W=(2,)), tmp_path / 'file'
    save_hdf5(tmp_path / 'good', filled(Link(W=(2,))))
    save_npz(tmp_path / 'npz', link)
    good = (tmp_path / 'good').read_bytes()
    for data in (b'', b'hello', (tmp_path / 'npz').read_bytes(), good[:300]):
        path.write_bytes(data)
        for file in (path, io.BytesIO(data)):
            with pytest.raises(UnreadableFileError, match='no HDF5 file, or it was cut off'):
                load_hdf5(file, link)
    with pytest.raises(FileNotFoundError):
        load_hdf5(tmp_path / 'nowhere', link)
    with h5py.File(path, 'w') as f:
        f.create_group('W')
    with pytest.raises(LoadError, match='Missing in the file'):
        load_hdf5(path, link)


def test_a_claim_of_size_allocates_nothing(tmp_path):
    link = Link()
    link.add_param('lazy')
    with h5py.File(tmp_path / 'm.h5', 'w') as f:
        f.create_dataset('lazy', (1 << 50,), 'f', chunks=(1024,), compression=9)
    with pytest.raises(UnreadableFileError, match='damaged: lazy must have'):
        load_hdf5(tmp_path / 'm.h5', link)
    assert not link.lazy.is_initialized


def test_damaged_data_changes_nothing(tmp_path):
    path, model = tmp_path / 'm.h5', filled(Chain(a=L.Linear(50, 40), b=L.Linear(2, 2)))
    save_hdf5(path, model)
    with h5py.File(path, 'r') as f:
        at = f['b/W'].id.get_chunk_info(0).byte_offset
    data = bytearray(path.read_bytes())
    data[at + 12] ^= 0xFF
    path.write_bytes(data)
    other = Chain(a=L.Linear(50, 40), b=L.Linear(2, 2))
    before = state(other)
    with pytest.raises(UnreadableFileError, match='damaged: b/W cannot be read'):
        load_hdf5(path, other)
    assert same(before, state(other))


def test_without_h5py():
    code = (
        "import sys; sys.modules['h5py'] = None\n"
        'from chaingrad.links.serializers import load_hdf5, save_hdf5, HDF5Serializer\n'
        'for call in (lambda: save_hdf5("x", None), lambda: load_hdf5("x", None), lambda: HDF5Serializer(None)):\n'
        '    try: call()\n'
        '    except ImportError as error: assert "chaingrad[hdf5]" in str(error)\n'
        '    else: raise AssertionError\n'
    )
    subprocess.run([sys.executable, '-c', code], check=True)
