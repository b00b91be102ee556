"""The reference site: the guides of docs/, and the references of Python, C and C++. `make docs` builds it."""

project = "calltransfer"
author = "The calltransfer developers"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "hawkmoth", "hawkmoth.ext.napoleon"]
html_theme = "furo"
html_title = "calltransfer"
root_doc = "site/index"
exclude_patterns = ["dev/*"]
myst_heading_anchors = 4
# Links to files of the repository, which are not pages of the site.
suppress_warnings = ["myst.xref_missing"]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
