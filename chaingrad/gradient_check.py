"""Checks of gradients against finite differences."""

from chaingrad.autograd.gradient_checking.gradient_check import (
    NondifferentiableError,
    assert_allclose,
    check_backward,
    check_double_backward,
    numerical_grad,
)

__all__ = ['NondifferentiableError', 'assert_allclose', 'check_backward', 'check_double_backward', 'numerical_grad']
