"""What optimizers say when an update changes nothing."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.parameter import Parameter
from chaingrad.autograd.warning import warn_once
from chaingrad.links.link import Link
from chaingrad.links.unregistered import unregistered


def no_parameters(who: str, link: Link) -> str:
    """Return the warning for a target without parameters, with the links and parameters that it has not registered."""
    text = f'{who}.setup: the target {type(link).__name__} has no parameters, so update() will change nothing.'
    found = unregistered(link, (Link, Parameter))
    if found:
        text += (
            f' It holds without having registered them: {", ".join(found)}. Assign links and parameters inside '
            '"with self.init_scope():", and keep several links in a ChainList or a Sequential instead of a list.'
        )
    return text


def warn_without_gradients(optimizer: Any) -> None:
    """Warn of the second update in a row without any gradient; one alone may be chance, as in random depth."""
    waiting = 0
    for param in optimizer.target.params(include_uninit=False):
        if param.update_rule is not None and param.update_rule.enabled:
            if param.grad is not None:
                return
            waiting += 1
    last, optimizer._last_in_vain = optimizer._last_in_vain, optimizer.t
    if waiting and last == optimizer.t - 1:
        who = type(optimizer).__name__
        warn_once(
            'no gradients',
            f'{who}.update: none of the {waiting} parameters of {type(optimizer.target).__name__} has a gradient, so '
            'the update knows no direction. Call loss.backward() after model.cleargrads() and before update(), with a '
            'loss that depends on this model.',
        )
