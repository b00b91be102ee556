"""The reference site: the guides of docs/, and the references of Python, C and C++. `make docs` builds it."""

import pathlib
import re
import subprocess
import sys

from docutils import nodes
from pygments.lexers.rust import RustLexer
from sphinx.application import Sphinx

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(pathlib.Path(__file__).parent))

import cpp_headers  # noqa: E402 (beside this file)

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
_HEADERS = ROOT / "target" / "site-headers"
cpp_headers.write(ROOT / "include" / "calltransfer", _HEADERS / "calltransfer")
hawkmoth_root = str(_HEADERS)
# The wheel of libclang has no headers of a compiler's own; the C compiler's are good enough.
hawkmoth_autoconf = []
hawkmoth_clang = [f"-I{_HEADERS}"]
_compiler = subprocess.run(["cc", "-print-file-name=include"], capture_output=True, text=True, check=True)
hawkmoth_clang_c = ["-std=c11", "-isystem", _compiler.stdout.strip()]
hawkmoth_clang_cpp = ["-std=c++20", *cpp_headers.compiler_folders()]

# The package as it is installed in the project's own environment, which lies beside this site's.
sys.path.append(str(next((ROOT / ".venv" / "lib").glob("python3*")) / "site-packages"))


def _markdown(_app: Sphinx, _what: str, _name: str, _object: object, _options: object, lines: list[str]) -> None:
    """Docstrings have `code` in backticks and examples that are indented: both as reStructuredText has them."""
    shown, block = [], False
    for line in lines:
        indented = line.startswith("    ")
        if line == "Example:":
            line = ""
        elif indented and not block and shown and not shown[-1]:
            shown += [".. code-block:: python", ""]
            block = True
        elif line and not indented:
            if block and shown[-1]:
                shown.append("")
            block = False
        shown.append(line)
    literal = re.compile(r"(?<!`)`([^`]{1,100})`(?!`)")
    text = literal.sub(lambda code: f"``{' '.join(code[1].split())}``", "\n".join(shown))
    lines[:] = text.split("\n")


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
    app.connect("autodoc-process-docstring", _markdown, priority=400)  # before napoleon
    app.connect("doctree-read", _outside)
    app.add_lexer("rust,no_run", RustLexer)  # of programs that rustdoc only compiles
