"""What keeps a run of several ranks from hanging, or from going on with different models."""

__all__ = []
