"""More rows of misuse.py for the functions of runs: what each does with NULL, and with text that can't be one."""

from __future__ import annotations

from c.misuse_rows import INVALID, NOTHING, NULL, OK, QUESTION, Rows, getters

NULL_ROW = ["call_id", "to", "options_json", "error_kind", "message", "platform_code", "new_call_id"]
NULL_ROW += ["finding_reason", "finding_doubt"]
HANDLES = ["options", "rows", "row", "summary", "findings", "error"]

RUN_ROWS: Rows = {
    "calltransfer_run_state_name": {},
    "calltransfer_run_options_new": {},
    **{
        f"calltransfer_run_options_set_{name}": {"options": INVALID}
        for name in ("rate", "deadline_ms", "lease_ms", "max_attempts")
    },
    **{f"calltransfer_run_{noun}_free": {noun: NOTHING} for noun in HANDLES},
    "calltransfer_run_free": {"run": NOTHING},
    "calltransfer_run_open": {"client": INVALID, "place": QUESTION, "options": OK, "run": INVALID, "error": OK},
    "calltransfer_run_view": {"place": QUESTION, "run": INVALID, "error": OK},
    **getters("run", "run", api=NULL, account=NULL, is_stopped="0", stop=NOTHING),
    "calltransfer_run_add": {"run": INVALID, "transfer": INVALID, "added": OK, "error": OK},
    # The count of these tests is 0.
    "calltransfer_run_add_all": {"run": INVALID, "transfers": OK, "added": OK, "present": OK, "error": OK},
    "calltransfer_run_execute": {"run": INVALID, "name": (OK, INVALID, INVALID), "summary": OK, "error": OK},
    "calltransfer_run_stop_all": {"run": INVALID, "error": OK},
    "calltransfer_run_resume_all": {"run": INVALID, "error": OK},
    "calltransfer_run_summarize": {"run": INVALID, "summary": OK, "error": OK},
    "calltransfer_run_check": {"run": INVALID, "findings": OK, "error": OK},
    # The state of these tests is no one that can be planned again.
    "calltransfer_run_retry": {"run": INVALID, "planned": INVALID, "refused": INVALID, "error": INVALID},
    "calltransfer_run_list_rows": {"run": INVALID, "rows": INVALID, "error": OK},
    "calltransfer_run_rows_next": {"rows": INVALID, "row": INVALID, "error": OK},
    "calltransfer_run_export": {"run": INVALID, "path": QUESTION, "count": OK, "error": OK},
    **getters("run_row", "row", number="-1", timeout_ms="-1", state="0", attempts="0", http_status="0"),
    **getters("run_row", "row", finding_outcome="0", changed_ms="-1", **dict.fromkeys(NULL_ROW, NULL)),
    **getters("run_summary", "summary", count="0", is_done="0", rate="-1", held_ms="0", time_left_ms="-1"),
    **getters("run_summary", "summary", deadline_ms="-1", workers="0", note_count="0", note=NULL),
    **getters("run_findings", "findings", count="0", failed="0", first_error=NULL),
    **getters("run_error", "error", kind=OK, kind_name=NULL, message=NULL, refused_count="0", refused_number="-1"),
    **getters("run_error", "error", refused_call_id=NULL, refused_reason=NULL, unwritten_count="0"),
    **getters("run_error", "error", unwritten_call_id=NULL, unwritten_state="0", unwritten_new_call_id=NULL),
}
