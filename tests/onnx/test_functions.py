"""Every function that can be exported computes the same in onnxruntime, at any batch size."""

import pytest

from chaingrad.autograd.variable import as_variable
from chaingrad.functions.noise import Dropout
from chaingrad.functions.normalization.batch import BatchNormalization
from chaingrad.onnx import MAXIMUM_OPSET_VERSION, MINIMUM_OPSET_VERSION, export
from chaingrad.onnx.converters import CONVERTERS, find_converter
from chaingrad.onnx.graph import NotExportable
from chaingrad.onnx.inputs import read_inputs
from chaingrad.onnx.operators import OPERATORS
from chaingrad.onnx.recording import record
from tests.onnx import cases
from tests.onnx.running import assert_same_in_onnxruntime

FAMILIES = {
    name.lower(): getattr(cases, name)
    for name in 'ELEMENTWISE ACTIVATION REDUCTION ARRAY LINEAR CONVOLUTION NORMALIZATION RNN'.split()
}
ROWS = [pytest.param(case, id=f'{family}-{case.name}') for family, rows in FAMILIES.items() for case in rows]


@pytest.mark.parametrize('case', ROWS)
def test_same_as_in_onnxruntime(case):
    assert_same_in_onnxruntime(case.call, case.make)


@pytest.mark.parametrize('opset', [MINIMUM_OPSET_VERSION, 21, MAXIMUM_OPSET_VERSION])
@pytest.mark.parametrize('family', FAMILIES)
def test_other_opsets(family, opset):
    for case in FAMILIES[family]:
        if case.opset > opset:
            with pytest.raises(NotExportable, match=f'from opset {case.opset} on'):
                export(case.call, tuple(case.make(3)), opset_version=opset)
            continue
        exported = assert_same_in_onnxruntime(case.call, case.make, batches=(2,), opset_version=opset)
        assert exported.opset_import[0].version == opset, case.name


def test_every_operator_that_load_runs_is_written_by_a_row():
    exported = [export(row.values[0].call, tuple(row.values[0].make(3))) for row in ROWS]
    assert {node.op_type for model in exported for node in model.graph.node} == set(OPERATORS)


def test_every_converter_has_a_row():
    used = set()
    for row in ROWS:
        case = row.values[0]
        inputs = read_inputs(tuple(case.make(3)), None)
        variables = {name: as_variable(x) for name, x in inputs.arrays.items()}
        for step in record(case.call, inputs.call, variables, train=False).steps:
            used |= set(type(step.function).__mro__[:1]) | {
                parent for parent in type(step.function).__mro__ if parent in CONVERTERS
            }
    assert set(CONVERTERS) - used == {Dropout, BatchNormalization}  # they only refuse, in training
    assert all(find_converter(kind) for kind in CONVERTERS)
