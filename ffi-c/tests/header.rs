//! The header is what the source says: it is made here, and compared with the committed file.

#![allow(clippy::unwrap_used)] // a test may stop at what it did not expect

use std::path::{Path, PathBuf};

use calltransfer_core::{
    CallerState, Cause, ErrorKind, EventKind, FollowResult, FollowUntil, Outcome, StopReason,
};

/// The source files, in the order of a first program.
const SOURCES: &[&str] = &[
    "version",
    "status",
    "config",
    "config_v2",
    "transfer",
    "whisper_audio",
    "transfer_v2",
    "text",
    "client",
    "result",
    "error",
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
];

/// The sections of the header: title, and how the names in it begin.
const SECTIONS: &[(&str, &[&str])] = &[
    ("version", &["calltransfer_version"]),
    (
        "status",
        &[
            "CALLTRANSFER_OK",
            "CALLTRANSFER_E_",
            "CALLTRANSFER_OUTCOME_",
            "calltransfer_kind_",
            "calltransfer_outcome_",
        ],
    ),
    ("handles", &["typedef struct"]),
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
            "CALLTRANSFER_EVENT_",
            "CALLTRANSFER_CAUSE_",
            "calltransfer_event_",
        ],
    ),
    (
        "follow",
        &[
            "CALLTRANSFER_FOLLOW_",
            "CALLTRANSFER_CALLER_",
            "CALLTRANSFER_UNTIL_",
            "CALLTRANSFER_SEEN_",
            "calltransfer_follow_new",
            "calltransfer_follow_",
        ],
    ),
    (
        "several targets",
        &[
            "CALLTRANSFER_STOP_",
            "calltransfer_targets_",
            "calltransfer_first_",
        ],
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
        &["CALLTRANSFER_REQUEST_", "calltransfer_completion_"],
    ),
];

const MEND: &str = "make header";

#[test]
fn the_committed_header_is_what_the_source_says() {
    let path = from_manifest("../include/calltransfer/calltransfer.h");
    let generated = generated();
    if std::env::var_os("CALLTRANSFER_WRITE_HEADER").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = committed
        .lines()
        .zip(generated.lines())
        .position(|(a, b)| a != b);
    assert!(
        committed == generated,
        "calltransfer.h isn't what ffi-c/src says (line {}); mend it with: {MEND}",
        differs.map_or(0, |line| line + 1)
    );
}

#[test]
fn every_kind_cause_and_outcome_has_its_constant() {
    let kinds = ErrorKind::ALL
        .iter()
        .map(|kind| ("E", kind.as_str(), kind.number()));
    let outcomes = Outcome::ALL
        .iter()
        .map(|outcome| ("OUTCOME", outcome.as_str(), outcome.number()));
    let events = EventKind::KINDS
        .iter()
        .map(|(number, name)| ("EVENT", *name, *number));
    let causes = Cause::ALL
        .iter()
        .map(|cause| ("CAUSE", cause.as_str(), cause.number()));
    let results = FollowResult::ALL
        .iter()
        .map(|result| ("FOLLOW", result.as_str(), result.number()));
    let callers = CallerState::ALL
        .iter()
        .map(|caller| ("CALLER", caller.as_str(), caller.number()));
    let untils = FollowUntil::ALL
        .iter()
        .map(|until| ("UNTIL", until.as_str(), until.number()));
    let stops = StopReason::ALL
        .iter()
        .map(|stop| ("STOP", stop.as_str(), stop.number()));
    let mut expected: Vec<_> = kinds
        .chain(outcomes)
        .chain(events)
        .chain(causes)
        .chain(results)
        .chain(callers)
        .chain(untils)
        .chain(stops)
        .map(|(family, name, number)| {
            let name = name.to_uppercase();
            format!("#define CALLTRANSFER_{family}_{name} {number}")
        })
        .collect();
    expected.push("#define CALLTRANSFER_OK 0".to_owned());
    let header = generated();
    let mut defined: Vec<_> = header
        .lines()
        .filter(|line| line.starts_with("#define CALLTRANSFER_") && line.split(' ').count() == 3)
        // C's own: tests/abi holds their numbers.
        .filter(|line| !line.contains("_REQUEST_") && !line.contains("_SEEN_"))
        .collect();
    expected.sort_unstable();
    defined.sort_unstable();
    assert_eq!(
        defined, expected,
        "ffi-c/src/status.rs, event_constants.rs or follow_constants.rs, and core's lists differ"
    );
}

#[test]
fn every_function_says_null_memory_and_threads_in_that_order() {
    let header = generated();
    for item in items(&header).into_iter().filter(|item| is_function(item)) {
        let labels: Vec<_> = ["\n * NULL: ", "\n * Memory: ", "\n * Threads: "]
            .iter()
            .map(|label| item.find(label))
            .collect();
        assert!(
            labels.is_sorted() && labels.iter().all(Option::is_some),
            "the doc lacks NULL:, Memory: or Threads:, or their order:\n{item}"
        );
    }
}

fn from_manifest(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn generated() -> String {
    let config = cbindgen::Config::from_file(from_manifest("cbindgen.toml")).unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(from_manifest(&format!("src/{source}.rs")));
    }
    let mut text = Vec::new();
    builder.generate().unwrap().write(&mut text);
    arranged(&String::from_utf8(text).unwrap())
}

/// The generator puts constants first, then types, then functions; people read by noun.
fn arranged(text: &str) -> String {
    let (head, rest) = text.split_once("extern \"C\" {\n#endif\n").unwrap();
    let (body, tail) = rest.split_once("#ifdef __cplusplus").unwrap();
    let items = items(body);
    let mut arranged = format!("{head}extern \"C\" {{\n#endif\n");
    let mut left = items;
    let count = left.len();
    let mut placed = 0;
    for (title, beginnings) in SECTIONS {
        let rule = "-".repeat(72 - title.len());
        arranged.push_str(&format!("\n/* {title} {rule} */\n\n"));
        for begin in *beginnings {
            let here = left.extract_if(.., |item| name(item).starts_with(begin));
            for item in here {
                arranged.push_str(&item);
                arranged.push_str("\n\n");
                placed += 1;
            }
        }
        arranged.pop();
    }
    assert_eq!(placed, count, "an item has no section: {left:?}");
    format!("{arranged}\n#ifdef __cplusplus{tail}")
}

/// The declarations, each with its doc, in one layout.
fn items(text: &str) -> Vec<String> {
    let declarations = text.split("\n\n").map(str::trim);
    declarations
        .filter(|item| item.starts_with("/**"))
        .map(|item| match item.split_once("\n */\n") {
            Some((doc, declaration)) if doc.lines().count() == 2 => {
                let doc = doc.trim_start_matches("/**\n * ");
                format!("/** {doc} */\n{declaration}")
            }
            _ => item.replacen("CALLTRANSFER_API ", "CALLTRANSFER_API\n", 1),
        })
        .collect()
}

fn declaration(item: &str) -> &str {
    item.split_once("*/\n").unwrap().1
}

fn is_function(item: &str) -> bool {
    declaration(item).starts_with("CALLTRANSFER_API")
}

/// What an item declares; of a type, `typedef struct` and its name.
fn name(item: &str) -> &str {
    let declaration = declaration(item);
    if !is_function(item) {
        return declaration.trim_start_matches("#define ");
    }
    let head = declaration.split('(').next().unwrap();
    head.rsplit([' ', '*', '\n']).next().unwrap()
}
