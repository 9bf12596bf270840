"""Tools for those who change the package."""
