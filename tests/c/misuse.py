"""What each function does with NULL, with text that isn't UTF-8, with far too much of it, and with the ends of
numbers, before a fork and after; and where it panics. The rows of misuse_rows.py become one C program."""

from __future__ import annotations

from c.header import Function
from c.misuse_rows import CONFIGURATION, INVALID, NOTHING, NULL, OK, ROWS, Rows

ANYTHING = "anything"

# In a forked child the parent's handles of these types refuse what they did in the parent.
FORKED = {
    "const calltransfer_queue *": INVALID,
    "const calltransfer_run *": "CALLTRANSFER_RUN_E_FORKED",
    "calltransfer_run_rows *": "CALLTRANSFER_RUN_E_FORKED",
}
# But for those that read nothing yet.
OPEN_NOTHING = {"calltransfer_run_list_rows"}

# What is given where the library panics: the status, or else what NULL gives.
PANICKED = "CALLTRANSFER_E_INTERNAL"
PANICKED_OTHERWISE = {
    "calltransfer_version": '""',
    "calltransfer_version_number": "0",
    "calltransfer_kind_name": '"no_such_kind"',
    "calltransfer_outcome_name": '"no_such_outcome"',
    **dict.fromkeys((f"calltransfer_{noun}_new" for noun in ("config", "transfer", "cancel", "call_query")), NULL),
    "calltransfer_error_kind": OK,
    "calltransfer_completion_status": INVALID,
    "calltransfer_event_parse": PANICKED,
    "calltransfer_follow_new": PANICKED,
    "calltransfer_run_state_name": '"no_such_state"',
    "calltransfer_run_options_new": NULL,
    "calltransfer_run_error_kind": OK,
    "calltransfer_log_record_kind": OK,
    "calltransfer_shutdown": "-1",
}

# What stands for a good argument of a type; `made` holds what each case begins with.
GOOD = {
    "calltransfer_config *": "made.config",
    "const calltransfer_config *": "made.config",
    "calltransfer_transfer *": "made.transfer",
    "const calltransfer_transfer *": "made.transfer",
    "const calltransfer_client *": "made.client",
    "const calltransfer_cancel *": "made.cancel",
    "calltransfer_call_query *": "made.query",
    "const calltransfer_call_query *": "made.query",
    "calltransfer_call_list *": "made.list",
    "const calltransfer_transfer *const *": "made.transfers",
    "const calltransfer_run *": "made.run",
    "calltransfer_run_options *": "made.run_options",
    "const calltransfer_run_options *": "made.run_options",
    "calltransfer_run_rows *": "made.run_rows",
    **{f"calltransfer_{noun} **": f"&out.{noun}" for noun in ("run", "run_rows", "run_row", "run_summary")},
    **{f"calltransfer_{noun} **": f"&out.{noun}" for noun in ("run_findings", "run_error")},
    "const calltransfer_queue *": "made.queue",
    **{f"{const}calltransfer_{noun} *": f"made.{noun}" for const in ("", "const ") for noun in ("follow", "targets")},
    "const char *": '"c-1"',
    "void *": "&made",
    "calltransfer_log_line_function": "ignore",
    "calltransfer_log_function": "ignore_record",
    "calltransfer_call_list **": "&out.list",
    "int32_t": "1",
    "double": "1.5",
    "int64_t": "1",
    "uint64_t": "1",
    "size_t": "0",
    "uint64_t *": "&out.number",
    "char **": "&out.string",
    **{
        f"calltransfer_{noun} **": f"&out.{noun}"
        for noun in ("client", "result", "error", "call", "finding", "event", "queue", "completion", "follow", "first")
    },
}

# What is given instead, where a number says what the rest is.
GOOD_NUMBERS = {
    "calltransfer_client_request": {"request": "CALLTRANSFER_REQUEST_GET_CALL", "timeout_ms": "0"},
    "calltransfer_queue_submit_request": {"request": "CALLTRANSFER_REQUEST_GET_CALL", "timeout_ms": "0"},
    "calltransfer_client_check_transfer": {"failed": "made.failed"},
    "calltransfer_client_request_check_transfer": {"failed": "made.failed", "timeout_ms": "0"},
    "calltransfer_queue_submit_check_transfer": {"failed": "made.failed", "timeout_ms": "0"},
    "calltransfer_transfer_set": {"name": '"caller_id"', "value": '"private"'},
    "calltransfer_run_export": {"format": "CALLTRANSFER_EXPORT_CSV", "states": "CALLTRANSFER_RUN_PLANNED"},
    "calltransfer_run_list_rows": {"states": "CALLTRANSFER_RUN_PLANNED"},
    "calltransfer_run_retry": {"state": "CALLTRANSFER_RUN_PLANNED"},
    "calltransfer_client_wait": {"until": "CALLTRANSFER_UNTIL_ANSWERED", "timeout_ms": "1"},
    "calltransfer_client_get_call_events": {"timeout_ms": "0"},
    "calltransfer_call_list_next": {"timeout_ms": "0"},
}

# What returns a handle with the status in it: its type, and what reads the status.
COMPLETED = {
    **dict.fromkeys(
        (
            "calltransfer_client_request",
            "calltransfer_client_request_transfer",
            "calltransfer_client_request_check_transfer",
        ),
        ("completion", "calltransfer_completion_status"),
    ),
    "calltransfer_config_check": ("error", "calltransfer_error_kind"),
}

# The ends of each kind of number. Functions that wait for a given time are not given an endless one.
ENDS = {
    "int32_t": ("INT32_MIN", "INT32_MAX"),
    "double": ("-1e308", "1e308", "HUGE_VAL", "NAN"),
    "int64_t": ("INT64_MIN", "INT64_MAX"),
    "uint64_t": ("UINT64_MAX",),
    "size_t": ("(size_t)-1",),
}
WAITS = ("calltransfer_queue_next", "calltransfer_queue_take")

TEXTS = ("NULL", '"\\xff\\xfe"', "huge")
WORDS = ("null", "no UTF-8", "4 MiB")


def good(function: Function) -> list[str]:
    """Arguments that are right."""
    own = GOOD_NUMBERS.get(function.name, {})
    return [own.get(name, GOOD.get(kind, "NULL")) for kind, name in function.parameters]


def cases(function: Function, rows: Rows = ROWS) -> list[tuple[str, list[str], str, str]]:
    """Of each: its name, the arguments, what is expected, and that in a forked child."""
    found = []
    row = rows[function.name]
    kinds = {kind for kind, _ in function.parameters}
    owner = next((handle for handle in FORKED if handle in kinds), None)
    if function.name in OPEN_NOTHING:
        owner = None
    for place, (_, name) in enumerate(function.parameters):
        if name not in row:
            continue
        expected = row[name] if isinstance(row[name], tuple) else (row[name],)
        for word, value, result in zip(WORDS, TEXTS, expected):
            arguments = good(function)
            arguments[place] = value
            forked = FORKED[owner] if owner and result == OK else result
            found.append((f"{function.name}: {word} {name}", arguments, result, forked))
    for place, (kind, name) in enumerate(function.parameters):
        for value in () if function.name in WAITS else ENDS.get(kind, ()):
            arguments = good(function)
            arguments[place] = value
            found.append((f"{function.name}: {value} as {name}", arguments, ANYTHING, ANYTHING))
    if len([name for _, name in function.parameters if name in row]) > 1:
        arguments = [
            "NULL" if name in row else argument for (_, name), argument in zip(function.parameters, good(function))
        ]
        first = next(row[name] for _, name in function.parameters if name in row)
        result = first[0] if isinstance(first, tuple) else first
        found.append((f"{function.name}: all null", arguments, result, result))
    return found


def program(functions: dict[str, Function], before: str, after: str, rows: Rows = ROWS) -> str:
    """The C source: what stands before the cases, the cases, and what stands after them."""
    lines, table = [before], []
    number = 0
    for function in functions.values():
        for name, arguments, result, forked in cases(function, rows):
            call = f"{function.name}({', '.join(arguments)})"
            body = f"    {call};" if result == NOTHING else check(function, call, result, forked)
            lines.append(f"static void case_{number}(void)\n{{\n{body}\n}}\n")
            table.append(f'    {{"{name}", case_{number}}},')
            number += 1
    panics = []
    for name, function in functions.items():
        lines.append(f"static void panic_in_{name}(void)\n{{\n{panic(function, rows)}\n}}\n")
        panics.append(f'    {{"{name}: panics", panic_in_{name}}},')
    for kind, rows in [("cases", table), ("panics", panics)]:
        lines.append(f"static const struct row {kind}[] = {{\n" + "\n".join(rows) + "\n};\n")
    return "\n".join([*lines, after])


def check(function: Function, call: str, result: str, forked: str) -> str:
    if function.name == "calltransfer_transfer_new":
        return f"    calltransfer_transfer *other = {call};\n    CHECK(other != NULL);\n    sent(other);"
    expected = result if result == forked else f"(is_forked ? {forked} : {result})"
    if function.name in COMPLETED:
        handle, status = COMPLETED[function.name]
        check = "" if result == ANYTHING else f"    CHECK({status}(out.{handle}) == {expected});"
        return f"    out.{handle} = {call};\n    CHECK(out.{handle} != NULL);\n{check}"
    # The negation: a cast to void doesn't count as a use.
    lines = [f"    (void)!{call};" if result == ANYTHING else f"    CHECK({call} == {expected});"]
    if "_set_" in function.name:
        lines.append("    put_to_use();")
    return "\n".join(lines)


def panic(function: Function, rows: Rows) -> str:
    """With good arguments and a library that panics; a `_free` is given NULL, since it would leak."""
    arguments = good(function)
    row = rows[function.name]
    of_null = next((row[name] for _, name in function.parameters if name in row), NOTHING)
    of_null = of_null[0] if isinstance(of_null, tuple) else of_null
    if function.name.endswith("_free"):
        arguments = ["NULL"]
    call = f"{function.name}({', '.join(arguments)})"
    if function.name in COMPLETED:
        handle, status = COMPLETED[function.name]
        lines = [
            f"    out.{handle} = {call};",
            "    panic_from_now_on(0);",
            f"    CHECK({status}(out.{handle}) == {PANICKED});",
            f"    calltransfer_{handle}_free(out.{handle});",
            f"    out.{handle} = NULL;",
        ]
        return "\n".join(lines)
    expected = PANICKED_OTHERWISE.get(function.name, PANICKED if of_null in (INVALID, CONFIGURATION) else of_null)
    if expected == NOTHING:
        return f"    {call};"
    check = f"CHECK_TEXT({call}, {expected});" if expected.startswith('"') else f"CHECK({call} == {expected});"
    lines = [f"    {check}", "    panic_from_now_on(0);"]
    if "&out.error" in arguments:
        lines.append(f"    CHECK(calltransfer_error_kind(out.error) == {PANICKED});")
    if "&out.run_error" in arguments:
        lines.append(f"    CHECK(calltransfer_run_error_kind(out.run_error) == {PANICKED});")
    return "\n".join(lines)
