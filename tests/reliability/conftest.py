"""Show at the end what the tests of this folder have measured."""

from tests.reliability.figures import FIGURES


def pytest_terminal_summary(terminalreporter):
    if FIGURES:
        terminalreporter.section('figures of reliability')
        for text in FIGURES:
            terminalreporter.write_line(text)
