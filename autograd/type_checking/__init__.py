"""Checks of the shapes and dtypes that functions are given; below the engine, which calls them."""
