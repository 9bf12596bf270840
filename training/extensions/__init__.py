"""Extensions, which a Trainer calls between updates. Public as `chaingrad.training.extensions`."""

import typing as _typing

from chaingrad.autograd.advice import module_getattr as _module_getattr
from chaingrad.training.extensions import snapshot_writers
from chaingrad.training.extensions.best_model import KeepBest
from chaingrad.training.extensions.checks import FailOnNonNumber, MicroAverage, ParameterStatistics
from chaingrad.training.extensions.cycles import CosineShift, OneCycleShift
from chaingrad.training.extensions.evaluator import Evaluator
from chaingrad.training.extensions.graph_dump import DumpGraph, dump_graph, unchain_variables
from chaingrad.training.extensions.log_report import LogReport
from chaingrad.training.extensions.moving_average import ExponentialMovingAverage
from chaingrad.training.extensions.plot_report import PlotReport
from chaingrad.training.extensions.print_report import PrintReport
from chaingrad.training.extensions.profile import Profile
from chaingrad.training.extensions.progress_bar import ProgressBar
from chaingrad.training.extensions.shifts import (
    ExponentialShift,
    InverseShift,
    LinearShift,
    MultistepShift,
    PolynomialShift,
    StepShift,
    WarmupShift,
)
from chaingrad.training.extensions.snapshots import snapshot, snapshot_object
from chaingrad.training.extensions.tensorboard_report import TensorBoardReport
from chaingrad.training.extensions.tqdm_bar import TqdmProgressBar
from chaingrad.training.extensions.value_observation import observe_lr, observe_value
from chaingrad.training.extensions.variable_statistics_plot import VariableStatisticsPlot

__all__ = [
    'CosineShift',
    'DumpGraph',
    'Evaluator',
    'ExponentialMovingAverage',
    'ExponentialShift',
    'FailOnNonNumber',
    'InverseShift',
    'KeepBest',
    'LinearShift',
    'LogReport',
    'MicroAverage',
    'MultistepShift',
    'OneCycleShift',
    'ParameterStatistics',
    'PlotReport',
    'PolynomialShift',
    'PrintReport',
    'Profile',
    'ProgressBar',
    'StepShift',
    'TensorBoardReport',
    'TqdmProgressBar',
    'VariableStatisticsPlot',
    'WarmupShift',
    'dump_graph',
    'observe_lr',
    'observe_value',
    'snapshot',
    'snapshot_object',
    'snapshot_writers',
    'unchain_variables',
]


if not _typing.TYPE_CHECKING:  # a type checker that saw it would accept every name
    __getattr__ = _module_getattr(__name__, __all__)
