"""`ffi.h`: the interface from languages that read declarations without a preprocessor, in one-pointer form."""

from __future__ import annotations

import pathlib
import shutil
import subprocess

import pytest
from c.compiler import INCLUDE, LIBRARIES, run
from c.header import constants, functions
from sandbox_process import SandboxProcess

HEADER = INCLUDE / "calltransfer" / "ffi.h"
LIBRARY = LIBRARIES / "libcalltransfer.so"

LUA = """
local ffi = require("ffi")
local header, library = ...
ffi.cdef(io.open(header):read("a"))
local ct = ffi.load(library)
local config = ct.calltransfer_config_new()
ct.calltransfer_config_use_environment(config)
assert(ct.calltransfer_config_check(config) == nil)
local client = ct.calltransfer_client_open(config)
local transfer = ct.calltransfer_transfer_new("c-1", "+18382947878")
ct.calltransfer_transfer_set(transfer, "caller_id", "private")
assert(ffi.string(ct.calltransfer_transfer_get(transfer, "caller_id")) == "private")
local done = ct.calltransfer_client_request_transfer(client, transfer, nil)
assert(ct.calltransfer_completion_status(done) == ct.CALLTRANSFER_OK)
print(ffi.string(ct.calltransfer_result_new_call_id(ct.calltransfer_completion_result(done))))
ct.calltransfer_completion_free(done)
done = ct.calltransfer_client_request(client, ct.CALLTRANSFER_REQUEST_HANG_UP, "c-none", 5000, nil)
print(ffi.string(ct.calltransfer_error_outcome_name(ct.calltransfer_completion_error(done))))
local queue = ct.calltransfer_queue_open(config)
assert(ct.calltransfer_queue_submit_get_call(queue, "c-1", nil, nil, nil) == ct.CALLTRANSFER_OK)
done = ct.calltransfer_queue_take(queue, -1)
print(ffi.string(ct.calltransfer_call_id(ct.calltransfer_completion_call(done))))
assert(ct.calltransfer_queue_take(queue, 0) == nil)
"""

PHP = """<?php
$ct = FFI::cdef(file_get_contents($argv[1]), $argv[2]);
$config = $ct->calltransfer_config_new();
$ct->calltransfer_config_use_environment($config);
if ($ct->calltransfer_config_check($config) !== null) exit(1);
$client = $ct->calltransfer_client_open($config);
$transfer = $ct->calltransfer_transfer_new("c-1", "+18382947878");
$ct->calltransfer_transfer_set($transfer, "caller_id", "private");
if (FFI::string($ct->calltransfer_transfer_get($transfer, "caller_id")) != "private") exit(2);
$done = $ct->calltransfer_client_request_transfer($client, $transfer, null);
if ($ct->calltransfer_completion_status($done) != $ct->CALLTRANSFER_OK) exit(3);
echo $ct->calltransfer_result_new_call_id($ct->calltransfer_completion_result($done)), "\\n";
$ct->calltransfer_completion_free($done);
$done = $ct->calltransfer_client_request($client, $ct->CALLTRANSFER_REQUEST_HANG_UP, "c-none", 5000, null);
echo $ct->calltransfer_error_outcome_name($ct->calltransfer_completion_error($done)), "\\n";
$queue = $ct->calltransfer_queue_open($config);
if ($ct->calltransfer_queue_submit_get_call($queue, "c-1", null, null, null) != $ct->CALLTRANSFER_OK) exit(4);
echo $ct->calltransfer_call_id($ct->calltransfer_completion_call($ct->calltransfer_queue_take($queue, -1))), "\\n";
if ($ct->calltransfer_queue_take($queue, 0) !== null) exit(5);
"""

PROGRAMS = {"luajit": ("program.lua", LUA), "php": ("program.php", PHP)}


def test_every_function_is_declared_without_a_preprocessor(tmp_path: pathlib.Path) -> None:
    text = HEADER.read_text(encoding="utf-8")
    assert "#" not in text
    assert all(f"{name}(" in text for name in functions())
    assert all(f"{name} = {number}" in text for name, number in constants().items())
    # Both at once: a declaration that differs is an error.
    source = tmp_path / "both.c"
    source.write_text("#include <calltransfer/calltransfer.h>\n", encoding="utf-8")
    declarations = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("enum "))
    both = source.read_text(encoding="utf-8") + declarations
    source.write_text(both, encoding="utf-8")
    run(["cc", "-std=c11", "-fsyntax-only", f"-I{INCLUDE}", str(source)])


@pytest.mark.parametrize("language", PROGRAMS)
def test_call_is_transferred_with_one_pointer(language: str, tmp_path: pathlib.Path, sandbox: SandboxProcess) -> None:
    program = shutil.which(language)
    if program is None:
        pytest.skip(f"NO {language.upper()} ON PATH: ffi.h was not read by it")
    name, text = PROGRAMS[language]
    (tmp_path / name).write_text(text, encoding="utf-8")
    sandbox.place_incoming_call("c-1")
    done = subprocess.run(
        [program, tmp_path / name, HEADER, LIBRARY],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=sandbox.environment(),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    [new_call] = [call["id"] for call in sandbox.calls() if call["id"] != "c-1"]
    assert done.stdout.splitlines() == [new_call, "not_applied", "c-1"]
