"""The tool that breaks rules: which changes it makes, and that each makes another program."""

import ast
import textwrap

from tests.source import ROOT
from tools.mutation import Arrays, all_mutants, changeable, changes, seeded


def mutated(rule):
    source = textwrap.dedent(rule)
    method = ast.parse(source).body[0]
    found = [
        change for part in method.body for node in changeable(part, Arrays(method)) for change in changes(node, source)
    ]
    return {text for _, text in found}


def test_signs_terms_and_transpositions_of_arrays_change():
    rule = """
        def backward(self, indexes, grad_outputs):
            x, = self.get_retained_inputs()
            n = max(x.size - 1, 1)
            return MatMul.of(grad_outputs[0] * x.T, x / n, transa=True).reshape((x.shape[0] + 1,))
    """
    product = 'MatMul.of(grad_outputs[0] * x.T, x / n, transa=True)'
    assert mutated(rule) == {
        f'(-{product})',
        '(-(grad_outputs[0] * x.T))',
        '(grad_outputs[0])',
        'x',
        '(-(x / n))',
        '(x)',
        'transa=not (True)',
    }


def test_what_changes_nothing_is_left_out():
    rule = """
        def backward(self, indexes, grad_outputs):
            order = [0, 1] + [2]
            return grad_outputs * len(indexes), grad_outputs[0].transpose(order) + self.zero, x[n - 1], order
    """
    assert mutated(rule) == set()


def test_every_mutant_is_another_program():
    assert sum(map(len, all_mutants())) > 400
    for mutant in seeded(30, seed=1):
        source = (ROOT / mutant.path).read_text(encoding='utf-8')
        changed = mutant.applied(source)
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(source)), str(mutant)
