"""Every row of the reference's behaviour has a test that names it; see tools/behaviour.py."""

from tools import behaviour


def test_every_row_has_a_test():
    assert set(behaviour.read_rows()) == set(behaviour.marked_tests())


def test_the_tool_prints_rows_and_tells_of_missing_ones(monkeypatch, capsys):
    n = len(behaviour.read_rows())
    assert behaviour.main() == 0
    assert capsys.readouterr().out.endswith(f'{n} of {n} rows have a test\n')
    monkeypatch.setattr(behaviour, 'read_rows', lambda: {'scatter-add-list': 'x', 'no-such-row': 'nothing shows it'})
    monkeypatch.setattr(behaviour, 'marked_tests', lambda: {'scatter-add-list': ['a.py:1'], 'misspelt': ['b.py:2']})
    assert behaviour.main() == 1
    assert capsys.readouterr().out.splitlines() == [
        'scatter-add-list: a.py:1',
        'without a test: no-such-row: nothing shows it',
        'not a row: misspelt: b.py:2',
        '1 of 2 rows have a test',
    ]
