"""Models as ONNX files: `export`, `export_testcase`, `load` and `replace_func`. Needs the package onnx (extra `onnx`).

A forward pass is recorded (`recording.py`), its functions are converted (`converters/`) to operators in plain Python
(`graph.py`), and those are written with onnx (`writing.py`). `load` reads a file (`reading.py`) and runs its operators
(`operators/`). Deliberately not here: training graphs, and control flow, which is unrolled as the pass ran.
"""

from chaingrad.onnx import replace_func
from chaingrad.onnx.exporting import MAXIMUM_OPSET_VERSION, MINIMUM_OPSET_VERSION
from chaingrad.onnx.front import export, export_testcase
from chaingrad.onnx.loading import load

__all__ = ['MAXIMUM_OPSET_VERSION', 'MINIMUM_OPSET_VERSION', 'export', 'export_testcase', 'load', 'replace_func']
