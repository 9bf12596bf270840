"""Which rows of the reference's behaviour have a test: `python -m tools.behaviour`.

The rows are in tests/data/behaviour.txt. A test shows a row when it carries `@pytest.mark.behaviour('identifier')`;
one test may show several. The exit status is 1 where a row has no test, or a test names a row that is not there.
"""

import ast
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROWS = ROOT / 'tests' / 'data' / 'behaviour.txt'


def read_rows():
    """Return the sentences by identifier."""
    rows = {}
    for line in ROWS.read_text(encoding='utf-8').splitlines():
        identifier, colon, sentence = line.partition(': ')
        if colon and not line.startswith('#'):
            assert identifier not in rows, f'{ROWS}: {identifier} stands there twice'
            rows[identifier] = sentence
    return rows


def marked_tests():
    """Return the places (file:line) that name a row, by identifier."""
    places = defaultdict(list)
    for path in sorted((ROOT / 'tests').rglob('*.py')):
        text = path.read_text(encoding='utf-8')
        if 'mark.behaviour(' not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == 'pytest.mark.behaviour':
                for argument in node.args:
                    places[ast.literal_eval(argument)].append(f'{path.relative_to(ROOT)}:{node.lineno}')
    return places


def main():
    """Print every row with its tests; return the exit status."""
    rows, places = read_rows(), marked_tests()
    missing = [identifier for identifier in rows if identifier not in places]
    unknown = sorted(set(places) - set(rows))
    for identifier in rows:
        if identifier in places:
            print(f'{identifier}: {", ".join(places[identifier])}')
    for identifier in missing:
        print(f'without a test: {identifier}: {rows[identifier]}')
    for identifier in unknown:
        print(f'not a row: {identifier}: {", ".join(places[identifier])}')
    print(f'{len(rows) - len(missing)} of {len(rows)} rows have a test')
    return 1 if missing or unknown else 0


if __name__ == '__main__':
    sys.exit(main())
