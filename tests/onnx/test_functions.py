"""Every function that can be exported computes the same in onnxruntime, at any batch size."""

import pytest

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
