"""Reporter, report, and the summaries."""

import threading
import weakref

import numpy as np
import pytest

from chaingrad.autograd.configuration import using_config
from chaingrad.autograd.variable import Variable
from chaingrad.links.chain import Chain
from chaingrad.links.reporter import DictSummary, Reporter, Summary, get_current_reporter, report, report_scope
from chaingrad.links.serializers import DictionarySerializer, NpzDeserializer


def test_names_of_observers():
    reporter, model, other = Reporter(), Chain(a=Chain()), object()
    reporter.add_observer('main', model)
    reporter.add_observers('main', model.namedlinks(skipself=True))
    observation = {}
    with reporter.scope(observation):
        report({'loss': 1.0}, model)
        reporter.report({'x': 2}, model.a)
        report({'free': 3})
        with pytest.raises(KeyError, match='this object is not'):
            report({'y': 1}, other)
    assert observation == {'main/loss': 1.0, 'main/a/x': 2, 'free': 3}
    assert reporter.observation == {}


def test_report_without_reporter_does_nothing():
    report({'x': 1}, object())
    with pytest.raises(IndexError, match='no reporter is in use'):
        get_current_reporter()
    with pytest.raises(IndexError), report_scope({}):
        pass


def test_scopes_nest_and_end_with_errors():
    first, second = Reporter(), Reporter()
    inner = {}
    with first:
        assert get_current_reporter() is first
        with pytest.raises(ZeroDivisionError), second, report_scope(inner):
            report({'x': 1})
            raise ZeroDivisionError
        report({'y': 2})
    assert first.observation == {'y': 2} and second.observation == {} and inner == {'x': 1}


def test_reporters_are_of_the_thread():
    seen = []
    with Reporter() as reporter:
        thread = threading.Thread(target=lambda: (report({'x': 1}), seen.append('done')))
        thread.start()
        thread.join()
    assert seen == ['done'] and reporter.observation == {}


def test_reported_variables_lose_their_graph():
    x = Variable(np.array([1.0]))
    y = x * 2
    with Reporter() as reporter:
        report({'y': y})
        with using_config('keep_graph_on_report', True):
            report({'kept': y})
    assert reporter.observation['y'].creator is None and reporter.observation['y'].array == 2
    assert reporter.observation['kept'] is y and y.creator is not None


def test_an_observer_is_kept_alive():
    """Else another object could get its id, and its name."""

    class Observer:
        pass

    reporter, observer = Reporter(), Observer()
    reporter.add_observer('main', observer)
    kept = weakref.ref(observer)
    del observer
    assert kept() is not None


def test_summary():
    rng = np.random.default_rng(0)
    values, weights = rng.normal(size=50).astype(np.float32), rng.integers(1, 9, 50)
    summary = Summary()
    assert np.isnan(summary.compute_mean())
    for value, weight in zip(values, weights):
        summary.add(value, int(weight))
    mean, std = summary.make_statistics()
    repeated = np.repeat(values.astype(float), weights)
    np.testing.assert_allclose(mean, repeated.mean(), rtol=1e-12)
    np.testing.assert_allclose(std, repeated.std(), rtol=1e-12)
    assert summary.compute_mean() == mean


def test_summary_takes_numbers_arrays_and_variables():
    summary = Summary()
    for value in (1, 2.0, np.float32(3), np.array(4, np.float32), Variable(np.array(5.0)), True):
        summary.add(value, weight=np.array(2))
    assert summary.compute_mean() == 16 / 6
    many = Summary()
    many.add(np.array([1, 2], np.float32))
    many.add(np.array([3, 6], np.float32), weight=3)
    np.testing.assert_array_equal(many.compute_mean(), [2.5, 5])
    np.testing.assert_allclose(many.make_statistics()[1], [0.75**0.5, 3**0.5])


def test_summary_of_float32_counts_exactly():
    """Ten million in float32 sums would stop at 2 ** 24 steps of one."""
    summary = Summary()
    summary.add(np.float32(2**24))
    for _ in range(10):
        summary.add(np.float32(1))
    assert summary.compute_mean() == (2**24 + 10) / 11
    equal = Summary()
    for _ in range(3):
        equal.add(0.1)
    assert equal.make_statistics()[1] == pytest.approx(0, abs=1e-8)


def saved(obj):
    serializer = DictionarySerializer()
    serializer.save(obj)
    return {key: np.array(array) for key, array in serializer.target.items()}


def test_summaries_are_saved_and_loaded():
    summary = DictSummary()
    summary.add({'loss': np.float32(0.1), 'acc': (Variable(np.array(0.5)), 4), 'text': 'x', 'array': np.zeros(2)})
    summary.add({'loss': 0.3})
    state = saved(summary)
    assert sorted(state) == ['_names'] + [f'_summaries/{i}/_{k}' for i in '01' for k in ('n', 'x', 'x2')]
    other = DictSummary()
    other.add({'gone': 1})
    NpzDeserializer(state).load(other)
    assert other.compute_mean() == summary.compute_mean() == {'loss': pytest.approx(0.2), 'acc': 0.5}
    assert list(other.make_statistics()) == ['loss', 'loss.std', 'acc', 'acc.std']
    again = saved(other)
    assert {k: v.tolist() for k, v in again.items()} == {k: v.tolist() for k, v in state.items()}


def test_weights_must_be_numbers():
    with pytest.raises(ValueError, match='weight of loss'):
        DictSummary().add({'loss': (1.0, np.zeros(2))})


def test_old_files_without_sums_warn():
    for obj in (Summary(), DictSummary()):
        with pytest.warns(UserWarning, match='old snapshot'):
            NpzDeserializer({}).load(obj)
