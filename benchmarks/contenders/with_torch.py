"""The problems as a user of PyTorch writes them."""

import torch
import torch.nn.functional as F

from benchmarks import problems

torch.set_num_threads(1)


def _net(layers, activation):
    modules = []
    for i, (W, b) in enumerate(layers):
        layer = torch.nn.Linear(W.shape[1], W.shape[0])
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(W))
            layer.bias.copy_(torch.from_numpy(b))
        modules.append(layer)
        if i < len(layers) - 1:
            modules.append(activation)
    return torch.nn.Sequential(*modules) if len(modules) > 1 else modules[0]


def _training(data, activation, loss_function, lr):
    x, t, layers = data
    x, t = torch.from_numpy(x), torch.from_numpy(t)
    t = t if t.is_floating_point() else t.long()
    model = _net(layers, activation)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)

    def step():
        loss = loss_function(model(x), t)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def _chain(operation, n):
    data = torch.from_numpy(problems.chain())

    def step():
        x = data.clone().requires_grad_()
        y = x
        for _ in range(n):
            y = operation(y)
        y.backward(data)
        return x.grad.sum()

    return step


def _mul(y):
    return y * problems.CHAIN_FACTOR


BUILD = {
    'linear': lambda: _training(problems.linear(), None, F.mse_loss, problems.LINEAR_LR),
    'spiral': lambda: _training(problems.spiral(), torch.nn.Sigmoid(), F.cross_entropy, problems.SPIRAL_LR),
    'regression': lambda: _training(problems.regression(), torch.nn.ReLU(), F.mse_loss, problems.REGRESSION_LR),
    'sin_2000': lambda: _chain(torch.sin, 2000),
    'sin_20000': lambda: _chain(torch.sin, 20000),
    'mul_2000': lambda: _chain(_mul, 2000),
    'mul_20000': lambda: _chain(_mul, 20000),
}
