"""The embedded data, and published datasets in a local folder: real MNIST if present, and small files like it."""

import gzip
import hashlib
import io
import os
import pathlib
import tarfile

import numpy as np
import pytest

from chaingrad import using_config
from chaingrad.datasets import (
    get_cifar10,
    get_cifar100,
    get_digits,
    get_fashion_mnist,
    get_fashion_mnist_labels,
    get_iris,
    get_kuzushiji_mnist,
    get_kuzushiji_mnist_labels,
    get_mnist,
    get_ptb_words,
    get_ptb_words_vocabulary,
    get_spiral,
    get_svhn,
)
from chaingrad.training.datasets import cifar, mnist, ptb, svhn
from chaingrad.training.datasets.mnist import read_idx

DEFAULT = pathlib.Path(__file__).resolve().parents[2].parent / 'shared' / 'data'
MNIST = pathlib.Path(os.environ.get('CHAINGRAD_TEST_DATA', DEFAULT)) / 'mnist'


def sha256(content):
    return 'sha256:' + hashlib.sha256(content).hexdigest()


def idx(array):
    header = b'\0\0\x08' + bytes([array.ndim]) + np.array(array.shape, '>u4').tobytes()
    return header + array.astype(np.uint8).tobytes()


def test_digits():
    train, test = get_digits()
    x = np.concatenate([train[:][i][0][None] for i in range(len(train))])
    assert (x.dtype, x.min(), x.max()) == (np.float32, 0, 1)
    labels = [int(t) for _, t in train[:] + test[:]]
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert np.bincount([t for _, t in test[:]]).min() >= 25
    images, test_images = get_digits(withlabel=False, ndim=3, scale=16, dtype='d')
    assert images.shape == (1437, 1, 8, 8) and test_images.shape == (360, 1, 8, 8)
    assert images.dtype == np.float64 and images.max() == 16
    np.testing.assert_array_equal(images[0].ravel() / 16, x[0])
    assert get_digits(ndim=2, label_dtype='i8')[0][0][0].shape == (8, 8)
    with pytest.raises(ValueError, match='get_digits: ndim must be 1, 2 or 3, but it is 4'):
        get_digits(ndim=4)
    with using_config('dtype', np.float16):
        assert get_digits()[0][0][0].dtype == np.float16


def test_iris():
    iris = get_iris()
    assert len(iris) == 150 and [int(t) for _, t in iris[::50]] == [0, 1, 2]
    x = get_iris(withlabel=False, dtype='d')
    np.testing.assert_allclose(x.mean(0), [5.8433, 3.0573, 3.758, 1.1993], atol=1e-4)


def test_spiral():
    """The points are those of the book, whose loop draws one number at a time."""
    random = np.random.RandomState(1984)
    x = get_spiral(withlabel=False, dtype='d')
    for i in range(300):
        radius = i % 100 / 100
        angle = i // 100 * 4.0 + 4.0 * radius + random.randn() * 0.2
        np.testing.assert_allclose(x[i], [radius * np.sin(angle), radius * np.cos(angle)], atol=1e-15)
    assert [int(t) for _, t in get_spiral()[[0, 99, 100, 299]]] == [0, 0, 1, 2]
    assert not np.array_equal(x, get_spiral(withlabel=False, dtype='d', seed=1))


@pytest.mark.skipif(not MNIST.is_dir(), reason='no MNIST files here')
def test_real_mnist(monkeypatch, tmp_path):
    name = 't10k-labels-idx1-ubyte'
    for file in MNIST.iterdir():
        if not file.name.startswith(name):
            os.symlink(file, tmp_path / file.name)
    labels = read_idx(str(MNIST / f'{name}.gz'))
    (tmp_path / name).write_bytes(idx(labels))  # an unpacked file serves as well
    monkeypatch.setenv('CHAINGRAD_MNIST_DIR', str(tmp_path))
    train, test = get_mnist()
    assert repr(train) == 'TupleDataset(float32 (60000, 784), int32 (60000,))' and len(test) == 10000
    assert [int(t) for _, t in train[:5]] == [5, 0, 4, 1, 9] and [int(t) for _, t in test[:3]] == [7, 2, 1]
    assert train[0][0].max() == 1.0 and train[0][0].min() == 0.0
    labels = labels.copy()
    labels[9] += 1
    (tmp_path / name).write_bytes(idx(labels))
    with pytest.raises(ValueError, match=f'get_mnist: .*{name} must have the sha256-unpacked digest ff7bcfd'):
        get_mnist()


@pytest.fixture
def small_mnist(tmp_path):
    """Make files in the format of MNIST, and their digests."""
    random, digests = np.random.RandomState(0), {}
    for name, n in [('train', 5), ('t10k', 3)]:
        for kind, array in [('images-idx3', random.randint(0, 256, (n, 28, 28))), ('labels-idx1', np.arange(n))]:
            content = gzip.compress(idx(array), mtime=0)
            file = f'{name}-{kind}-ubyte.gz'
            (tmp_path / file).write_bytes(content)
            digests[file] = sha256(content)
    return tmp_path, digests


@pytest.mark.parametrize('get', [get_mnist, get_fashion_mnist, get_kuzushiji_mnist])
def test_mnist_family(get, small_mnist):
    folder, digests = small_mnist
    where = {'folder': folder, 'digests': digests}
    train, test = get(**where)
    raw = np.random.RandomState(0).randint(0, 256, (5, 784))
    np.testing.assert_allclose(np.stack([x for x, _ in train[:]]), raw / 255, rtol=1e-6)
    assert [int(t) for _, t in test[:]] == [0, 1, 2] and test[0][1].dtype == np.int32
    images, _ = get(False, 3, 255.0, 'd', rgb_format=True, **where)
    assert images.shape == (5, 3, 28, 28) and images.dtype == np.float64
    np.testing.assert_allclose(images[:, 2].reshape(5, -1), raw)
    assert get(ndim=2, **where)[0][0][0].shape == (28, 28)
    with pytest.raises(ValueError, match='ndim must be 1, 2 or 3, but it is 0'):
        get(ndim=0, **where)
    with pytest.raises(ValueError, match=r'must have the sha256.* digest .* but it has'):
        get(folder=folder)
    (folder / 'train-labels-idx1-ubyte.gz').unlink()
    with pytest.raises(FileNotFoundError, match='train-labels-idx1-ubyte'):
        get(**where)


def test_packed_idx_files_that_do_not_unpack(tmp_path):
    path = tmp_path / 'a.gz'
    path.write_bytes(gzip.compress(idx(np.zeros(9, np.uint8)))[:10] + b'\xff' * 20)
    with pytest.raises(ValueError, match='a.gz is damaged or cut off .* Get it again'):
        read_idx(str(path))


def test_unpacked_fashion_mnist_has_no_published_digest(small_mnist):
    folder, digests = small_mnist
    packed = folder / 'train-images-idx3-ubyte.gz'
    (folder / 'train-images-idx3-ubyte').write_bytes(gzip.decompress(packed.read_bytes()))
    with pytest.raises(ValueError, match='no digest is published for train-images-idx3-ubyte,'):
        get_fashion_mnist(folder=folder, digests=digests)


@pytest.mark.parametrize(
    'content',
    [b'', b'\0\0', b'\0\0\x0d\x01', b'\0\0\x08\x03\0\0', b'\0\0\x08\x01\0\0\0\x05abcd', b'\0\0\x08\x01\0\0\0\x03abcd'],
)
@pytest.mark.parametrize('name', ['a', 'a.gz'])
def test_bad_idx_files(tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(content) if name == 'a.gz' else content)
    with pytest.raises(ValueError, match=r'must be an idx file|must hold|damaged'):
        read_idx(str(path))


def test_labels():
    assert len(get_fashion_mnist_labels()) == len(get_kuzushiji_mnist_labels()) == 10
    assert get_fashion_mnist_labels()[0] == 'T-shirt/top'
    assert get_kuzushiji_mnist_labels()[9] == ('wo', 'を')


def make_cifar(path, members, n_labels):
    rows = []
    with tarfile.open(path, 'w:gz') as archive:
        for i, member in enumerate(members):
            row = np.random.RandomState(i).randint(0, 256, (2, n_labels + 3072)).astype(np.uint8)
            row[:, :n_labels] = [[i] * (n_labels - 1) + [i + 1]] * 2
            rows.append(row)
            info = tarfile.TarInfo(member)
            info.size = row.size
            archive.addfile(info, io.BytesIO(row.tobytes()))
    return np.concatenate(rows)


@pytest.mark.parametrize(
    ('get', 'parts', 'n_labels', 'file'),
    [
        (get_cifar10, cifar.TEN, 1, 'cifar-10-binary.tar.gz'),
        (get_cifar100, cifar.HUNDRED, 2, 'cifar-100-binary.tar.gz'),
    ],
)
def test_cifar(tmp_path, monkeypatch, get, parts, n_labels, file):
    rows = make_cifar(tmp_path / file, [*parts[0], *parts[1]], n_labels)
    monkeypatch.setenv(f'CHAINGRAD_{get.__name__[4:].upper()}_DIR', str(tmp_path))
    digests = {file: sha256((tmp_path / file).read_bytes())}
    train, test = get(digests=digests)
    n = 2 * len(parts[0])
    assert (len(train), len(test)) == (n, 2)
    assert [int(t) for _, t in train[:] + test[:]] == [i // 2 + 1 for i in range(n + 2)]
    assert train[0][0].shape == (3, 32, 32) and train[0][1].dtype == np.int32
    np.testing.assert_allclose(train[1][0].ravel(), rows[1, n_labels:] / 255, rtol=1e-6)
    flat, _ = get(withlabel=False, ndim=1, scale=255.0, dtype='d', digests=digests)
    np.testing.assert_allclose(flat, rows[:-2, n_labels:])
    with pytest.raises(ValueError, match='must have the sha256 digest'):
        get()
    make_cifar(tmp_path / file, parts[0], n_labels)
    with pytest.raises(ValueError, match=r'test.*\.bin must hold rows of \d+ bytes, but it has 0'):
        get(digests={file: sha256((tmp_path / file).read_bytes())})


def test_svhn(tmp_path):
    io_module = pytest.importorskip('scipy.io')
    digests, random = {}, np.random.RandomState(0)
    for name in svhn.DIGESTS:
        content = {
            'X': random.randint(0, 256, (32, 32, 3, 4)).astype(np.uint8),
            'y': np.array([[10], [1], [9], [10]], 'B'),
        }
        io_module.savemat(tmp_path / name, content)
        digests[name] = sha256((tmp_path / name).read_bytes())
    train, test, extra = get_svhn(folder=tmp_path, digests=digests, add_extra=True)
    assert [int(t) for _, t in train[:]] == [0, 1, 9, 0] and len(test) == len(extra) == 4
    raw = np.random.RandomState(0).randint(0, 256, (32, 32, 3, 4))
    np.testing.assert_allclose(train[2][0], raw[:, :, :, 2].transpose(2, 0, 1) / 255, rtol=1e-6)
    images, _ = get_svhn(False, 255.0, 'd', folder=tmp_path, digests=digests)
    assert images.shape == (4, 3, 32, 32) and images.dtype == np.float64 and images.flags.c_contiguous
    with pytest.raises(ValueError, match='must have the sha256 digest 435e94'):
        get_svhn(folder=tmp_path)


def test_ptb(tmp_path):
    texts = {'ptb.train.txt': ' the cat \n a cat \n', 'ptb.valid.txt': ' the dog \n', 'ptb.test.txt': ' a <unk> \n'}
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding='utf-8')
    where = {'folder': tmp_path, 'digests': {name: sha256(text.encode()) for name, text in texts.items()}}
    train, valid, test = get_ptb_words(**where)
    assert (train.tolist(), valid.tolist(), test.tolist()) == ([0, 1, 2, 3, 1, 2], [0, 4, 2], [3, 5, 2])
    assert train.dtype == np.int32
    assert get_ptb_words_vocabulary(**where) == {'the': 0, 'cat': 1, '<eos>': 2, 'a': 3, 'dog': 4, '<unk>': 5}
    with pytest.raises(ValueError, match='must have the md5 digest f26c4b'):
        get_ptb_words(folder=tmp_path)


def test_digests_are_well_formed():
    for digests in (mnist.MNIST, mnist.FASHION, mnist.KUZUSHIJI, cifar.DIGESTS, svhn.DIGESTS, ptb.DIGESTS):
        for digest in digests.values():
            algorithm, _, value = digest.partition(':')
            assert len(bytes.fromhex(value)) == (16 if algorithm == 'md5' else 32)
