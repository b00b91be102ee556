//! What each header is made of: its source files, and its sections.

/// A header: its set-up, its sources and its sections.
pub(crate) struct Header {
    pub(crate) name: &'static str,
    pub(crate) config: &'static str,
    pub(crate) sources: &'static [&'static str],
    pub(crate) sections: &'static [(&'static str, &'static [&'static str])],
}

pub(crate) const MAIN: Header = Header {
    name: "calltransfer.h",
    config: "cbindgen.toml",
    sources: SOURCES,
    sections: SECTIONS,
};
pub(crate) const RUNS: Header = Header {
    name: "runs.h",
    config: "cbindgen-runs.toml",
    sources: SOURCES_OF_RUNS,
    sections: SECTIONS_OF_RUNS,
};

/// The source files, in the order of a first program.
const SOURCES: &[&str] = &[
    "version",
    "status",
    "config",
    "config_limits",
    "config_log",
    "config_v2",
    "log_record",
    "transfer",
    "whisper_audio",
    "transfer_v2",
    "transfer_by_name",
    "text",
    "client",
    "request",
    "result",
    "error",
    "error_getters",
    "call_list",
    "call",
    "finding",
    "event_constants",
    "event",
    "event_details",
    "follow_constants",
    "follow",
    "follow_status",
    "first",
    "cancel",
    "queue",
    "queue_submit",
    "completion",
    "shutdown",
];

/// The sections of the header: title, and how the names in it begin.
const SECTIONS: &[(&str, &[&str])] = &[
    ("version", &["CALLTRANSFER_VERSION", "calltransfer_version"]),
    (
        "status",
        &[
            "enum calltransfer_statuses",
            "enum calltransfer_outcomes",
            "calltransfer_kind_",
            "calltransfer_outcome_",
        ],
    ),
    ("handles", &["typedef struct", "typedef void"]),
    ("config", &["calltransfer_config_"]),
    (
        "transfer",
        &[
            "calltransfer_transfer_new",
            "calltransfer_transfer_set_",
            "calltransfer_transfer_",
            "calltransfer_string_",
        ],
    ),
    ("client", &["calltransfer_client_"]),
    ("result", &["calltransfer_result_"]),
    ("error", &["calltransfer_error_"]),
    (
        "list of calls",
        &["calltransfer_call_query_", "calltransfer_call_list_"],
    ),
    ("call", &["calltransfer_call_"]),
    ("finding", &["calltransfer_finding_"]),
    (
        "event",
        &[
            "enum calltransfer_events",
            "enum calltransfer_causes",
            "calltransfer_event_",
        ],
    ),
    (
        "follow",
        &[
            "enum calltransfer_follow_results",
            "enum calltransfer_caller_states",
            "enum calltransfer_follow_untils",
            "enum calltransfer_follow_seens",
            "calltransfer_follow_new",
            "calltransfer_follow_",
        ],
    ),
    (
        "several targets",
        &[
            "enum calltransfer_stop_reasons",
            "calltransfer_targets_",
            "calltransfer_first_",
        ],
    ),
    (
        "log",
        &["enum calltransfer_log_levels", "calltransfer_log_record_"],
    ),
    ("cancel", &["calltransfer_cancel_"]),
    (
        "queue",
        &[
            "calltransfer_queue_new",
            "calltransfer_queue_fd",
            "calltransfer_queue_submit_",
            "calltransfer_queue_",
        ],
    ),
    (
        "completion",
        &["enum calltransfer_requests", "calltransfer_completion_"],
    ),
    ("shutdown", &["calltransfer_shutdown"]),
];

/// Those of the runs' header.
const SOURCES_OF_RUNS: &[&str] = &[
    "run_state",
    "run_options",
    "run",
    "run_work",
    "run_rows",
    "run_row",
    "run_summary",
    "run_error",
];

const SECTIONS_OF_RUNS: &[(&str, &[&str])] = &[
    (
        "status",
        &[
            "enum calltransfer_run_statuses",
            "enum calltransfer_run_states",
            "calltransfer_run_state_",
            "enum calltransfer_export_formats",
        ],
    ),
    ("handles", &["typedef struct"]),
    ("options", &["calltransfer_run_options_"]),
    (
        "run",
        &[
            "calltransfer_run_open",
            "calltransfer_run_view",
            "calltransfer_run_api",
            "calltransfer_run_account",
            "calltransfer_run_add",
            "calltransfer_run_execute",
            "calltransfer_run_stop",
            "calltransfer_run_is_stopped",
            "calltransfer_run_resume_all",
            "calltransfer_run_check",
            "calltransfer_run_retry",
            "calltransfer_run_export",
            "calltransfer_run_free",
        ],
    ),
    (
        "rows",
        &["calltransfer_run_list_rows", "calltransfer_run_rows_"],
    ),
    ("row", &["calltransfer_run_row_"]),
    (
        "summary",
        &["calltransfer_run_summarize", "calltransfer_run_summary_"],
    ),
    ("findings", &["calltransfer_run_findings_"]),
    ("error", &["calltransfer_run_error_"]),
];
