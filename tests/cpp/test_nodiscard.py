"""What the C++ headers warn of: a result that is dropped, and with it an error or a request."""

from __future__ import annotations

import pathlib
import re
import subprocess

import pytest
from c.compiler import INCLUDE, compiler, need

HEADERS = sorted(INCLUDE.glob("calltransfer/*.hpp"))
# The start of a function whose last parameter takes the error, up to that; a lambda has no return type.
REPORTS = re.compile(
    r"^(?: {4})?(?! |//|static void|inline void|void|explicit|return)([\w\[][^;{}]*\([^;{}]*error &failure\))",
    re.MULTILINE,
)

# Each is dropped in a line of its own.
DROPPED = """
client.transfer(request, failure);
client.get_call("c-1", failure);
client.get_call("c-1", options, failure);
client.list_calls({}, failure);
client.answer("c-1", failure);
client.hang_up("c-1", failure);
client.prepare(failure);
client.check("c-1", failure);
ct::client::make(config, failure);
ct::queue::make(config, failure);
ct::follow::make("v1", "c-1", std::nullopt, failure);
ct::follow::make("v1", "c-1");
ct::parse_event("{}", "", failure);
ct::parse_event("{}");
ct::to_json(request, failure);
ct::transfer_to_first(client, request, {}, std::nullopt, failure);
queue.transfer(request);
queue.transfer(request).then([](auto, const ct::error &) {}, failure);
queue.transfer(request).future();
async_client.transfer(request);
async_client.check("c-1");
"""
PROGRAM = """
#include <calltransfer/async.hpp>
namespace ct = calltransfer;
void drop(const ct::client &client, const ct::queue &queue, const ct::async_client &async_client,
          const ct::config &config, const ct::transfer &request, const ct::request_options &options,
          ct::error &failure);
void drop(const ct::client &client, const ct::queue &queue, const ct::async_client &async_client,
          const ct::config &config, const ct::transfer &request, const ct::request_options &options,
          ct::error &failure) {
"""
# Not dropped, or nothing is lost: an ID that only a cancel needs, and functions that throw.
KEPT = """
if (!client.answer("c-1", failure)) { return; }
queue.transfer(request).then([](auto, const ct::error &) {});
client.transfer(request);
client.answer("c-1");
(void)queue.poll();
(void)options; (void)async_client; (void)config;
"""


def declarations() -> list[tuple[str, str]]:
    found = []
    for header in HEADERS:
        text = header.read_text(encoding="utf-8")
        text = re.sub(r"namespace detail \{.*?\} // namespace detail", "", text, flags=re.DOTALL)
        found += [(header.name, declaration) for declaration in REPORTS.findall(text)]
    return found


def test_function_that_reports_an_error_is_nodiscard() -> None:
    found = declarations()
    assert len(found) >= 40, "the pattern finds too little"
    missing = [f"{header}: {declaration}" for header, declaration in found if "[[nodiscard]]" not in declaration]
    assert not missing, "\n".join(missing)


def compiled(tmp_path: pathlib.Path, body: str, family: str) -> str:
    need("c++17", family)
    source = tmp_path / "dropped.cpp"
    source.write_text(PROGRAM + body + "}\n", encoding="utf-8")
    options = ["-Wunused-result", "-Wunused-value", "-fsyntax-only", f"-I{INCLUDE}"]
    done = subprocess.run(
        [*compiler("c++17", family), *options, str(source)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize("family", ["gcc", "clang"])
def test_dropped_result_is_a_warning(family: str, tmp_path: pathlib.Path) -> None:
    warnings = compiled(tmp_path, DROPPED, family)
    first = PROGRAM.count("\n") + 1
    warned = {int(line) for line in re.findall(r"dropped\.cpp:(\d+):\d+: warning", warnings)}
    silent = [line for number, line in enumerate(DROPPED.splitlines(), first) if line and number not in warned]
    assert not silent, silent


@pytest.mark.parametrize("family", ["gcc", "clang"])
def test_kept_result_is_no_warning(family: str, tmp_path: pathlib.Path) -> None:
    assert compiled(tmp_path, KEPT, family) == ""
