"""The configuration: `chaingrad.config` for the current thread, `chaingrad.global_config` for all."""

from chaingrad.autograd.configuration import GlobalConfig, LocalConfig, config, global_config, using_config

__all__ = ['GlobalConfig', 'LocalConfig', 'config', 'global_config', 'using_config']
