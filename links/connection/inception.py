"""Inception, the block of GoogLeNet, and InceptionBN, the one with batch normalization."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.variable import Variable, VariableOrArray
from chaingrad.functions.activation.rectifier import relu
from chaingrad.functions.array.joining import concat
from chaingrad.functions.pooling.pooling import average_pooling_2d, max_pooling_2d
from chaingrad.links.annotations import DTypeLike, InitialValue
from chaingrad.links.chain import Chain
from chaingrad.links.connection.convolution_2d import Convolution2D
from chaingrad.links.normalization.batch_normalization import BatchNormalization


class Inception(Chain):
    """Four branches side by side: 1x1, 3x3 and 5x5 convolutions and a pooling, whose outputs are joined.

    y = relu(concat(conv1(x), conv3(relu(proj3(x))), conv5(relu(proj5(x))), projp(max_pooling(x))))

    Args:
        in_channels (int): channels of the inputs; None to take it from the first one.
        out1 (int): outputs of the 1x1 branch.
        proj3 (int): outputs of the 1x1 convolution before the 3x3 one.
        out3 (int): outputs of the 3x3 branch.
        proj5 (int): outputs of the 1x1 convolution before the 5x5 one.
        out5 (int): outputs of the 5x5 branch.
        proj_pool (int): outputs of the pooling branch.
        conv_init: initializer for all weights; LeCunNormal when None.
        bias_init: initializer for all biases; zeros when None.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> block = L.Inception(3, 2, 4, 5, 1, 6, 7)
        >>> block(np.zeros((1, 3, 8, 8), np.float32)).shape
        (1, 20, 8, 8)

    Source:
        Szegedy et al.: Going deeper with convolutions (CVPR 2015), figure 2b.
    """

    def __init__(
        self,
        in_channels: int | None,
        out1: int,
        proj3: int,
        out3: int,
        proj5: int,
        out5: int,
        proj_pool: int,
        conv_init: InitialValue = None,
        bias_init: InitialValue = None,
    ) -> None:
        super().__init__()
        initial: dict[str, Any] = {'initialW': conv_init, 'initial_bias': bias_init}
        with self.init_scope():
            self.conv1 = Convolution2D(in_channels, out1, 1, **initial)
            self.proj3 = Convolution2D(in_channels, proj3, 1, **initial)
            self.conv3 = Convolution2D(proj3, out3, 3, pad=1, **initial)
            self.proj5 = Convolution2D(in_channels, proj5, 1, **initial)
            self.conv5 = Convolution2D(proj5, out5, 5, pad=2, **initial)
            self.projp = Convolution2D(in_channels, proj_pool, 1, **initial)

    def forward(self, x: VariableOrArray) -> Variable:
        """Apply the block.

        Args:
            x: Variable or array, (n, in_channels, h, w), of the dtype of the weights.

        Returns:
            Variable (n, out1 + out3 + out5 + proj_pool, h, w).

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        branches = (
            self.conv1(x),
            self.conv3(relu(self.proj3(x))),
            self.conv5(relu(self.proj5(x))),
            self.projp(max_pooling_2d(x, 3, stride=1, pad=1)),
        )
        return relu(concat(branches, axis=1))


class InceptionBN(Chain):
    """Branches side by side with batch normalization: 1x1, 3x3, two 3x3 and a pooling, whose outputs are joined.

    Args:
        in_channels (int): channels of the inputs; None to take it from the first one.
        out1 (int): outputs of the 1x1 branch; 0 for none, as a stride of 2 requires.
        proj3 (int): outputs of the 1x1 convolution before the 3x3 one.
        out3 (int): outputs of the 3x3 branch.
        proj33 (int): outputs of the 1x1 convolution before the two 3x3 ones.
        out33 (int): outputs of the branch with two 3x3 convolutions.
        pooltype (str): 'max' or 'avg'.
        proj_pool (int): outputs of the 1x1 convolution after the pooling; None for none.
        stride (int): stride of the last convolution of each branch and of the pooling.
        conv_init: initializer for all weights; LeCunNormal when None.
        dtype: dtype of the batch normalizations; `config.dtype` when None.

    Raises:
        NotImplementedError: when pooltype is none of these.
        ValueError: when out1 is not 0 with another stride than 1 or without proj_pool.

    Example:
        >>> import numpy as np, chaingrad.links as L
        >>> block = L.InceptionBN(3, 2, 4, 5, 1, 6, 'avg', 7)
        >>> block(np.zeros((1, 3, 8, 8), np.float32)).shape
        (1, 20, 8, 8)

    Source:
        Ioffe, Szegedy: Batch Normalization (ICML 2015), figure 5.
    """

    def __init__(
        self,
        in_channels: int | None,
        out1: int,
        proj3: int,
        out3: int,
        proj33: int,
        out33: int,
        pooltype: str,
        proj_pool: int | None = None,
        stride: int = 1,
        conv_init: InitialValue = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        if pooltype not in ('max', 'avg'):
            raise NotImplementedError(f"InceptionBN: pooltype must be 'max' or 'avg', but it is {pooltype!r}.")
        if out1 > 0 and (stride != 1 or proj_pool is None):
            raise ValueError(
                f'InceptionBN: out1 must be 0 where stride is not 1 or proj_pool is None, but it is {out1} with stride '
                f'{stride} and proj_pool {proj_pool}.'
            )
        self.out1 = out1
        self.proj_pool = proj_pool
        self.stride = stride
        self.pooltype = pooltype

        def add(name: str, n_in: int | None, n_out: int, ksize: int, stride: int = 1) -> None:
            layer = Convolution2D(n_in, n_out, ksize, stride, ksize // 2, nobias=True, initialW=conv_init)
            self.add_link(name, layer)
            self.add_link(f'{name}n', BatchNormalization(n_out, dtype=dtype))

        add('proj3', in_channels, proj3, 1)
        add('conv3', proj3, out3, 3, stride)
        add('proj33', in_channels, proj33, 1)
        add('conv33a', proj33, out33, 3)
        add('conv33b', out33, out33, 3, stride)
        if out1 > 0:
            add('conv1', in_channels, out1, 1)
        if proj_pool is not None:
            add('poolp', in_channels, proj_pool, 1)

    def forward(self, x: VariableOrArray) -> Variable:
        """Apply the block.

        Args:
            x: Variable or array, (n, in_channels, h, w), of the dtype of the weights.

        Returns:
            Variable (n, out1 + out3 + out33 + proj_pool, h / stride, w / stride); in_channels without proj_pool.

        Raises:
            InvalidType: when shapes or dtypes do not fit.
        """
        branches = []
        if self.out1 > 0:
            branches.append(self._convolve('conv1', x))
        h = relu(self._convolve('proj3', x))
        branches.append(self._convolve('conv3', h))
        h = relu(self._convolve('proj33', x))
        h = relu(self._convolve('conv33a', h))
        branches.append(self._convolve('conv33b', h))
        if self.pooltype == 'max':
            pooled = max_pooling_2d(x, 3, stride=self.stride, pad=1, cover_all=False)
        else:
            pooled = average_pooling_2d(x, 3, stride=self.stride, pad=1)
        branches.append(pooled if self.proj_pool is None else self._convolve('poolp', pooled))
        return relu(concat(branches, axis=1))

    def _convolve(self, name: str, x: VariableOrArray) -> Variable:
        """Apply a convolution and its batch normalization."""
        return self[f'{name}n'](self[name](x))
