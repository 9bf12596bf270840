"""A composite function, its gradients and its graph.

    python examples/composite.py [--out result] [--quick]

f(x1, x2, x3) = (x1 - 2 x2 - 1)^2 + (x2 x3 - 1)^2 + 1 is 42 at (1, 2, 3), and its gradients there are -8, 46 and 20.
"""

import argparse
import pathlib

import numpy as np

from chaingrad import Variable
from chaingrad.computational_graph import build_computational_graph


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--out', default='result', help='folder for the picture of the graph')
    parser.add_argument('--quick', action='store_true', help='no effect: the example is short')
    out = pathlib.Path(parser.parse_args(argv).out)
    out.mkdir(parents=True, exist_ok=True)

    x1 = Variable(np.array(1.0), name='x1')
    x2 = Variable(np.array(2.0), name='x2')
    x3 = Variable(np.array(3.0), name='x3')
    f = (x1 - 2 * x2 - 1) ** 2 + (x2 * x3 - 1) ** 2 + 1
    f.name = 'f'
    f.backward()
    print(f'f = {f.item():g}')
    for x in (x1, x2, x3):
        print(f'df/d{x.name} = {x.grad.item():g}')

    graph = build_computational_graph([f])
    (out / 'composite.dot').write_text(graph.dump(), encoding='utf-8')
    (out / 'composite.svg').write_text(graph.dump('svg'), encoding='utf-8')
    print(f'graph drawn in {out / "composite.svg"}')
    assert f.item() == 42
    assert (x1.grad, x2.grad, x3.grad) == (-8, 46, 20)


if __name__ == '__main__':
    main()
