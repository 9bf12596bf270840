"""The typed program is read by type checkers only: it cannot be imported."""

collect_ignore = ['typed_program.py']
