"""Make api.json: what of the reference's public API this package promises, and with which signatures.

    python tools/make_api.py names.json

The argument is a JSON list of the reference's public names: one object per name with name, tier, kind, parameters
(name, kind, default) and members. A `kwargs.md` beside it lists the keywords behind the reference's `**kwargs`.
To promise more, add to SCOPE and run again.
"""

from __future__ import annotations

import argparse
import ast
import fnmatch
import json
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent

# Patterns of names. A star takes what is used (tier 1) or documented (tier 2); legacy names (tier 3) are spelled out.
SCOPE = """
    AbstractSerializer Chain ChainList DebugMode Deserializer DeviceResident DictSummary Distribution Function
    FunctionAdapter FunctionHook FunctionNode GradientMethod Initializer Link LinkHook Optimizer Parameter Reporter
    Sequential Serializer Summary UpdateRule Variable as_array as_variable backward config cross_entropy
    disable_experimental_feature_warning force_backprop_mode get_current_reporter get_device get_dtype
    get_function_hooks global_config grad is_debug kl_divergence no_backprop_mode print_runtime_info register_kl report
    report_scope set_debug using_config using_device
    backend.* backends.cuda.* computational_graph.* configuration.* device_resident.* function_hooks.* gradient_check.*
    initializer.* initializers.* variable.* utils.CooMatrix utils.to_coo utils.experimental utils.force_array
    utils.* testing.*
    functions.* distributions.*
    links.* link_hooks.* links.BinaryHierarchicalSoftmax links.SimplifiedDropconnect
    optimizer.* optimizers.* optimizer_hooks.*
    serializers.*
    dataset.* datasets.* iterators.* training.*
""".split()

# What the reference has for its second array library, its own memory layouts, static graphs and old accelerators.
ABSENT = re.compile(
    r'.*chx|.*chainerx.*|.*ChainerX.*|.*intel64|.*Intel64.*|.*[_]layout.*|layouts?|as_layout|.*_core_cpu_ideep|fallback_device|schedule_func|is_elementwise'
)


# A second name of the same callable.
ALIASES = {'DumpGraph': 'dump_graph'}


def promised(row: dict) -> bool:
    name = row['name']
    if ABSENT.fullmatch(name.rpartition('.')[2]):
        return False
    return name in SCOPE or row['tier'] < 3 and any(fnmatch.fnmatchcase(name, pattern) for pattern in SCOPE)


def without_absent(parameters: list | None) -> list | None:
    return parameters and [p for p in parameters if not ABSENT.fullmatch(p[0])]


def members(row: dict) -> dict:
    found = {}
    for name, parameters in row.get('members', {}).items():
        if not ABSENT.fullmatch(name):
            found[name] = without_absent(parameters) if isinstance(parameters, list) else parameters
    return found


def hidden_keywords(path: pathlib.Path) -> dict[str, dict[str, str]]:
    """Return the keywords behind `**kwargs` and their defaults, by the public name of the callable."""
    found: dict[str, dict[str, str]] = {}
    for line in path.read_text(encoding='utf-8').splitlines() if path.exists() else ():
        match = re.match(r'- `([\w.]+): ([\w.]+)` accepts (.*)', line)
        if not match:
            continue
        module, name, rest = match.groups()
        pairs = re.findall(r'`(\w+)=([^`]*)`', rest.partition('; refuses')[0])
        keywords = {key: default for key, default in pairs if key[0] != '_' and not ABSENT.fullmatch(key)}
        parts = module.split('.')
        for depth in range(len(parts), -1, -1):
            for public in {name, ALIASES.get(name, name)}:
                found.setdefault('.'.join([*parts[:depth], public]), {}).update(keywords)
    return found


def is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return False
    return True


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('names', type=pathlib.Path, help="the list of the reference's public names")
    options = parser.parse_args()
    hidden = hidden_keywords(options.names.with_name('kwargs.md'))
    lines = []
    for row in sorted(json.loads(options.names.read_text(encoding='utf-8')), key=lambda row: row['name']):
        if not promised(row):
            continue
        entry = {'name': row['name'], 'kind': row['kind'], 'parameters': without_absent(row['parameters'])}
        if row['kind'] == 'class':
            entry['members'] = members(row)
        of_members = [f'{row["name"]}.{member}' for member in entry.get('members', ())]
        keywords = {name: hidden[name] for name in [row['name'], *of_members] if hidden.get(name)}
        if keywords:
            # A default that is no literal is an expression of the reference's inner code: the name alone counts.
            entry['keywords'] = {
                callee: {key: value if is_literal(value) else None for key, value in given.items()}
                for callee, given in keywords.items()
            }
        lines.append(json.dumps(entry))
    (HERE / 'api.json').write_text('[\n' + ',\n'.join(lines) + '\n]\n', encoding='utf-8')
    print(f'{len(lines)} names')


if __name__ == '__main__':
    main()
