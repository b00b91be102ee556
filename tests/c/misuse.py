"""What each function does with NULL, with text that isn't UTF-8, with far too much of it, and with the ends of
numbers, before a fork and after; and where it panics. A row for each function; the rows become one C program."""

from __future__ import annotations

from c.header import Function

OK, INVALID, CONFIGURATION = "CALLTRANSFER_OK", "CALLTRANSFER_E_INVALID_ARGUMENT", "CALLTRANSFER_E_CONFIGURATION"
CONNECTION, CANCELLED = "CALLTRANSFER_E_CONNECTION", "CALLTRANSFER_E_CANCELLED"
NULL, SOMETHING, NOTHING, ANYTHING = "NULL", "something", "nothing", "anything"

# Of a text: what NULL gives, what no UTF-8 gives, what 4 MiB give. Of another pointer: what NULL gives.
Expected = str | tuple[str, str, str]
SETTING = (CONFIGURATION,) * 3
OPTION = (INVALID,) * 3
QUESTION = (INVALID, INVALID, INVALID)


def getters(noun: str, handle: str, **values: str) -> dict[str, dict[str, Expected]]:
    return {f"calltransfer_{noun}_{name}": {handle: value} for name, value in values.items()}


def setters(noun: str, kind: Expected, names: str) -> dict[str, dict[str, Expected]]:
    return {f"calltransfer_{noun}_set_{name}": {noun: INVALID, name: kind} for name in names.split()}


def frees(nouns: str) -> dict[str, dict[str, Expected]]:
    return {f"calltransfer_{noun}_free": {noun.removeprefix("call_"): NOTHING} for noun in nouns.split()}


def submits(names: str) -> dict[str, dict[str, Expected]]:
    rest = {"user_data": OK, "id": OK, "error": OK}
    return {
        f"calltransfer_queue_submit_{name}": {"queue": INVALID, "call_id": QUESTION, **rest} for name in names.split()
    }


EVENT_TEXTS = [
    "api",
    "kind_name",
    "type",
    "call_id",
    "parent_call_id",
    "from",
    "to",
    "time_text",
    "cause_name",
    "cause_text",
    "tag",
    "call_state",
    "application_id",
    "diversion",
    "status",
    "recording_id",
    "recording_uri",
    "start_time",
    "end_time",
    "transfer_caller_id",
    "transfer_to",
    "error_message",
    "error_id",
]

ROWS: dict[str, dict[str, Expected]] = {
    "calltransfer_version": {},
    "calltransfer_version_number": {},
    "calltransfer_kind_name": {},
    "calltransfer_outcome_name": {},
    "calltransfer_config_new": {},
    **setters("config", SETTING, "user_id token secret account_id client_id client_secret username password api"),
    **setters("config", SETTING, "base_url ca_file proxy"),
    "calltransfer_config_set_timeout_ms": {"config": INVALID},
    "calltransfer_config_set_max_retries": {"config": INVALID},
    "calltransfer_config_set_max_connections": {"config": INVALID},
    "calltransfer_config_set_rate": {"config": INVALID},
    "calltransfer_config_set_keep_alive": {"config": INVALID},
    "calltransfer_config_set_keep_ready": {"config": INVALID},
    "calltransfer_config_set_log_function": {"config": INVALID, "user_data": OK},
    "calltransfer_config_copy": {"config": NULL},
    "calltransfer_config_set_log": {"config": INVALID, "log": OK, "user_data": OK},
    "calltransfer_config_use_environment": {"config": INVALID},
    "calltransfer_transfer_new": {"call_id": (SOMETHING,) * 3, "to": (SOMETHING,) * 3},
    **setters("transfer", OPTION, "caller_id callback_url recording_file_format diversion_treatment diversion_reason"),
    **setters("transfer", OPTION, "caller_display_name tag uui transfer_answer_url"),
    **setters("transfer", (INVALID, INVALID, INVALID), "extra_json"),
    "calltransfer_transfer_set_recording_enabled": {"transfer": INVALID},
    "calltransfer_transfer_set_privacy": {"transfer": INVALID},
    "calltransfer_transfer_set_call_timeout": {"transfer": INVALID},
    "calltransfer_transfer_also_to": {"transfer": INVALID, "to": OPTION},
    "calltransfer_transfer_set_timeout_ms": {"transfer": INVALID},
    "calltransfer_transfer_set_whisper_audio_sentence": {"transfer": INVALID, "sentence": OPTION},
    "calltransfer_transfer_set_whisper_audio_file_url": {"transfer": INVALID, "file_url": OPTION},
    "calltransfer_transfer_set_whisper_audio_gender": {"transfer": INVALID, "gender": OPTION},
    "calltransfer_transfer_set_whisper_audio_locale": {"transfer": INVALID, "locale": OPTION},
    "calltransfer_transfer_set_whisper_audio_voice": {"transfer": INVALID, "voice": OPTION},
    "calltransfer_transfer_set_whisper_audio_tag": {"transfer": INVALID, "tag": OPTION},
    "calltransfer_transfer_set_whisper_audio_loop_enabled": {"transfer": INVALID},
    "calltransfer_transfer_set_whisper_audio_volume": {"transfer": INVALID},
    "calltransfer_transfer_set": {"transfer": INVALID, "name": OPTION, "value": OPTION},
    "calltransfer_transfer_get": {"transfer": NULL, "name": (NULL, NULL, NULL)},
    "calltransfer_transfer_copy": {"transfer": NULL},
    "calltransfer_call_query_new": {},
    "calltransfer_call_query_set_state": {"query": INVALID, "state": OPTION},
    "calltransfer_call_query_set_from": {"query": INVALID, "from": OPTION},
    "calltransfer_call_query_set_to": {"query": INVALID, "to": OPTION},
    "calltransfer_call_query_set_min_start_time": {"query": INVALID, "min_start_time": OPTION},
    "calltransfer_call_query_set_max_start_time": {"query": INVALID, "max_start_time": OPTION},
    "calltransfer_call_query_set_page_size": {"query": INVALID},
    "calltransfer_transfer_to_json": {"transfer": INVALID, "json": OK, "error": OK},
    "calltransfer_transfer_to_bxml": {"transfer": INVALID, "bxml": OK, "error": OK},
    # The transfer of these tests whispers nothing, which is refused.
    "calltransfer_transfer_to_whisper_bxml": {"transfer": INVALID, "bxml": INVALID, "error": INVALID},
    **frees("config transfer string client result error call finding event cancel queue completion"),
    **frees("call_query call_list follow targets first"),
    # No one listens where the client and the queue of these tests go.
    "calltransfer_client_new": {"config": INVALID, "client": INVALID, "error": OK},
    "calltransfer_client_api": {"client": NULL},
    "calltransfer_client_transfer": {
        "client": INVALID,
        "transfer": INVALID,
        "result": CONNECTION,
        "error": CONNECTION,
    },
    "calltransfer_client_transfer_cancellable": {
        "client": INVALID,
        "transfer": INVALID,
        "cancel": INVALID,
        "result": CONNECTION,
        "error": CONNECTION,
    },
    "calltransfer_client_request": {
        "client": INVALID,
        "call_id": QUESTION,
        "cancel": CONNECTION,
    },
    "calltransfer_client_request_transfer": {"client": INVALID, "transfer": INVALID, "cancel": CONNECTION},
    "calltransfer_client_get_call": {"client": INVALID, "call_id": QUESTION, "call": CONNECTION, "error": CONNECTION},
    # Nothing is sent before the first call is wanted, and without a query all calls are.
    "calltransfer_client_list_calls": {"client": INVALID, "query": OK, "list": OK, "error": OK},
    "calltransfer_call_list_next": {"list": INVALID, "call": INVALID, "error": CONNECTION},
    "calltransfer_client_get_call_events": {
        "client": INVALID,
        "call_id": QUESTION,
        "json": CONNECTION,
        "error": CONNECTION,
    },
    "calltransfer_client_follow": {"client": INVALID, "result": INVALID, "follow": INVALID, "error": INVALID},
    # Reads that fail are made again until the time is over: one millisecond here.
    "calltransfer_client_wait": {"client": INVALID, "follow": INVALID, "error": OK},
    "calltransfer_client_transfer_to_first": {
        "client": INVALID,
        "targets": INVALID,
        "first": CONNECTION,
        "error": CONNECTION,
    },
    "calltransfer_client_answer": {"client": INVALID, "call_id": QUESTION, "error": CONNECTION},
    "calltransfer_client_hang_up": {"client": INVALID, "call_id": QUESTION, "error": CONNECTION},
    "calltransfer_client_prepare": {"client": INVALID, "error": CONNECTION},
    "calltransfer_client_check": {"client": INVALID, "call_id": QUESTION, "finding": CONNECTION, "error": CONNECTION},
    "calltransfer_client_check_transfer": {
        "client": INVALID,
        "failed": INVALID,
        "finding": CONNECTION,
        "error": CONNECTION,
    },
    "calltransfer_client_request_check_transfer": {"client": INVALID, "failed": INVALID, "cancel": CONNECTION},
    **getters(
        "result",
        "result",
        new_call_id=NULL,
        call_id=NULL,
        outcome="0",
        http_status="0",
        attempts="0",
        elapsed_ms="-1",
        note=NULL,
    ),
    **getters(
        "error",
        "error",
        kind=OK,
        kind_name=NULL,
        outcome="0",
        outcome_name=NULL,
        is_safe_to_repeat="0",
        message=NULL,
        cause_count="0",
        cause=NULL,
        field=NULL,
        call_id=NULL,
        stage=NULL,
        http_status="0",
        platform_category=NULL,
        platform_code=NULL,
        platform_message=NULL,
        platform_detail_count="0",
        platform_detail_name=NULL,
        platform_detail_value=NULL,
        retry_after_ms="-1",
        attempts="0",
        elapsed_ms="-1",
    ),
    **getters(
        "call",
        "call",
        id=NULL,
        state=NULL,
        direction=NULL,
        **{"from": NULL},
        to=NULL,
        start_time=NULL,
        active_time=NULL,
        end_time=NULL,
        json=NULL,
    ),
    **getters("finding", "finding", outcome="0", reason=NULL, doubt=NULL, call=NULL, new_call_id=NULL),
    "calltransfer_event_parse": {"body": QUESTION, "content_type": QUESTION, "event": INVALID, "error": INVALID},
    **getters("event", "event", kind="0", cause="0", time_ms="-1", json=NULL, line=NULL),
    **{key: {"event": NULL} for key in (f"calltransfer_event_{name}" for name in EVENT_TEXTS)},
    "calltransfer_event_field": {"event": NULL, "name": (NULL, NULL, NULL)},
    # No text of these tests names an API.
    "calltransfer_follow_new": {
        "api": QUESTION,
        "call_id": QUESTION,
        "new_call_id": QUESTION,
        "follow": INVALID,
        "error": INVALID,
    },
    "calltransfer_follow_event": {"follow": "0", "event": "0"},
    "calltransfer_follow_set_new_call_id": {"follow": INVALID, "new_call_id": QUESTION},
    "calltransfer_follow_set_targets": {"follow": INVALID},
    "calltransfer_follow_set_not_before_ms": {"follow": INVALID},
    "calltransfer_follow_give_up": {"follow": INVALID, "reason": OPTION},
    **getters(
        "follow",
        "follow",
        result="0",
        result_name=NULL,
        cause="0",
        cause_text=NULL,
        new_call_id=NULL,
        answered_time_ms="-1",
        ended_time_ms="-1",
        is_ended="0",
        is_certainly_unanswered="0",
        may_transfer_again="0",
        caller="0",
        caller_name=NULL,
        evidence=NULL,
        doubt=NULL,
    ),
    "calltransfer_targets_new": {"transfer": NULL},
    "calltransfer_targets_or_to": {"targets": INVALID, "to": OPTION},
    "calltransfer_targets_set_ring_ms": {"targets": INVALID},
    **getters(
        "first",
        "first",
        answered="-1",
        stopped="0",
        stopped_name=NULL,
        reason=NULL,
        call_id=NULL,
        target_count="0",
        target_to=NULL,
        target_outcome="0",
        target_result="0",
        target_new_call_id=NULL,
        target_evidence=NULL,
        target_error=NULL,
    ),
    **getters(
        "log_record",
        "record",
        level="0",
        line=NULL,
        action=NULL,
        call_id=NULL,
        host=NULL,
        attempt="0",
        outcome="0",
        kind=OK,
        http_status="0",
        elapsed_ms="-1",
    ),
    "calltransfer_shutdown": {},
    "calltransfer_queue_wake": {"queue": NOTHING},
    "calltransfer_cancel_new": {},
    "calltransfer_cancel_request": {"cancel": NOTHING},
    "calltransfer_queue_new": {"config": INVALID, "queue": INVALID, "error": OK},
    **getters("queue", "queue", fd="-1", cancel="0", cancel_all="0", in_flight="0"),
    "calltransfer_queue_submit_transfer": {
        "queue": INVALID,
        "transfer": INVALID,
        "user_data": OK,
        "id": OK,
        "error": OK,
    },
    **submits("get_call answer hang_up check"),
    "calltransfer_queue_submit_request": {
        "queue": INVALID,
        "call_id": QUESTION,
        "user_data": OK,
        "id": OK,
        "error": OK,
    },
    "calltransfer_queue_submit_check_transfer": {
        "queue": INVALID,
        "failed": INVALID,
        "user_data": OK,
        "id": OK,
        "error": OK,
    },
    "calltransfer_queue_submit_prepare": {"queue": INVALID, "user_data": OK, "id": OK, "error": OK},
    "calltransfer_queue_next": {"queue": INVALID, "completion": INVALID, "error": OK},
    **getters(
        "completion",
        "completion",
        id="0",
        request="0",
        user_data=NULL,
        status=INVALID,
        result=NULL,
        call=NULL,
        finding=NULL,
        error=NULL,
        take_result=NULL,
        take_call=NULL,
        take_finding=NULL,
        take_error=NULL,
    ),
}

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
    "void ( *)(const char *, void *)": "ignore",
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
}

# What is returned as a completion, which has the status.
COMPLETED = (
    "calltransfer_client_request",
    "calltransfer_client_request_transfer",
    "calltransfer_client_request_check_transfer",
)

# The ends of each kind of number. What waits as long as it is reported isn't reported to wait for ever.
ENDS = {
    "int32_t": ("INT32_MIN", "INT32_MAX"),
    "double": ("-1e308", "1e308", "HUGE_VAL", "NAN"),
    "int64_t": ("INT64_MIN", "INT64_MAX"),
    "uint64_t": ("UINT64_MAX",),
    "size_t": ("(size_t)-1",),
}
WAITS = "calltransfer_queue_next"

TEXTS = ("NULL", '"\\xff\\xfe"', "huge")
WORDS = ("null", "no UTF-8", "4 MiB")


def good(function: Function) -> list[str]:
    """Arguments that are right."""
    own = GOOD_NUMBERS.get(function.name, {})
    return [own.get(name, GOOD.get(kind, "NULL")) for kind, name in function.parameters]


Rows = dict[str, dict[str, Expected]]


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
        for value in () if function.name == WAITS else ENDS.get(kind, ()):
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
        status = (
            "" if result == ANYTHING else f"    CHECK(calltransfer_completion_status(out.completion) == {expected});"
        )
        return f"    out.completion = {call};\n    CHECK(out.completion != NULL);\n{status}"
    lines = [f"    (void){call};" if result == ANYTHING else f"    CHECK({call} == {expected});"]
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
        lines = [
            f"    out.completion = {call};",
            "    panic_from_now_on(0);",
            f"    CHECK(calltransfer_completion_status(out.completion) == {PANICKED});",
            "    calltransfer_completion_free(out.completion);",
            "    out.completion = NULL;",
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
