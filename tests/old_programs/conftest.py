"""These are programs and no tests: `tests/chaingrad/test_old_programs.py` runs them."""

collect_ignore_glob = ['*.py']
