"""The graph: Variables, the functions that link them, and the pass that carries gradients back.

Read in this order: `node.py`, `variable.py`, `function_node.py`, `backprop.py`; then `elementwise.py` to see functions
at work, and `operators.py`, which gives them to Variable. Imports go along the arrows, to the right and down:

    [ operators  gradient_checking  drawing ] -> [ stepping ]
                   v
    [ numpy_protocol  variable_node  gradients  old_function ]
                   v
    [ arithmetic  matmul  reduction ] -> [ elementwise  array_ops  parameter ]
                   v
    [ function_node ] -> [ variable ] -> [ array_holder  backprop ] -> [ in_place  anomaly ] -> [ node  call_site ]
                   v
    [ contract  function_hook  initializer  habits  part_gradient ] -> [ type_checking  backends ] -> [ tracebacks ]
                   v
    [ configuration  warning  annotations  advice  habits_table ] -> [ frames ]
"""

from chaingrad.autograd import operators
from chaingrad.autograd.anomaly import detect_anomaly
from chaingrad.autograd.arithmetic import absolute
from chaingrad.autograd.array_ops import broadcast_to, cast, get_item, reshape, sum_to, transpose
from chaingrad.autograd.configuration import (
    DebugMode,
    config,
    force_backprop_mode,
    get_dtype,
    global_config,
    is_debug,
    mixed16,
    no_backprop_mode,
    set_debug,
    using_config,
)
from chaingrad.autograd.function_hook import FunctionHook, get_function_hooks
from chaingrad.autograd.function_node import FunctionNode
from chaingrad.autograd.gradients import backward, grad
from chaingrad.autograd.initializer import Initializer
from chaingrad.autograd.matmul import matmul
from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.reduction import sum
from chaingrad.autograd.stepping import backward_steps
from chaingrad.autograd.variable import Variable, as_array, as_variable
from chaingrad.autograd.variable_node import VariableNode
