"""What hooks that compute a weight anew in every call share."""

from __future__ import annotations

from typing import Any

from chaingrad.autograd.configuration import no_backprop_mode, using_config
from chaingrad.links.connection.deconvolution import DeconvolutionND
from chaingrad.links.link_hook import LinkHook


class Reparameterized(LinkHook):
    """Base of hooks that put a Variable in the place of a parameter while the link is called.

    A hook belongs to one link: `link.add_hook(hook)`. A subclass defines `_replacement(link)`.
    """

    weight_name = 'W'

    def __enter__(self) -> LinkHook:
        raise NotImplementedError(
            f'{self.name}: it belongs to one link and cannot be used in a with statement. Use link.add_hook(hook).'
        )

    def added(self, link: Any) -> None:
        """Check that the link has the weight.

        Raises:
            ValueError: when it has none of this name.
        """
        if not hasattr(link, self.weight_name):
            raise ValueError(
                f'{self.name}: {type(link).__name__} must have a weight {self.weight_name!r}, but it has none. Give '
                'weight_name.'
            )

    def _replacement(self, link: Any) -> Any:
        raise NotImplementedError(f'{type(self).__name__} must define _replacement(link).')

    def forward_preprocess(self, cb_args: Any) -> None:
        """Put what is computed in the place of the weight."""
        link, name = cb_args.link, self.weight_name
        if getattr(link, name).array is None:
            # One call of the link itself gives the weight its shape.
            with no_backprop_mode(), using_config('train', False):
                link.forward(*cb_args.args, **cb_args.kwargs)
        # Kept on the link, so that of two hooks of one weight the second does not take the first one's for it.
        replaced = vars(link).setdefault('_replaced_weights', {})
        replaced.setdefault(name, getattr(link, name))
        setattr(link, name, self._replacement(link))

    def forward_postprocess(self, cb_args: Any) -> None:
        """Put the weight itself back."""
        replaced = vars(cb_args.link).get('_replaced_weights', {})
        if self.weight_name in replaced:
            setattr(cb_args.link, self.weight_name, replaced.pop(self.weight_name))

    forward_failed = forward_postprocess


def by_outputs(link: Any, W: Any) -> Any:
    """Return a weight, array or Variable, with its outputs first: of a deconvolution they are the second axis."""
    return W.transpose((1, 0, *range(2, W.ndim))) if isinstance(link, DeconvolutionND) else W
