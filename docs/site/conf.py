"""The reference site: the guides of docs/, and the references of Python, C and C++. `make docs` builds it."""

import pathlib

from docutils import nodes
from sphinx.application import Sphinx

ROOT = pathlib.Path(__file__).resolve().parents[2]

project = "calltransfer"
author = "The calltransfer developers"
project_copyright = author
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "hawkmoth"]
html_theme = "furo"
html_title = "calltransfer"
root_doc = "site/index"
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "separated"
hawkmoth_root = str(ROOT / "include")
hawkmoth_clang = [f"-I{ROOT / 'include'}", "-std=c11"]


def _outside(app: Sphinx, doctree: nodes.document) -> None:
    """A link to a file of the repository that is not a page: it must be there, and is shown as its path."""
    folder = pathlib.Path(app.env.doc2path(app.env.docname)).parent
    for link in list(doctree.findall(lambda node: node.tagname in ("pending_xref", "download_reference"))):
        target = link.get("reftarget", "").split("#")[0]
        if link.get("refdomain") == "doc" or not target or "://" in target:
            continue
        path = (folder / target).resolve()
        if path.suffix != ".md" and path.is_relative_to(ROOT) and path.exists():
            link.replace_self(nodes.literal(text=str(path.relative_to(ROOT))))


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", _outside)
