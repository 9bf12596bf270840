"""Write `tests/data/api.json`: the names of the reference's public API that this package promises, with signatures.

    python -m tools.make_api names.json

The argument is a JSON list of the reference's public names: one object per name with name, tier, kind, parameters
(name, kind, default) and members. A `kwargs.md` in the same folder lists the keywords that the reference accepts
through `**kwargs`. To promise more names, add them to SCOPE and run this again.
"""

from __future__ import annotations

import argparse
import ast
import fnmatch
import json
import pathlib
import re

API = pathlib.Path(__file__).resolve().parent.parent / 'tests' / 'data' / 'api.json'

# Patterns of names. A star matches names that are in common use (tier 1) or documented (tier 2); legacy names (tier 3)
# are spelled out.
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
    dataset.* datasets.* iterators.* training.* onnx.*
    multi_node.* multi_node.DataSizeError multi_node.extensions.ObservationAggregator
    multi_node.extensions.MultiNodeEarlyStoppingTrigger
""".split()

# Names of the reference that serve its second array library, its own memory layouts, static graphs or old accelerators.
ABSENT = re.compile(
    r'.*chx|.*chainerx.*|.*ChainerX.*|.*intel64|.*Intel64.*|.*[_]layout.*|layouts?|as_layout|.*_core_cpu_ideep|'
    r'fallback_device|schedule_func|is_elementwise'
)

# A second name of the same callable.
ALIASES = {'DumpGraph': 'dump_graph'}


def is_promised(row: dict) -> bool:
    """Return whether SCOPE contains a name."""
    name = row['name']
    if ABSENT.fullmatch(name.rpartition('.')[2]):
        return False
    return name in SCOPE or row['tier'] < 3 and any(fnmatch.fnmatchcase(name, pattern) for pattern in SCOPE)


def without_absent(parameters: list | None) -> list | None:
    """Return the parameters that we have too."""
    return parameters and [p for p in parameters if not ABSENT.fullmatch(p[0])]


def members(row: dict) -> dict:
    """Return the members of a class that we have too, each with its parameters."""
    found = {}
    for name, parameters in row.get('members', {}).items():
        if not ABSENT.fullmatch(name):
            found[name] = without_absent(parameters) if isinstance(parameters, list) else parameters
    return found


def hidden_keywords(path: pathlib.Path) -> dict[str, dict[str, str]]:
    """Return the keywords that `**kwargs` accepts and their defaults, by the public name of the callable."""
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


def entry_of(row: dict, hidden: dict[str, dict[str, str]]) -> dict:
    """Return what `api.json` says of a name: its kind, parameters, members and hidden keywords."""
    entry = {'name': row['name'], 'kind': row['kind'], 'parameters': without_absent(row['parameters'])}
    callables = [row['name']]
    if row['kind'] == 'class':
        entry['members'] = members(row)
        callables += [f'{row["name"]}.{member}' for member in entry['members']]
    keywords = {}
    for name in callables:
        if hidden.get(name):
            # A default that is not a literal is an expression of the reference's own code: only its name counts.
            keywords[name] = {key: text if is_literal(text) else None for key, text in hidden[name].items()}
    if keywords:
        entry['keywords'] = keywords
    return entry


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('names', type=pathlib.Path, help="the list of the reference's public names")
    options = parser.parse_args()
    hidden = hidden_keywords(options.names.with_name('kwargs.md'))
    rows = sorted(json.loads(options.names.read_text(encoding='utf-8')), key=lambda row: row['name'])
    lines = [json.dumps(entry_of(row, hidden)) for row in rows if is_promised(row)]
    API.write_text('[\n' + ',\n'.join(lines) + '\n]\n', encoding='utf-8')
    print(f'{len(lines)} names')


if __name__ == '__main__':
    main()
