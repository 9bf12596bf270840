"""Safetensors files: round trips, the format's own package, damaged files."""

import io
import json
import os
import struct

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad.links.chain import Chain
from chaingrad.links.link import Link
from chaingrad.links.serializers import load_safetensors, save_npz, save_safetensors
from chaingrad.links.serializers.loading import LoadError, UnreadableFileError
from chaingrad.links.serializers.safetensors_file import DTYPES, SafetensorsSource, write_safetensors
from tests.links.states import filled, same, state


def make():
    return Chain(a=L.Linear(3, 2), b=L.BatchNormalization(2), c=L.Linear(None, 4))


def with_header(header, data=b''):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack('<Q', len(text)) + text + data


@pytest.mark.parametrize('kind', ['path', 'str', 'file'])
def test_round_trip(kind, tmp_path):
    model = filled(make())
    model.b.N = 5
    target = {'path': tmp_path / 'm', 'str': str(tmp_path / 'm'), 'file': io.BytesIO()}[kind]
    save_safetensors(target, model)
    assert kind == 'file' or os.listdir(tmp_path) == ['m']
    other = make()
    load_safetensors(target, other)
    assert same(state(model), state(other)) and other.b.N == 5 and not other.c.W.is_initialized
    again = io.BytesIO()
    save_safetensors(again, other)
    first = target.getvalue() if kind == 'file' else (tmp_path / 'm').read_bytes()
    assert again.getvalue() == first


def test_every_dtype_and_layout():
    arrays = {name: np.arange(6).reshape(2, 3).astype(text) for name, text in DTYPES.items()}
    arrays.update(
        turned=np.arange(6.0).reshape(2, 3).T, big=np.arange(3, dtype='>f4'), one=np.array(2.0), no=np.ones(0)
    )
    file = io.BytesIO()
    write_safetensors(file, arrays)
    source = SafetensorsSource(file, 'test')
    assert set(source.keys()) == set(arrays)
    for key, array in arrays.items():
        got = source.read(key)
        assert source.kind(key) == (array.shape, array.dtype.newbyteorder('='))
        assert got.dtype.isnative and got.flags.writeable
        np.testing.assert_array_equal(got, array)
    for value, text in ((np.array('a'), '<U1'), (np.ones(2, complex), 'complex128'), (np.array({}), 'dict')):
        with pytest.raises(TypeError, match=f'x must be an array or a number of a dtype of .*(str|{text})'):
            write_safetensors(io.BytesIO(), {'x': value})


def test_bfloat16():
    values = np.array([1.0, -2.5, 3.140625], np.float32)
    data = (values.view(np.uint32) >> 16).astype('<u2').tobytes()
    file = io.BytesIO(with_header({'W': {'dtype': 'BF16', 'shape': [3], 'data_offsets': [0, 6]}}, data))
    link = Link(W=(3,))
    with pytest.warns(UserWarning, match='load_safetensors: the file holds bfloat16, .* 1 arrays, such as W') as seen:
        load_safetensors(file, link)
    assert len(seen) == 1 and seen[0].filename == __file__
    np.testing.assert_array_equal(link.W.array, values)


def test_path_strict_and_ignored_names():
    file = io.BytesIO()
    save_safetensors(file, Chain(model=filled(L.Linear(3, 2))))
    layer = L.Linear(3, 2)
    load_safetensors(file, layer, path='model/', ignore_names='model/b')
    assert layer.W.array.any() and not layer.b.array.any()
    with pytest.raises(LoadError, match="pass path='model/'"):
        load_safetensors(file, layer)
    load_safetensors(file, layer, strict=False)
    with pytest.raises(LoadError, match=r'model/W is float32 \(2, 3\) in the file, but float32 \(4, 3\) here'):
        load_safetensors(file, Chain(model=L.Linear(3, 4)))


def test_the_format_s_own_package(tmp_path):
    package = pytest.importorskip('safetensors.numpy')
    model = filled(Chain(a=L.Linear(3, 2), b=L.BatchNormalization(2)))
    save_safetensors(tmp_path / 'ours', model)
    theirs = package.load_file(tmp_path / 'ours')
    assert same(theirs, state(model))
    package.save_file(theirs, tmp_path / 'theirs')
    assert (tmp_path / 'theirs').read_bytes() == (tmp_path / 'ours').read_bytes()
    other = Chain(a=L.Linear(3, 2), b=L.BatchNormalization(2))
    load_safetensors(tmp_path / 'theirs', other)
    assert same(state(model), state(other))


ENTRY = {'dtype': 'F32', 'shape': [2], 'data_offsets': [0, 8]}
TWO = bytes(8)


@pytest.mark.parametrize(
    ('data', 'text'),
    [
        (b'', 'it is empty'),
        (b'\x80\x04abc', 'a pickle, which is never loaded'),
        (b'hello world', 'it was cut off, or is of another kind'),
        (struct.pack('<Q', 1 << 60) + b'{}', 'cut off'),
        (with_header(b'{nonsense'), 'header cannot be read'),
        (with_header(b'[]'), 'header cannot be read'),
        (with_header(b'[' * 100000), 'header cannot be read'),
        (with_header({'W': 5}), 'header cannot be read'),
        (with_header({'W': {'dtype': 'F32'}}), 'header cannot be read'),
        (with_header({'W': {**ENTRY, 'shape': [-2]}}, TWO), 'header cannot be read'),
        (with_header({'W': {**ENTRY, 'data_offsets': [8, 0]}}, TWO), 'header cannot be read'),
        (with_header({'W': {**ENTRY, 'data_offsets': [0, 8.0]}}, TWO), 'header cannot be read'),
        (with_header(json.dumps({'W': ENTRY}).encode()[:-1] + b', "W": {}}', TWO), 'a name comes twice: W'),
        (with_header({'W': ENTRY}, TWO[:5]), 'there are 5 bytes'),
        (with_header({'W': {**ENTRY, 'data_offsets': [4, 12]}}, TWO + TWO), 'must be at bytes 4 to 12'),
        (with_header({'W': ENTRY, 'V': ENTRY}, TWO), 'the array before ends at 8'),
        (with_header({'W': {**ENTRY, 'data_offsets': [0, 4]}}, TWO), 'W must have 8 bytes'),
        (with_header({'W': {**ENTRY, 'dtype': 'F8_E4M3'}}, TWO), 'F8_E4M3, which NumPy does not have'),
    ],
)
def test_damaged_and_foreign_files(data, text, tmp_path):
    link, path = Link(W=(2,)), tmp_path / 'file'
    path.write_bytes(data)
    for file in (path, io.BytesIO(data)):
        with pytest.raises(UnreadableFileError, match=text):
            load_safetensors(file, link)
    assert np.isnan(link.W.array).all()


def test_a_claim_of_size_allocates_nothing():
    link = Link()
    link.add_param('lazy')
    entry = {'dtype': 'F32', 'shape': [1 << 40, 1 << 20], 'data_offsets': [0, 8]}
    with pytest.raises(UnreadableFileError, match='damaged: lazy must have'):
        load_safetensors(io.BytesIO(with_header({'lazy': entry}, TWO)), link)
    assert not link.lazy.is_initialized


def test_npz_files_are_recognized(tmp_path):
    save_npz(tmp_path / 'm.npz', Link(W=(2,)))
    with pytest.raises(UnreadableFileError, match='use load_npz'):
        load_safetensors(tmp_path / 'm.npz', Link(W=(2,)))
    with pytest.raises(FileNotFoundError):
        load_safetensors(tmp_path / 'nowhere', Link(W=(2,)))
