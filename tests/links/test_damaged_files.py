"""Damaged, foreign and hostile files: a clear error, nothing run, nothing changed."""

import io
import os
import pickle
import struct
import zipfile

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad.links.chain import Chain
from chaingrad.links.link import Link
from chaingrad.links.serializers import (
    NpzDeserializer,
    load_npz,
    npz_file,
    save_npz,
)
from chaingrad.links.serializers.loading import LoadError, UnreadableFileError
from chaingrad.links.serializers.npz_file import NpzSource
from tests.links.states import filled, npz, same, state


class Touch:
    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, 'w')


def with_member(name, data):
    file = io.BytesIO()
    with zipfile.ZipFile(file, 'w') as archive:
        archive.writestr(name, data)
    return file


@pytest.mark.parametrize('value', ['object', 'array of None', 'appended', 'lookalike'])
def test_pickled_objects_are_refused_and_never_run(value, tmp_path):
    link, trap = Link(W=(2,)), tmp_path / 'trap'
    head = b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (), }".ljust(127) + b'\n'
    data = {
        'object': head + pickle.dumps(np.array(Touch(trap), object), protocol=3),
        'array of None': head.replace(b'()', b'(2,)', 1)[:128] + npz_file.NONE_DATA,
        'appended': head + npz_file.NONE_DATA + b'x',
        'lookalike': head + npz_file.NONE_DATA.replace(b'ndarray', b'ndarraz'),
    }[value]
    for holder in (link, Link()):
        if 'W' not in vars(holder):
            holder.add_persistent('W', None)
        with pytest.raises(UnreadableFileError, match='W is a pickled Python object. It is refused'):
            load_npz(with_member('W.npy', data), holder)
    assert not trap.exists() and np.isnan(link.W.array).all()
    with pytest.raises(UnreadableFileError, match='array of Python objects'):
        NpzDeserializer({'W': np.array([1, 'a'], object)}).load(link)


def test_python_objects_are_not_saved(tmp_path):
    link = Link()
    link.add_persistent('good', 1)
    link.add_persistent('bad', {'a': 1})
    (tmp_path / 'm.npz').write_bytes(b'old')
    with pytest.raises(TypeError, match='bad must be an array, a number, a text or None, but it is dict'):
        save_npz(tmp_path / 'm.npz', link)
    assert (tmp_path / 'm.npz').read_bytes() == b'old' and os.listdir(tmp_path) == ['m.npz']


def test_files_of_other_kinds(tmp_path):
    link, path = Link(W=(2,)), tmp_path / 'file'
    np.save(tmp_path / 'single.npy', np.ones(2))
    save_npz(tmp_path / 'good', link)
    good = (tmp_path / 'good').read_bytes()
    for data, text in (
        (b'', 'it is empty'),
        (b'hello world', r"it begins with 'hello wo'"),
        (b'\x89HDF\r\n\x1a\n' + bytes(99), 'use load_hdf5'),
        ((tmp_path / 'single.npy').read_bytes(), 'single array written by numpy.save'),
        (good[:-30], 'it was cut off'),
        (with_member('data.pkl', b'x').getvalue(), 'without any .npy member'),
    ):
        path.write_bytes(data)
        for file in (path, io.BytesIO(data)):
            with pytest.raises(UnreadableFileError, match=text):
                load_npz(file, link)
    assert np.isnan(link.W.array).all()
    with pytest.raises(FileNotFoundError):
        load_npz(tmp_path / 'nowhere', link)


def test_a_flipped_byte_anywhere_is_noticed_or_harmless(tmp_path):
    """Compressed and stored: either the load is refused and nothing changes, or what was saved is loaded."""
    model = filled(Chain(a=L.Linear(5, 4), b=L.BatchNormalization(4)))
    for compression in (True, False):
        file = io.BytesIO()
        save_npz(file, model, compression)
        good = file.getvalue()
        for at in range(0, len(good), 17):
            bad = bytearray(good)
            bad[at] ^= 0x10
            other = Chain(a=L.Linear(5, 4), b=L.BatchNormalization(4))
            before = state(other)
            try:
                load_npz(io.BytesIO(bad), other)
            except (UnreadableFileError, LoadError):
                assert same(before, state(other))
            else:
                assert same(state(model), state(other)), at
        for at in range(0, len(good), 97):
            with pytest.raises(UnreadableFileError):
                load_npz(io.BytesIO(good[:at]), other)


def test_no_flipped_bit_in_the_directory_hides_a_member():
    good = npz(b0=np.ones(2), b1=np.zeros(3), ccc=np.arange(4)).getvalue()
    names, start = ['b0', 'b1', 'ccc'], good.index(b'PK\x01\x02')
    assert list(NpzSource(io.BytesIO(good), 'test').keys()) == names
    refused = 0
    for bit in range(8 * start, 8 * len(good)):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        try:
            source = NpzSource(io.BytesIO(bad), 'test')
            source.verify()
        except UnreadableFileError:
            refused += 1
        else:
            assert list(source.keys()) == names, f'byte {bit // 8 - start} of the directory, bit {bit % 8}'
    assert refused > 4 * (len(good) - start)


def test_an_archive_with_a_comment_or_other_members_is_read():
    file = npz(a=np.ones(2))
    with zipfile.ZipFile(file, 'a') as archive:
        archive.writestr('notes.txt', 'mine')
        archive.comment = b'a comment'
    assert NpzSource(file, 'test').read('a').tolist() == [1, 1]


def test_an_object_that_is_no_link_is_untouched_by_a_damaged_file():
    class Holder:
        x = np.zeros(2)
        y = np.zeros(999)

        def serialize(self, serializer):
            serializer('x', self.x)
            serializer('y', self.y)

    file = npz(x=np.ones(2), y=np.arange(999.0))
    bad = bytearray(file.getvalue())
    bad[-400] ^= 1
    at = bad.index(struct.pack('<d', 500.0))
    bad[at] ^= 1
    with pytest.raises(UnreadableFileError, match='y cannot be read'):
        load_npz(io.BytesIO(bad), Holder())
    assert (Holder.x == 0).all()


@pytest.mark.parametrize('shape', ['(1000000000000000,)', '(2,)', '(-1, -2)', '(3, 0)', '(4,)'])
def test_claims_of_size_allocate_nothing(shape):
    """A header that says more (or less) than the member holds, for a value whose shape is not known."""
    data = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".ljust(117).encode() + b'\n'
    member = b'\x93NUMPY\x01\x00' + struct.pack('<H', len(data)) + data + np.arange(3.0).tobytes()
    link = Link()
    link.add_param('lazy')
    with pytest.raises(UnreadableFileError, match='damaged: lazy'):
        load_npz(with_member('lazy.npy', member), link)
    assert not link.lazy.is_initialized
    sized = Link(lazy=(3,))
    with pytest.raises((LoadError, UnreadableFileError)):
        load_npz(with_member('lazy.npy', member), sized)


def test_a_forged_member_size_is_noticed():
    """The archive and the npy header claim a thousand times what is there."""
    file = npz(lazy=np.arange(3.0))
    raw = file.getvalue().replace(b"'shape': (3,), }   ", b"'shape': (3000,), }")
    raw = raw.replace(struct.pack('<I', 128 + 24), struct.pack('<I', 128 + 24000))
    link = Link()
    link.add_param('lazy')
    with pytest.raises(UnreadableFileError, match='damaged|no npz'):
        load_npz(io.BytesIO(raw), link)


def test_keys_that_look_like_paths_write_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    link = Link(W=(2,))
    load_npz(npz(**{'../../x': np.ones(2), '/etc/x': np.ones(2), 'W': np.ones(2)}), link)
    assert os.listdir(tmp_path) == []
