"""Loading checks everything first: one error for all that does not fit, nothing half-loaded."""

import io
from unittest import mock

import numpy as np
import pytest

import chaingrad.links as L
from chaingrad.links.chain import Chain
from chaingrad.links.link import Link
from chaingrad.links.serializers import (
    DictionarySerializer,
    NpzDeserializer,
    load_npz,
    save_npz,
)
from chaingrad.links.serializers.loading import LoadError
from tests.links.states import Own, npz, same, state


def test_all_misfits_are_in_one_error():
    model = Chain(a=Own(), b=L.Linear(3, 2), c=L.Linear(2, 2), d=L.BatchNormalization(2))
    before, children = state(model), list(model.links())
    held = [dict(vars(link)) for link in children]
    file = npz(**{
        'a/W': np.ones(2), 'a/count': 5, 'a/text': 'new', 'a/order': np.ones(3, int), 'a/sub/state': 1,
        'b/W': np.ones((2, 4), 'f'), 'b/b': np.ones(2), 'c/W': np.ones((2, 2)), 'c/b': np.ones(2, 'i'), 'extra': 1,
        'd/gamma': np.ones(2), 'd/beta': np.ones(1), 'd/avg_mean': np.ones(2, complex), 'd/N': 1.5,
    })  # fmt: skip
    with pytest.raises(KeyError) as error:
        load_npz(file, model)
    text = str(error.value)
    assert error.value.args == (text,) and "'" not in text[:10] and '\\n' not in text
    assert 'does not fit Chain. Nothing was loaded.' in text
    assert 'Missing in the file (1): d/avg_var' in text
    for line in (
        'b/W is float32 (2, 4) in the file, but float32 (2, 3) here.',
        'd/beta is float64 (1,) in the file, but float32 (2,) here.',
        'd/avg_mean is complex128 (2,) in the file, but float32 (2,) here.',
        'd/N is float64 () in the file, but a single int here.',
        'In the file, but not used (1): extra',
        'strict=False',
    ):
        assert line in text, text
    assert same(before, state(model))
    for link, old in zip(children, held):
        assert vars(link) == {**old} and list(vars(link)) == list(old)
    assert error.value.missing == ['d/avg_var'] and len(error.value.misfits) == 4


def test_unused_keys_alone_are_no_error():
    link = Link(W=(2,))
    load_npz(npz(W=np.ones(2), other=np.ones(3), unsafe=np.array([print], object)), link)
    assert (link.W.array == 1).all()


def test_not_strict():
    link = Link(W=(2,), V=(2,))
    load_npz(npz(W=np.ones(2)), link, strict=False)
    assert (link.W.array == 1).all() and np.isnan(link.V.array).all()
    with pytest.raises(LoadError, match=r'W is float64 \(3,\)'):
        load_npz(npz(W=np.ones(3)), link, strict=False)


@pytest.mark.parametrize(
    'names', ['m/V', '/m/V', ['m/V'], lambda key: key.endswith('V'), ('x', lambda key: 'V' in key)]
)
def test_ignored_names(names):
    model = Chain(m=Link(W=(2,), V=(2,)))
    for array in ({}, {'m/V': np.ones(7)}):
        load_npz(npz(**{'m/W': np.ones(2)}, **array), model, ignore_names=names)
        assert (model.m.W.array == 1).all() and np.isnan(model.m.V.array).all()


def test_advice_on_paths():
    inner = Chain(l=L.Linear(2, 2))
    outer = Chain(predictor=inner)
    file = io.BytesIO()
    save_npz(file, inner)
    with pytest.raises(LoadError, match="The file has the keys without 'predictor/'"):
        load_npz(file, outer)
    file = io.BytesIO()
    save_npz(file, outer)
    with pytest.raises(LoadError, match="pass path='predictor/'"):
        load_npz(file, inner)


def test_an_error_in_serialize_changes_nothing():
    class Broken(Own):
        def serialize(self, serializer):
            super().serialize(serializer)
            if not isinstance(serializer, DictionarySerializer):
                raise ZeroDivisionError

    model = Chain(a=Broken(), b=L.Linear(2, 2))
    before = state(model)
    arrays = {**before, 'a/count': np.array(9)}
    with pytest.raises(ZeroDivisionError):
        NpzDeserializer(arrays).load(model)
    assert same(before, state(model))
    del arrays['a/W']
    with pytest.raises(LoadError, match='Missing in the file .1.: a/W') as error:
        NpzDeserializer(arrays).load(model)
    assert isinstance(error.value.__cause__, ZeroDivisionError)


@pytest.mark.behaviour('serialize-once')
def test_serialize_is_called_once():
    class Counting(L.Linear):
        calls = 0

        def serialize(self, serializer):
            super().serialize(serializer)
            self.calls += 1
            assert self.W.shape == (2, 3)

    saved, loaded = Counting(3, 2), Counting(None, 2)
    serializer = DictionarySerializer()
    serializer.save(Chain(a=saved))
    NpzDeserializer(serializer.target).load(Chain(a=loaded))
    assert saved.calls == loaded.calls == 1 and (loaded.W.array == saved.W.array).all()
    for who, serializer in (('save', DictionarySerializer()), ('load', NpzDeserializer({}))):
        obj = mock.MagicMock()
        getattr(serializer, who)(obj)
        obj.serialize.assert_called_once_with(serializer)


def test_a_file_that_does_not_fit_leaves_parameters_without_shape():
    model = Chain(a=L.Linear(None, 2), b=L.Linear(3, 2))
    before = state(model)
    with pytest.raises(LoadError, match='Nothing was loaded'):
        NpzDeserializer({'a/W': np.ones((2, 4)), 'a/b': np.ones(2), 'b/W': np.ones((2, 3))}).load(model)
    assert not model.a.W.is_initialized and same(before, state(model))
    model.a(np.ones((1, 5), 'f'))
    assert model.a.W.shape == (2, 5)


@pytest.mark.behaviour('load-error-types')
@pytest.mark.parametrize('error', [KeyError, TypeError])
def test_types_of_the_error(error):
    for arrays in ({}, {'W': np.ones(2, complex)}, {'W': np.ones(3)}):
        with pytest.raises(error, match='does not fit Link'):
            NpzDeserializer(arrays).load(Link(W=(2,)))
    with pytest.raises(error, match='x is float64'):
        NpzDeserializer({'x': np.array(1.5)})('x', 1)


def test_other_objects_load_in_one_pass_and_may_catch():
    class Counter:
        passes = 0

        def serialize(self, serializer):
            self.passes += 1
            try:
                self.x = serializer('x', 1)
            except KeyError:
                self.x = 'default'
            self.link.serialize(serializer['link'])

    counter = Counter()
    counter.link = Link(W=(2,))
    with pytest.raises(LoadError, match='Missing in the file .1.: link/W'):
        NpzDeserializer({}).load(counter)
    NpzDeserializer({'link/W': np.ones(2)}).load(counter)
    assert counter.x == 'default' and counter.passes == 2 and (counter.link.W.array == 1).all()


@pytest.mark.parametrize(
    ('value', 'stored', 'fits'),
    [
        (1, np.int32(5), True), (1, True, True), (1, 5.0, False), (1, 'a', False),
        (1.0, np.float32(5), True), (1.0, 5, True), (1.0, np.ones(1), False), (1.0, 1j, False), (1j, 1.0, True),
        (True, np.bool_(False), True), (True, 1, False), (np.int64(1), 2.5, False),
        (np.float32(1), np.float32(2), True), ('a', 'bcd', True), ('a', 5, False), (b'a', b'bc', True),
    ],
)  # fmt: skip
def test_single_values_keep_their_type(value, stored, fits):
    deserializer = NpzDeserializer({'x': np.asarray(stored)})
    if fits:
        assert deserializer('x', value) == stored and type(deserializer('x', value)) is type(value)
    else:
        with pytest.raises(LoadError, match=f'but a single {type(value).__name__} here'):
            deserializer('x', value)
