"""Base of hooks that compute a weight anew in every call."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.configuration import no_backprop_mode, using_config
from chaingrad.autograd.variable import Variable
from chaingrad.links.connection.deconvolution import DeconvolutionND
from chaingrad.links.link import Link
from chaingrad.links.link_hook import ForwardPostprocessArgs, ForwardPreprocessArgs, LinkHook


class Reparameterized(LinkHook):
    """Base of hooks that replace a parameter by a Variable while the link is called.

    A hook belongs to one link: `link.add_hook(hook)`. A subclass defines `_replacement(link)`.
    """

    weight_name = 'W'

    def __enter__(self) -> LinkHook:
        raise NotImplementedError(
            f'{self.name}: it belongs to one link and cannot be used in a with statement. Use link.add_hook(hook).'
        )

    def added(self, link: Link | None) -> None:
        """Check that the link has the weight.

        Raises:
            ValueError: when it has none of this name.
        """
        if not hasattr(link, self.weight_name):
            raise ValueError(
                f'{self.name}: {type(link).__name__} must have a weight {self.weight_name!r}, but it has none. Give '
                'weight_name.'
            )

    def _replacement(self, link: Link) -> Variable:
        raise NotImplementedError(f'{type(self).__name__} must define _replacement(link).')

    def forward_preprocess(self, cb_args: ForwardPreprocessArgs) -> None:
        """Replace the weight by the Variable that is computed from it."""
        link = cb_args.link
        name = self.weight_name
        if getattr(link, name).array is None:
            # One call of the link itself gives the weight its shape.
            with no_backprop_mode(), using_config('train', False):
                link.forward(*cb_args.args, **cb_args.kwargs)
        # Kept on the link, so that the second of two hooks of one weight does not take the replacement for the weight.
        replaced = vars(link).setdefault('_replaced_weights', {})
        replaced.setdefault(name, getattr(link, name))
        setattr(link, name, self._replacement(link))

    def forward_postprocess(self, cb_args: ForwardPostprocessArgs) -> None:
        """Restore the weight."""
        self._restore(cb_args.link)

    def forward_failed(self, cb_args: ForwardPreprocessArgs) -> None:
        """Restore the weight."""
        self._restore(cb_args.link)

    def _restore(self, link: Link) -> None:
        replaced = vars(link).get('_replaced_weights', {})
        if self.weight_name in replaced:
            setattr(link, self.weight_name, replaced.pop(self.weight_name))


def axis_of_outputs(link: Link | None) -> int:
    """Return the weight's axis that has an index for each output: in a deconvolution it is the second."""
    return 1 if isinstance(link, DeconvolutionND) else 0


def axis_first(W: Any, axis: int) -> Any:
    """Return a weight, array or Variable, with one axis before the others."""
    return W if axis == 0 else W.transpose((axis, *[i for i in range(W.ndim) if i != axis]))
