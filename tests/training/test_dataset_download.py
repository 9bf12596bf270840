"""The folders of datasets, and downloads: a file is complete or absent."""

import gzip
import hashlib
import http.server
import os
import threading

import numpy as np
import pytest

from chaingrad.dataset import (
    cache_or_load_file,
    cached_download,
    get_dataset_directory,
    get_dataset_root,
    set_dataset_root,
)
from chaingrad.training.dataset import download
from chaingrad.training.dataset.download import find_file

CONTENT = bytes(range(256)) * 1000
SHA256 = 'sha256:' + hashlib.sha256(CONTENT).hexdigest()
PACKED = gzip.compress(CONTENT, mtime=0)


class Handler(http.server.BaseHTTPRequestHandler):
    asked = []

    def do_GET(self):
        self.asked.append(self.path)
        if self.path == '/absent':
            self.send_error(404)
            return
        content = PACKED if self.path.endswith('.gz') else CONTENT
        if '/damaged' in self.path:
            content = content[:-1] + b'x'
        self.send_response(200)
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if '/cut' in self.path else content)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    Handler.asked.clear()
    with http.server.HTTPServer(('127.0.0.1', 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield f'http://127.0.0.1:{running.server_port}'
        running.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(download, '_root', [])
    monkeypatch.setenv('CHAINGRAD_DATASET_ROOT', str(tmp_path / 'root'))
    return tmp_path / 'root'


def files(folder):
    return sorted(path.name for path in folder.rglob('*') if path.is_file()) if folder.exists() else []


def test_root(root, monkeypatch, tmp_path):
    assert get_dataset_root() == str(root)
    monkeypatch.delenv('CHAINGRAD_DATASET_ROOT')
    assert get_dataset_root() == os.path.join(os.path.expanduser('~'), '.chaingrad', 'dataset')
    set_dataset_root(tmp_path)
    assert get_dataset_root() == str(tmp_path)
    assert not os.path.exists(get_dataset_directory('a/b', create_directory=False))
    assert os.path.isdir(get_dataset_directory('a/b'))


def test_cached_download(server, root):
    path = cached_download(server + '/a')
    with open(path, 'rb') as file:
        assert file.read() == CONTENT
    assert cached_download(server + '/a', digest=SHA256) == path
    assert Handler.asked == ['/a'] and len(files(root)) == 1
    with open(path, 'ab') as file:
        file.write(b'x')
    with pytest.raises(ValueError, match='must have the sha256 digest'):
        cached_download(server + '/a', digest=SHA256)


@pytest.mark.parametrize(
    ('path', 'digest', 'error', 'words'),
    [
        ('/cut', None, OSError, 'cut off|IncompleteRead'),
        ('/cut', SHA256, OSError, 'cut off|IncompleteRead'),
        ('/damaged', SHA256, ValueError, 'must have the sha256 digest .* but it has'),
        ('/absent', None, OSError, '404'),
        ('/a', 'crc:12', ValueError, "must be written 'sha256:<hex>'"),
    ],
)
def test_nothing_is_left_of_a_bad_download(server, root, path, digest, error, words):
    with pytest.raises(error, match=words):
        cached_download(server + path, digest=digest)
    assert files(root) == []


def test_no_server(root):
    with pytest.raises(OSError, match=r'http://127.0.0.1:9/a could not be downloaded: .* Check the network'):
        cached_download('http://127.0.0.1:9/a')
    assert files(root) == []


def test_other_schemes_are_refused():
    with pytest.raises(ValueError, match='must begin with http'):
        cached_download('ftp://example.org/a')


def test_file_url(tmp_path):
    (tmp_path / 'a').write_bytes(CONTENT)
    path = cached_download((tmp_path / 'a').as_uri(), digest=SHA256)
    assert os.path.getsize(path) == len(CONTENT)


def test_cache_or_load_file(tmp_path):
    path = tmp_path / 'folder' / 'a.npy'

    def make(name):
        assert name.endswith('a.npy')
        np.save(name, np.arange(3))
        return 'made'

    def fail(name):
        make(name)
        raise KeyError

    with pytest.raises(KeyError):
        cache_or_load_file(path, fail, np.load)
    assert files(tmp_path) == []
    assert cache_or_load_file(path, make, np.load) == 'made'
    np.testing.assert_array_equal(cache_or_load_file(path, make, np.load), [0, 1, 2])
    assert files(tmp_path) == ['a.npy']


UNPACKED = 'sha256-unpacked:' + SHA256.partition(':')[2]


def find(url, names=('a', 'a.gz'), published=None, **options):
    published = {'a': UNPACKED, 'a.gz': UNPACKED} if published is None else published
    return find_file('get_a', 'some_data', names, url + '/', published, **options)


def test_find_file_downloads_once(server, root):
    path = find(server)
    assert path == str(root / 'chaingrad' / 'some_data' / 'a.gz') and find('nowhere') == path
    assert Handler.asked == ['/a.gz'] and files(root) == ['a.gz']


def test_find_file_in_a_folder(server, tmp_path, monkeypatch):
    local = tmp_path / 'local'
    local.mkdir()
    with pytest.raises(
        FileNotFoundError, match=r"get_a: a or a.gz must be in '.*local' \(folder= or CHAINGRAD_SOME_DATA_DIR\)"
    ):
        find(server, folder=local)
    (local / 'a.gz').write_bytes(PACKED)
    assert find(server, folder=local) == str(local / 'a.gz')
    (local / 'a').write_bytes(CONTENT)
    monkeypatch.setenv('CHAINGRAD_SOME_DATA_DIR', str(local))
    assert find(server) == str(local / 'a')
    assert Handler.asked == []
    for content in (CONTENT[:-1], CONTENT[:-1] + b'x'):
        (local / 'a').write_bytes(content)
        with pytest.raises(ValueError, match='get_a: .*a must have the sha256-unpacked digest .* Get it again'):
            find(server)
        assert (local / 'a').exists()  # the user's file is not deleted


@pytest.mark.parametrize('size', [0, 5, 30, len(PACKED) // 2, len(PACKED) - 1])
def test_packed_files_that_are_cut_off(tmp_path, size):
    (tmp_path / 'a.gz').write_bytes(PACKED[:size])
    with pytest.raises(ValueError, match='get_a: '):
        find('nowhere', folder=tmp_path)


def test_packed_files_that_do_not_unpack(tmp_path):
    (tmp_path / 'a.gz').write_bytes(PACKED[:10] + b'\xff' * (len(PACKED) - 10))  # the header is intact
    with pytest.raises(ValueError, match='get_a: .*a.gz is damaged or cut off .* Get it again'):
        find('nowhere', folder=tmp_path)


@pytest.mark.parametrize('path', ['/cut', '/damaged'])
def test_find_file_leaves_nothing_of_a_bad_download(server, root, path):
    with pytest.raises((OSError, ValueError)):
        find(server + path)
    assert files(root) == []


def test_a_file_without_a_digest_is_refused(server, root):
    with pytest.raises(ValueError, match=r"no digest is published for b, .* Pass digests=\{'b': 'sha256:<hex>'\}"):
        find(server, names=('b',))
    assert Handler.asked == []
    assert os.path.exists(find(server, names=('b',), digests={'b': SHA256}))
    with pytest.raises(ValueError, match='must have the sha256 digest 00,'):
        find(server, names=('b',), digests={'b': 'sha256:00'})
