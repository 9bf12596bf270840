"""The site of the documentation: `python -m tools.site` builds it from docs/, docstrings and files that pages link to.

First every page is written as Markdown to build/pages, then Sphinx makes the site of them, then every link is checked.
Only `conf.py` and the roles in the pages know Sphinx.
"""
