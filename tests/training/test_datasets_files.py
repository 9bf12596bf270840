"""Images and lines of text as datasets, and the pickle datasets, which are not supported."""

import io
import multiprocessing
import pickle
import zipfile

import numpy as np
import pytest

from chaingrad.datasets import (
    ImageDataset,
    LabeledImageDataset,
    LabeledZippedImageDataset,
    MultiZippedImageDataset,
    PickleDataset,
    PickleDatasetWriter,
    TextDataset,
    ZippedImageDataset,
    open_pickle_dataset,
    open_pickle_dataset_writer,
)
from chaingrad.iterators import MultiprocessIterator, MultithreadIterator

Image = pytest.importorskip('PIL.Image')
COLOUR = np.random.RandomState(0).randint(0, 256, (4, 6, 3)).astype(np.uint8)
GREY = COLOUR[..., 0]


def png(array):
    file = io.BytesIO()
    Image.fromarray(array).save(file, 'png')
    return file.getvalue()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / 'colour.png').write_bytes(png(COLOUR))
    (tmp_path / 'sub').mkdir()
    (tmp_path / 'sub' / 'grey one.png').write_bytes(png(GREY))
    (tmp_path / 'none.png').write_bytes(b'no image')
    with zipfile.ZipFile(tmp_path / 'a.zip', 'w') as archive:
        archive.writestr('sub/', '')
        archive.writestr('sub/2.png', png(GREY))
        archive.writestr('1.png', png(COLOUR))
    return tmp_path


def test_images(folder):
    dataset = ImageDataset(['colour.png', 'sub/grey one.png'], folder)
    assert len(dataset) == 2 and dataset[0].dtype == np.float32
    np.testing.assert_array_equal(dataset[0], COLOUR.transpose(2, 0, 1))
    np.testing.assert_array_equal(dataset[1], GREY[None])
    (folder / 'list.txt').write_text('sub/grey one.png\n\ncolour.png\n', encoding='utf-8')
    dataset = ImageDataset(folder / 'list.txt', folder, dtype='uint8')
    assert [image.shape for image in dataset[:]] == [(1, 4, 6), (3, 4, 6)] and dataset[0].dtype == np.uint8
    assert dataset[1].flags.c_contiguous and dataset[1].flags.writeable
    with pytest.raises(ValueError, match=r'ImageDataset: .*none.png must be an image'):
        ImageDataset(['none.png'], folder)[0]
    with pytest.raises(FileNotFoundError):
        ImageDataset(['absent.png'], folder)[0]


def test_labeled_images(folder):
    dataset = LabeledImageDataset([('colour.png', 3), ('sub/grey one.png', -1)], str(folder))
    image, label = dataset[0]
    assert image.shape == (3, 4, 6) and label.shape == () and label.dtype == np.int32 and label == 3
    (folder / 'pairs.txt').write_text('sub/grey one.png 7\ncolour.png\t2\n', encoding='utf-8')
    dataset = LabeledImageDataset(str(folder / 'pairs.txt'), folder, label_dtype='f')
    assert [(image.shape[0], float(label)) for image, label in dataset[:]] == [(1, 7.0), (3, 2.0)]
    for line in ('colour.png', 'colour.png x', ' 3'):
        (folder / 'pairs.txt').write_text(f'a 1\n{line}\n', encoding='utf-8')
        with pytest.raises(ValueError, match=r"LabeledImageDataset: line 2 of .*pairs.txt must be 'file label'"):
            LabeledImageDataset(folder / 'pairs.txt')


@pytest.mark.behaviour('zipped-image-order')
def test_zipped_images_in_the_order_of_the_archive(folder):
    dataset = ZippedImageDataset(folder / 'a.zip')
    assert len(dataset) == 2
    np.testing.assert_array_equal(dataset['1.png'], COLOUR.transpose(2, 0, 1))
    np.testing.assert_array_equal(dataset['sub/2.png'], GREY[None])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(dataset))[0], GREY[None])
    both = MultiZippedImageDataset([folder / 'a.zip', folder / 'a.zip'], dtype='i')
    assert [image.shape[0] for image in both[:]] == [1, 3, 1, 3] and both[0].dtype == np.int32
    (folder / 'labels.txt').write_text('sub/2.png 5\n', encoding='utf-8')
    image, label = LabeledZippedImageDataset(folder / 'a.zip', folder / 'labels.txt')[0]
    assert image.shape == (1, 4, 6) and label == 5
    with pytest.raises(KeyError):
        dataset['../a']


@pytest.fixture
def text(tmp_path):
    path = tmp_path / 'a.txt'
    path.write_bytes('eins\nzwei ä\r\n\nvier'.encode())
    return path


def test_text(text, tmp_path):
    dataset = TextDataset(text)
    assert dataset[:] == ['eins\n', 'zwei ä\n', '\n', 'vier'] and len(dataset) == 4
    assert dataset[-1] == 'vier' and dataset[1] == 'zwei ä\n'
    with pytest.raises(IndexError):
        dataset[4]
    other = pickle.loads(pickle.dumps(dataset))
    dataset.close()
    assert other[0] == 'eins\n'
    with pytest.raises(ValueError, match='closed'):
        dataset[0]
    with pytest.raises(ValueError, match='closed'):
        pickle.loads(pickle.dumps(dataset))[0]
    assert TextDataset(text, newline='')[1] == 'zwei ä\r\n'
    assert TextDataset(text, encoding='latin-1')[1] == 'zwei Ã¤\n'
    assert TextDataset(text, encoding='ascii', errors='ignore')[1] == 'zwei \n'
    assert TextDataset(text, filter_func=str.strip)[:] == ['eins\n', 'zwei ä\n', 'vier']
    (tmp_path / 'utf16.txt').write_bytes('ä\nb\n'.encode('utf-16'))
    assert TextDataset(tmp_path / 'utf16.txt', encoding='utf-16')[::-1] == ['b\n', 'ä\n']


def test_parallel_texts(text, tmp_path):
    other = tmp_path / 'b.txt'
    other.write_text('one\ntwo\nthree\nfour\n', encoding='utf-8')
    dataset = TextDataset([text, str(other)], filter_func=lambda german, english: len(german) > 1)
    assert dataset[:] == [('eins\n', 'one\n'), ('zwei ä\n', 'two\n'), ('vier', 'four\n')]
    other.write_text('one\n', encoding='utf-8')
    with pytest.raises(ValueError, match=r'same number of lines, but .*b.txt ended before'):
        TextDataset([text, other])
    with pytest.raises(ValueError, match='paths is empty'):
        TextDataset([])


@pytest.mark.behaviour('text-dataset-one-file', 'text-dataset-encodings')
def test_lists_of_one_file_and_of_options(tmp_path):
    paths = [tmp_path / 'a.txt', tmp_path / 'b.txt']
    for path, encoding in zip(paths, ('utf-8', 'utf-16'), strict=True):
        path.write_bytes('ä\r\nö\r\n'.encode(encoding))
    assert TextDataset(paths[:1])[0] == 'ä\n' and TextDataset(paths[1:], encoding=['utf-16'])[:] == ['ä\n', 'ö\n']
    both = TextDataset(paths, encoding=[None, 'utf-16'], newline=['', None])
    assert both[:] == [('ä\r\n', 'ä\n'), ('ö\r\n', 'ö\n')]
    assert TextDataset(paths[:1], encoding='ascii', errors=['ignore'])[:] == ['\n', '\n']
    with pytest.raises(ValueError, match='must have an entry for each of 2 files, but has 1'):
        TextDataset(paths, encoding=['utf-8'])


@pytest.mark.parametrize('method', multiprocessing.get_all_start_methods())
def test_every_worker_opens_files_for_itself(method, tmp_path):
    (tmp_path / 'a.txt').write_text(''.join(f'{i} ' * (i % 9) + '\n' for i in range(300)), encoding='utf-8')
    with zipfile.ZipFile(tmp_path / 'a.zip', 'w') as archive:
        for i in range(30):
            archive.writestr(f'{i:02}.png', png(np.full((3, 3), i, np.uint8)))
    text, images = TextDataset(tmp_path / 'a.txt'), ZippedImageDataset(tmp_path / 'a.zip')
    lines, values = text[:], [int(image.max()) for image in images[:]]  # opened before the fork
    before = multiprocessing.get_start_method(allow_none=True)
    multiprocessing.set_start_method(method, force=True)
    try:
        with MultiprocessIterator(text, 50, False, shuffle=False, n_processes=3) as iterator:
            assert sum(iterator, []) == lines
        with MultiprocessIterator(images, 10, False, shuffle=False, n_processes=3) as iterator:
            assert [int(image.max()) for image in sum(iterator, [])] == values == list(range(30))
    finally:
        multiprocessing.set_start_method(before, force=True)
    with MultithreadIterator(text, 50, False, shuffle=False, n_threads=4) as iterator:
        assert sum(iterator, []) == lines


@pytest.mark.parametrize(
    'refuse',
    [PickleDataset, PickleDatasetWriter, open_pickle_dataset, open_pickle_dataset_writer],
)
def test_pickle_datasets_refuse(refuse):
    with pytest.raises(NotImplementedError, match=r'allow_pickle=False'):
        refuse('a')
    if isinstance(refuse, type):
        made = refuse.__new__(refuse)
        for member in set(vars(refuse)) & {'close', 'flush', 'write', 'get_example', '__len__'}:
            with pytest.raises(NotImplementedError):
                getattr(made, member)(*[1] * (member in ('write', 'get_example')))
