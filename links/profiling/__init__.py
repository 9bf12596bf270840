"""Time and bytes by link and function."""

from chaingrad.links.profiling.profile import Profile, profile

__all__ = ['Profile', 'profile']
