//! The header is what the source says: it is made here, and compared with the committed file.

#![allow(clippy::unwrap_used)] // a test may stop at what it did not expect

use std::path::{Path, PathBuf};

use calltransfer_core::{Cause, ErrorKind, EventKind, Outcome};

/// The source files, in the order of a first program.
const SOURCES: &[&str] = &[
    "version",
    "status",
    "config",
    "config_limits",
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
    "call_list",
    "call",
    "finding",
    "event_constants",
    "event",
    "event_details",
    "cancel",
    "queue",
    "queue_submit",
    "completion",
    "shutdown",
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
            "CALLTRANSFER_EVENT_",
            "CALLTRANSFER_CAUSE_",
            "calltransfer_event_",
        ],
    ),
    ("log", &["CALLTRANSFER_LOG_", "calltransfer_log_record_"]),
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
    ("shutdown", &["calltransfer_shutdown"]),
];

const MEND: &str = "make header";

#[test]
fn the_committed_header_is_what_the_source_says() {
    is_committed("calltransfer.h", &generated());
}

#[test]
fn the_committed_header_without_preprocessor_is_the_same() {
    is_committed("ffi.h", &preprocessed(&generated()));
}

fn is_committed(name: &str, generated: &str) {
    let path = from_manifest("../include/calltransfer").join(name);
    if std::env::var_os("CALLTRANSFER_WRITE_HEADER").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, generated).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = committed
        .lines()
        .zip(generated.lines())
        .position(|(a, b)| a != b);
    assert!(
        committed == generated,
        "{name} isn't what ffi-c/src says (line {}); mend it with: {MEND}",
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
    let mut expected: Vec<_> = kinds
        .chain(outcomes)
        .chain(events)
        .chain(causes)
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
        // C's own: tests/abi holds their numbers
        .filter(|line| !line.contains("_REQUEST_") && !line.contains("_LOG_"))
        .collect();
    expected.sort_unstable();
    defined.sort_unstable();
    assert_eq!(
        defined, expected,
        "ffi-c/src/status.rs or event_constants.rs, and core's lists differ"
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

/// For languages that read C declarations and have no preprocessor: a declaration a line, and the
/// numbers as an enumeration.
fn preprocessed(header: &str) -> String {
    let (mut numbers, mut declarations) = (Vec::new(), Vec::new());
    for item in items(header) {
        let line = declaration(&item).split_whitespace().collect::<Vec<_>>();
        match line.as_slice() {
            ["#define", name, number] => numbers.push(format!("    {name} = {number},\n")),
            ["CALLTRANSFER_API", rest @ ..] => declarations.push(rest.join(" ")),
            _ => declarations.push(line.join(" ")),
        }
    }
    let numbers = numbers.concat();
    format!(
        "/* calltransfer.h for the FFI of PHP, LuaJIT and others, which have no preprocessor. Generated; \
         do not edit. */\nenum {{\n{numbers}}};\n{}\n",
        declarations.join("\n")
    )
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
