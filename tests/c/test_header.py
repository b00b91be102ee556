"""The header compiles as every C and C++ that its users write, included twice, without a warning."""

from __future__ import annotations

import pathlib

import pytest

from c.compiler import check_syntax

STANDARDS = ["c89", "c99", "c11", "c17", "c++98", "c++17", "c++20"]

PROGRAM = """
#include <calltransfer/calltransfer.h>
#include <calltransfer/calltransfer.h>

int main(void)
{
    calltransfer_transfer *transfer = calltransfer_transfer_new("c-1", "+18382947878");
    int32_t status = calltransfer_transfer_to_json(transfer, NULL, NULL);
    calltransfer_transfer_free(transfer);
    return status == CALLTRANSFER_OK ? 0 : 1;
}
"""


@pytest.mark.parametrize("standard", STANDARDS)
def test_the_header_is_clean(standard: str, tmp_path: pathlib.Path) -> None:
    source = tmp_path / "program.c"
    source.write_text(PROGRAM, encoding="utf-8")
    check_syntax(source, standard)
