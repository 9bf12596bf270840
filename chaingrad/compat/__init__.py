"""Everything that exists for old programs alone: the alias `chainer`, its table of paths, advice for Python 2."""
