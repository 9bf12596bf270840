"""Optimizer and GradientMethod: what is common to everything that updates the parameters of a link."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from chaingrad.autograd.configuration import using_config
from chaingrad.autograd.parameter import Parameter
from chaingrad.links.link import Link
from chaingrad.links.serializers.serializer import AbstractSerializer, Deserializer
from chaingrad.links.unregistered import unregistered
from chaingrad.optimizers.hookable import Hookable
from chaingrad.optimizers.hyperparameter import Hyperparameter
from chaingrad.optimizers.loss_scaling import LossScaling
from chaingrad.optimizers.update_rule import UpdateRule, unscale_grad

Self = TypeVar('Self', bound='Optimizer')
Method = TypeVar('Method', bound='GradientMethod')


class Optimizer(LossScaling, Hookable):
    """Base of everything that updates the parameters of a link. Most subclass `GradientMethod`.

    Attributes:
        target (Link): the link whose parameters are updated; None before `setup`.
        t (int): number of updates so far.
        epoch (int): number of epochs so far, as counted by `new_epoch`.
        use_auto_new_epoch (bool): whether an updater counts the epochs.

    Example:
        >>> import chaingrad, chaingrad.links as L
        >>> class HalveEverything(chaingrad.Optimizer):
        ...     def update(self, lossfun=None, *args, **kwds):
        ...         for param in self.target.params():
        ...             param.array[...] /= 2
        >>> model = L.Linear(2, 1, initialW=8)
        >>> HalveEverything().setup(model).update()
        >>> model.W
        variable W([[4., 4.]])
    """

    target: Any = None
    t = 0
    epoch = 0
    use_auto_new_epoch = False

    def setup(self: Self, link: Link) -> Self:
        """Take a link as the target, and start to count from zero.

        Args:
            link (Link): the link whose parameters shall be updated.

        Returns:
            The optimizer itself.

        Raises:
            TypeError: when link is no Link.
        """
        if not isinstance(link, Link):
            raise TypeError(
                f'{type(self).__name__}.setup: link must be a Link, such as a Chain, '
                f'but it is a {type(link).__name__}. Give it the model.'
            )
        if next(iter(link.params()), None) is None:
            warnings.warn(_no_parameters(type(self).__name__, link), UserWarning, stacklevel=3)
        self.target = link
        self.t = 0
        self.epoch = 0
        return self

    def update(self, lossfun: Callable[..., Any] | None = None, *args: Any, **kwds: Any) -> None:
        """Update the parameters.

        Args:
            lossfun (callable): a function that returns the loss as a Variable, to be differentiated first; None to use
                the gradients that are there.
            *args: arguments of lossfun.
            **kwds: keyword arguments of lossfun.
        """
        raise NotImplementedError(f'{type(self).__name__} must define update(lossfun=None, *args, **kwds).')

    def new_epoch(self, auto: bool = False) -> None:
        """Count an epoch.

        Args:
            auto (bool): whether an updater calls, which then has set `use_auto_new_epoch`.
        """
        if self.use_auto_new_epoch and not auto:
            name = type(self).__name__
            warnings.warn(
                f'{name}.new_epoch: the updater counts the epochs already, so this call is ignored. '
                'Leave it out, or give the updater auto_new_epoch=False.',
                UserWarning,
                stacklevel=2,
            )
            return
        self.epoch += 1

    def call_hooks(self, timing: str = 'pre') -> None:
        """Call the hooks of one timing.

        Args:
            timing (str): 'pre' or 'post'.
        """
        for hook in tuple((self._pre_update_hooks if timing == 'pre' else self._post_update_hooks).values()):
            self.call_hook(hook)

    def call_hook(self, hook: Callable[..., Any]) -> None:
        """Call one hook with this optimizer.

        Args:
            hook (callable): the hook.
        """
        hook(self)

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the counts and the state of every update rule, under the path of its parameter.

        Hyperparameters are not in the file. A dynamic loss scale goes to `chaingrad/`.

        Args:
            serializer: the serializer or deserializer.

        Raises:
            RuntimeError: when there is no target.
        """
        target = self._get_target('serialize')
        visit = getattr(serializer, 'collect', serializer)  # our loaders gather what does not fit
        self.t = visit('t', self.t)
        self.epoch = visit('epoch', self.epoch)
        for name, param in target.namedparams():
            rule = param.update_rule
            if rule is None:
                continue
            rule.serialize(serializer[name])
            if isinstance(serializer, Deserializer) and param.array is not None:
                rule._check_shapes(param)
        if self._loss_scaling_is_dynamic:
            self._serialize_loss_scale(serializer['chaingrad'])

    def _serialized_objects(self) -> Iterator[Any]:
        """What a loader puts back as it was after its rehearsal (see `links/serializers/loading.py`)."""
        yield self
        for param in self._get_target('serialize').params():
            if param.update_rule is not None:
                yield param.update_rule

    def _get_target(self, method: str) -> Any:
        if self.target is None:
            raise RuntimeError(
                f'{type(self).__name__}.{method}: no target. Call optimizer.setup(model) before {method}().'
            )
        return self.target


class GradientMethod(Optimizer):
    """Base of the optimizers that update each parameter by its gradient with a rule of its own.

    A subclass sets its hyperparameters in `hyperparam` and defines `create_update_rule`.

    Attributes:
        hyperparam (Hyperparameter): the values that rules inherit.

    Example:
        >>> import chaingrad, chaingrad.links as L
        >>> class SignRule(chaingrad.UpdateRule):
        ...     def update_core(self, param):
        ...         param.array[...] -= self.hyperparam.lr * param.xp.sign(param.grad)
        >>> class SignSGD(chaingrad.GradientMethod):
        ...     def __init__(self, lr=0.5):
        ...         super().__init__()
        ...         self.hyperparam.lr = lr
        ...     def create_update_rule(self):
        ...         return SignRule(self.hyperparam)
        >>> SignSGD().setup(L.Linear(2, 1))
        SignSGD(lr=0.5)
    """

    _use_cleargrads = True
    _use_fp32_update = False

    def __init__(self) -> None:
        super().__init__()
        self.hyperparam = Hyperparameter()

    def create_update_rule(self) -> UpdateRule:
        """Return a new rule for one parameter. Subclasses define it."""
        raise NotImplementedError(
            f'{type(self).__name__} must define create_update_rule(), which returns an UpdateRule.'
        )

    def setup(self: Method, link: Link) -> Method:
        """Take a link as the target, and give each of its parameters a new update rule.

        Args:
            link (Link): the link whose parameters shall be updated.

        Returns:
            The optimizer itself.

        Raises:
            TypeError: when link is no Link.
        """
        super().setup(link)
        for param in link.params():
            param.update_rule = self.create_update_rule()
            if self._use_fp32_update:
                param.update_rule.use_fp32_update()
        return self

    def update(self, lossfun: Callable[..., Any] | None = None, *args: Any, **kwds: Any) -> None:
        """Update the parameters, after a backward pass when a function is given.

        A parameter of the target that got no gradient is updated with zeros (see `reallocate_cleared_grads`); one that
        has no array yet is left alone.

        Args:
            lossfun (callable): a function that returns the loss as a Variable. It is called, the gradients of the
                target are cleared, and the loss is differentiated. None: use the gradients that are there.
            *args: arguments of lossfun.
            **kwds: keyword arguments of lossfun.

        Raises:
            RuntimeError: when there is no target.
            TypeError: when lossfun cannot be called, or does not return a Variable.

        Example:
            >>> import numpy as np, chaingrad.functions as F, chaingrad.links as L
            >>> from chaingrad import optimizers
            >>> model = L.Linear(1, 1, initialW=1, nobias=True)
            >>> optimizer = optimizers.SGD(lr=0.5).setup(model)
            >>> x = np.array([[2.0]], dtype=np.float32)
            >>> optimizer.update(lambda: F.sum(model(x)))
            >>> model.W
            variable W([[0.]])
        """
        target = self._get_target('update') if self.target is None else self.target
        if lossfun is not None:
            self._differentiate(lossfun, args, kwds)
        if self._loss_scale is not None or self._pre_update_hooks or self._post_update_hooks:
            self._update_with_hooks()
            return
        safe = self.is_safe_to_update()
        reallocated = False
        self.t += 1
        for param in target.params():
            if param.grad is None and not reallocated:
                self.reallocate_cleared_grads()
                reallocated = True
            rule = param.update_rule
            if rule is not None and safe:
                rule.update(param)

    def _differentiate(self, lossfun: Callable[..., Any], args: tuple[Any, ...], kwds: dict[str, Any]) -> None:
        who = f'{type(self).__name__}.update'
        if not callable(lossfun):
            raise TypeError(
                f'{who}: lossfun must be callable, but it is a {type(lossfun).__name__}. Give the function and its '
                'arguments, update(model, x, t), or call loss.backward() yourself and then update().'
            )
        loss = lossfun(*args, **kwds)
        if not hasattr(loss, 'backward'):
            raise TypeError(f'{who}: lossfun must return the loss as a Variable, but it is a {type(loss).__name__}.')
        if self._use_cleargrads:
            self.target.cleargrads()
        else:
            for param in self.target.params():
                param.zerograd()
        # It may reach parameters of other models, as in a GAN, whose own update will clear them: no warning.
        with using_config('in_optimizer_update', True):
            loss.backward(loss_scale=self._loss_scale)

    def _update_with_hooks(self) -> None:
        self.reallocate_cleared_grads()
        self.check_nan_in_grads()
        safe = self.is_safe_to_update()
        for param in self.target.params():
            # A float32 twin divides by itself, after the cast; hooks need it done before.
            rule = param.update_rule
            if param._loss_scale is not None and (self._pre_update_hooks or rule is None or not rule._use_fp32_update):
                unscale_grad(param)
        if safe:
            self.call_hooks('pre')
        self.t += 1
        if safe:
            for param in self.target.params():
                param.update()
            self.reallocate_cleared_grads()
            self.call_hooks('post')
        self.update_loss_scale()

    def reallocate_cleared_grads(self) -> None:
        """Give zeros as gradient to every initialized parameter of the target that has none.

        It is called before and after the update and after each hook, so that hooks and rules find a gradient
        everywhere. Override it with an empty method to have parameters without a gradient left alone.
        """
        for param in self.target.params(include_uninit=False):
            if param.grad is None:
                param.grad = param.xp.zeros_like(param.array)

    def call_hooks(self, timing: str = 'pre') -> None:
        """Call the hooks of one timing.

        Args:
            timing (str): 'pre' or 'post'.
        """
        for hook in tuple((self._pre_update_hooks if timing == 'pre' else self._post_update_hooks).values()):
            self.call_hook(hook)
            self.reallocate_cleared_grads()

    def call_hook(self, hook: Callable[..., Any]) -> None:
        """Call one hook, with this optimizer or, when it has `call_for_each_param`, with each rule and parameter.

        Args:
            hook (callable): the hook.
        """
        if not getattr(hook, 'call_for_each_param', False):
            hook(self)
            return
        for param in self.target.params(include_uninit=False):
            if param.update_rule is not None:
                hook(param.update_rule, param)

    def use_cleargrads(self, use: bool = True) -> None:
        """Choose how `update` clears the gradients: to None, or to zeros.

        Args:
            use (bool): True for `cleargrads`, False for `zerograds`.
        """
        self._use_cleargrads = use

    def use_fp32_update(self, flag: bool = True) -> None:
        """Update float16 parameters through float32 twins, so that small steps are not rounded away.

        With a loss scale too, gradients are divided by it as float32, unless the optimizer has hooks before the
        update: these see float16 gradients, already divided.

        Args:
            flag (bool): whether to.
        """
        self._use_fp32_update = flag
        if self.target is not None:
            for param in self.target.params():
                if param.update_rule is not None:
                    param.update_rule.use_fp32_update(flag)

    def __repr__(self) -> str:
        values = self.hyperparam.get_dict()
        shown = [name for name in inspect.signature(type(self).__init__).parameters if name in values] or values
        return f'{type(self).__name__}({", ".join(f"{name}={values[name]!r}" for name in shown)})'


def _no_parameters(who: str, link: Link) -> str:
    """Return the warning for a target without parameters, with what it holds unregistered."""
    text = f'{who}.setup: the target {type(link).__name__} has no parameters, so update() will change nothing.'
    if found := unregistered(link, (Link, Parameter)):
        text += (
            f' It holds without having registered them: {", ".join(found)}. Assign links and parameters inside '
            '"with self.init_scope():", and keep several links in a ChainList or a Sequential instead of a list.'
        )
    return text
