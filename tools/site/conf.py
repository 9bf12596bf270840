"""The settings of Sphinx for `python -m tools.site`. Nothing of the site is fetched from elsewhere."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
project = 'chaingrad'
# Read, not imported: Sphinx runs this file in another folder, where a checkout cannot be imported.
version = release = re.search("'(.*)'", (ROOT / 'chaingrad' / '_version.py').read_text(encoding='utf-8'))[1]
html_title = 'chaingrad'
copyright = 'chaingrad contributors'
extensions = ['myst_parser']
myst_enable_extensions = ['attrs_block', 'attrs_inline', 'deflist']
myst_heading_anchors = 3
nitpicky = True  # a name that does not exist is a warning, and a warning ends the build
default_role = 'code'
exclude_patterns = ['**/.ipynb_checkpoints']
maximum_signature_line_length = 160
toc_object_entries_show_parents = 'hide'
python_display_short_literal_types = True
html_theme = 'furo'
html_theme_options = {
    'light_css_variables': {'color-brand-primary': '#005a8e', 'color-brand-content': '#005a8e'},
    'dark_css_variables': {'color-brand-primary': '#56b4e9', 'color-brand-content': '#56b4e9'},
    'navigation_with_keys': True,
}
html_static_path = ['static']
html_css_files = ['site.css']
html_favicon = 'static/favicon.svg'
html_show_sphinx = False
html_copy_source = False
html_use_index = False
html_domain_indices = False
pygments_style = 'friendly'
pygments_dark_style = 'monokai'
