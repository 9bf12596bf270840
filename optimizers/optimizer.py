"""Optimizer and GradientMethod: what is common to everything that updates the parameters of a link."""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from chaingrad.autograd.advice import NAMES, KnownKeywords, answer_habits, returned
from chaingrad.autograd.anomaly import check_update
from chaingrad.autograd.configuration import active_hooks, config, mixed16, using_config
from chaingrad.autograd.tracebacks import shorten
from chaingrad.functions.kernels.memory import keep_freed_memory
from chaingrad.links.link import Link
from chaingrad.links.serializer import AbstractSerializer, Deserializer
from chaingrad.optimizers import messages
from chaingrad.optimizers.hookable import Hookable
from chaingrad.optimizers.hyperparameter import Hyperparameter, HyperparameterProxy
from chaingrad.optimizers.loss_scaling import LossScaling
from chaingrad.optimizers.update_rule import ElementwiseRule, UpdateRule, unscale_grad

Self = TypeVar('Self', bound='Optimizer')
Method = TypeVar('Method', bound='GradientMethod')


class Optimizer(LossScaling, Hookable, KnownKeywords):
    """Base of everything that updates the parameters of a link. Most optimizers subclass `GradientMethod`.

    Attributes:
        target (Link): the link whose parameters are updated; None before `setup`.
        t (int): number of updates so far.
        epoch (int): number of epochs so far: how often `new_epoch` was called.
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
        """Set the target, and start to count from zero.

        Args:
            link (Link): the link whose parameters are to be updated.

        Returns:
            The optimizer itself.

        Raises:
            TypeError: when link is not a Link.
        """
        if not isinstance(link, Link):
            raise TypeError(
                f'{type(self).__name__}.setup: link must be a Link, such as a Chain, '
                f'but it is a {type(link).__name__}. Give it the model.'
            )
        if next(iter(link.params()), None) is None:
            warnings.warn(messages.no_parameters(type(self).__name__, link), UserWarning, stacklevel=3)
        keep_freed_memory()
        self.target = link
        self.t = 0
        self.epoch = 0
        return self

    def update(self, lossfun: Callable[..., Any] | None = None, *args: Any, **kwds: Any) -> None:
        """Update the parameters.

        Args:
            lossfun (callable): a function that returns the loss as a Variable, which is differentiated first; None to
                use the gradients that the parameters have.
            *args: arguments of lossfun.
            **kwds: keyword arguments of lossfun.
        """
        raise NotImplementedError(f'{type(self).__name__} must define update(lossfun=None, *args, **kwds).')

    def new_epoch(self, auto: bool = False) -> None:
        """Count an epoch.

        Args:
            auto (bool): whether an updater makes the call; it has set `use_auto_new_epoch` before.
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
        for hook in self._list_hooks(timing):
            self.call_hook(hook)

    def call_hook(self, hook: Callable[..., Any]) -> None:
        """Call one hook with this optimizer.

        Args:
            hook (callable): the hook.
        """
        hook(self)

    def is_safe_to_update(self) -> bool:
        """Return False when a dynamic loss scale has made gradients overflow, so that `update` changes nothing."""
        return not self._grads_overflow

    def serialize(self, serializer: AbstractSerializer) -> None:
        """Save or load the counts and the state of every update rule, under the path of its parameter.

        Hyperparameters are not in the file. A dynamic loss scale goes to `chaingrad/`.

        Args:
            serializer: the serializer or deserializer.

        Raises:
            RuntimeError: when there is no target.
        """
        target = self._get_target('serialize')
        visit = getattr(serializer, 'collect', serializer)  # our loaders collect all mismatches into one error
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
        """Yield what a loader restores when the file does not fit (see `links/serializers/loading.py`)."""
        yield self
        for param in self._get_target('serialize').params():
            if param.update_rule is not None:
                yield param.update_rule

    def _get_target(self, method: str) -> Link:
        if self.target is None:
            raise RuntimeError(
                f'{type(self).__name__}.{method}: no target. Call optimizer.setup(model) before {method}().'
            )
        return self.target


answer_habits(Optimizer, 'OPTIMIZER', NAMES['OPTIMIZER'].split())


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

    # The optimizers of this package set it. Their signatures are then the only list of their hyperparameters:
    # `__init_subclass__` makes the attributes and the defaults of the rule from it.
    _rule_class: type[ElementwiseRule] | None = None
    _use_cleargrads = True
    _last_in_vain: int | None = None  # number of the last update without any gradient
    _use_fp32_update: bool | None = None  # None: where `config.dtype` is mixed16

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Make every argument of a class with `_rule_class` an attribute, which reads and writes `hyperparam`.

        The defaults of the arguments become those of the rule, for rules that are made without an optimizer.
        """
        super().__init_subclass__(**kwargs)
        rule_class = cls.__dict__.get('_rule_class')
        if rule_class is not None:
            arguments = list(inspect.signature(cls).parameters.values())
            rule_class.defaults = {argument.name: argument.default for argument in arguments}
            for argument in arguments:
                setattr(cls, argument.name, HyperparameterProxy(argument.name))

    def __init__(self) -> None:
        super().__init__()
        self.hyperparam = Hyperparameter()

    def create_update_rule(self) -> UpdateRule:
        """Return a new rule for one parameter. Subclasses define it."""
        if self._rule_class is None:
            raise NotImplementedError(
                f'{type(self).__name__} must define create_update_rule(), which returns an UpdateRule.'
            )
        return self._rule_class(self.hyperparam)

    def setup(self: Method, link: Link) -> Method:
        """Set the target, and give each of its parameters a new update rule.

        Args:
            link (Link): the link whose parameters are to be updated.

        Returns:
            The optimizer itself.

        Raises:
            TypeError: when link is not a Link.
        """
        super().setup(link)
        use_fp32_update = config.dtype is mixed16 if self._use_fp32_update is None else self._use_fp32_update
        for param in link.params():
            param.update_rule = self.create_update_rule()
            if use_fp32_update:
                param.update_rule.use_fp32_update()
        return self

    def update(self, lossfun: Callable[..., Any] | None = None, *args: Any, **kwds: Any) -> None:
        """Update the parameters, after a backward pass when a function is given.

        A parameter of the target that received no gradient is updated with zeros (see `reallocate_cleared_grads`); one
        that has no array yet is left alone.

        Args:
            lossfun (callable): a function that returns the loss as a Variable. It is called, the gradients of the
                target are cleared, and the loss is differentiated. None: use the gradients that the parameters have.
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
        if active_hooks or self._loss_scale is not None or self._pre_update_hooks or self._post_update_hooks:
            self._update_with_hooks()
            return
        safe = self.is_safe_to_update()
        reallocated = False
        self.t += 1
        for param in target.params():
            # The field is read first, to save the call of a property for every parameter at every step.
            if param._grad is None and param.grad is None and not reallocated:
                messages.warn_without_gradients(self)
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
            raise TypeError(f'{who}: lossfun must return the loss as a Variable, but it is {returned(loss)}')
        if self._use_cleargrads:
            self.target.cleargrads()
        else:
            for param in self.target.params():
                param._fill_grad_with_zeros()
        # The loss may reach parameters of other models, as in a GAN, whose own update will clear them: no warning.
        with using_config('in_optimizer_update', True):
            try:
                loss.backward(loss_scale=self._loss_scale)
            except Exception as error:
                shorten(error)
                raise

    def _update_with_hooks(self) -> None:
        messages.warn_without_gradients(self)
        self.reallocate_cleared_grads()
        self.check_nan_in_grads()
        safe = self.is_safe_to_update()
        for param in self.target.params():
            # A float32 copy is unscaled after the cast, by the rule; hooks need unscaled gradients before.
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
        if config.debug:
            check_update(type(self).__name__, self.target.namedparams(include_uninit=False))

    def reallocate_cleared_grads(self) -> None:
        """Give zeros as gradient to every initialized parameter of the target that has none.

        It is called before and after the update and after each hook, so that hooks and rules find a gradient in every
        parameter. Override it with an empty method to leave parameters without a gradient alone.
        """
        for param in self.target.params(include_uninit=False):
            if param.grad is None:
                param.grad = param.xp.zeros_like(param.array)

    def call_hooks(self, timing: str = 'pre') -> None:
        """Call the hooks of one timing.

        Args:
            timing (str): 'pre' or 'post'.
        """
        for hook in self._list_hooks(timing):
            self.call_hook(hook)
            self.reallocate_cleared_grads()

    def call_hook(self, hook: Callable[..., Any]) -> None:
        """Call one hook, with this optimizer or, when it has `call_for_each_param`, with each rule and parameter.

        The rule is None for a parameter that was registered after `setup`.

        Args:
            hook (callable): the hook.
        """
        if not getattr(hook, 'call_for_each_param', False):
            hook(self)
            return
        for param in self.target.params(include_uninit=False):
            hook(param.update_rule, param)

    def use_cleargrads(self, use: bool = True) -> None:
        """Choose how `update` clears the gradients: to None, or to zeros.

        Args:
            use (bool): True for `cleargrads`, False for `zerograds`.
        """
        self._use_cleargrads = use

    def use_fp32_update(self, flag: bool = True) -> None:
        """Update float16 parameters through float32 copies, so that small steps are not rounded away.

        An optimizer that is set up while `config.dtype` is `mixed16` does so unless it was told not to. With a loss
        scale, the float32 gradients are divided by it, unless the optimizer has hooks before the update: these see
        float16 gradients, already divided.

        Args:
            flag (bool): whether to do so.
        """
        self._use_fp32_update = flag
        if self.target is not None:
            for param in self.target.params():
                if param.update_rule is not None:
                    param.update_rule.use_fp32_update(flag)

    def __repr__(self) -> str:
        values = self.hyperparam.get_dict()
        arguments = inspect.signature(type(self).__init__).parameters
        names = [name for name in arguments if name in values] or list(values)
        text = ', '.join(f'{name}={values[name]!r}' for name in names)
        return f'{type(self).__name__}({text})'
