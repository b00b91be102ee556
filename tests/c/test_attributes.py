"""What the header's attributes make compilers say: of ignored results, old functions, and numbers of another enumeration."""

from __future__ import annotations

import subprocess

import pytest
from c.compiler import FAMILIES, INCLUDE, compiler, need
from c.header import functions_of

IGNORED = """
#include <calltransfer/calltransfer.h>
void ignore(const calltransfer_queue *queue, const calltransfer_transfer *transfer)
{
    calltransfer_transfer_copy(transfer);
    calltransfer_queue_submit_check_transfer(queue, 0, 0, 0, 0, 0);
}
"""
DEPRECATED = """
#include <calltransfer/calltransfer.h>
CALLTRANSFER_API CALLTRANSFER_DEPRECATED("use (the) new one") void calltransfer_old(void);
void use(void) { calltransfer_old(); }
"""
# As docs/abi.md shows it.
OTHER_ENUMERATION = """
#include <calltransfer/calltransfer.h>
int is_done(int32_t status)
{
    switch ((enum calltransfer_statuses)status) {
    case CALLTRANSFER_OUTCOME_APPLIED: return 1;
    default: return 0;
    }
}
"""


def warnings(text: str, family: str, *options: str) -> str:
    need("c11", family)
    command = [*compiler("c11", family), "-Wall", *options, f"-I{INCLUDE}", "-x", "c", "-c", "-", "-o", "/dev/null"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.mark.parametrize("family", FAMILIES)
def test_ignored_result_is_a_warning_that_can_be_turned_off(family: str) -> None:
    said = warnings(IGNORED, family)
    assert said.count("-Wunused-result") == 2, said
    assert warnings(IGNORED, family, "-DCALLTRANSFER_NO_WARNINGS") == ""


@pytest.mark.parametrize("family", FAMILIES)
def test_use_of_deprecated_function_is_a_warning_with_its_reason(family: str) -> None:
    assert "use (the) new one" in warnings(DEPRECATED, family)


@pytest.mark.parametrize("family", FAMILIES)
def test_number_of_another_enumeration_is_a_warning(family: str) -> None:
    assert "-Wswitch" in warnings(OTHER_ENUMERATION, family)
    assert warnings(OTHER_ENUMERATION.replace("OUTCOME_APPLIED", "OK"), family) == ""


def test_declaration_with_attributes_is_read() -> None:
    text = 'CALLTRANSFER_API CALLTRANSFER_MUST_USE\nCALLTRANSFER_DEPRECATED("use (the) new one") '
    [function] = functions_of(text + "calltransfer_x *calltransfer_old(int32_t number);\n").values()
    assert function.prototype() == "calltransfer_x *calltransfer_old(int32_t)"
