//! The header is what the source says: it is made here, and compared with the committed file.

#![allow(clippy::unwrap_used)] // a test may stop at what it did not expect

use std::path::{Path, PathBuf};

#[path = "header/enumerations.rs"]
mod enumerations;
#[path = "header/sections.rs"]
mod sections;
#[path = "header/since.rs"]
mod since;

use calltransfer_core::{
    CallerState, Cause, ErrorKind, EventKind, FollowResult, FollowUntil, Outcome, StopReason,
};
use enumerations::{enumerators, family_of, with_enumerations};
use sections::{Header, MAIN, RUNS};
use since::Ledger;

/// Since when there is what.
const LEDGERS: [&str; 2] = ["../tests/abi/ledger.txt", "../tests/abi/ledger-runs.txt"];

const MEND: &str = "make header";

#[test]
fn committed_header_is_what_the_source_says() {
    is_committed(MAIN.name, &generated(&MAIN));
}

#[test]
fn committed_header_of_runs_is_what_the_source_says() {
    is_committed(RUNS.name, &generated(&RUNS));
}

#[test]
fn committed_header_without_preprocessor_is_the_same() {
    is_committed("ffi.h", &preprocessed(&generated(&MAIN)));
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
            format!("CALLTRANSFER_{family}_{name} = {number}")
        })
        .collect();
    expected.push("CALLTRANSFER_OK = 0".to_owned());
    let header = generated(&MAIN);
    let mut defined: Vec<_> = enumerators(&header)
        // C's own: tests/abi holds their numbers.
        .filter(|line| {
            !line.contains("_REQUEST_") && !line.contains("_SEEN_") && !line.contains("_LOG_")
        })
        .collect();
    expected.sort_unstable();
    defined.sort_unstable();
    assert_eq!(
        defined, expected,
        "ffi-c/src/status.rs, event_constants.rs or follow_constants.rs, and core's lists differ"
    );
}

#[test]
fn numbers_of_each_enumeration_stay_in_its_range() {
    let headers = [generated(&MAIN), generated(&RUNS)];
    for line in headers.iter().flat_map(|header| enumerators(header)) {
        let (name, number) = line.split_once(" = ").unwrap();
        let range = &family_of(name).unwrap().range;
        assert!(
            range.contains(&number.parse().unwrap()),
            "{line}: {range:?}"
        );
    }
}

#[test]
fn comments_say_null_memory_threads_since_in_order() {
    let headers = [generated(&MAIN), generated(&RUNS)];
    let all = headers.iter().flat_map(|header| items(header));
    let functions: Vec<_> = all.filter(|item| is_function(item)).collect();
    assert!(functions.len() > 200);
    for item in functions {
        let labels = [
            "\n * NULL: ",
            "\n * Memory: ",
            "\n * Threads: ",
            "\n * Since: ",
        ];
        let labels: Vec<_> = labels.iter().map(|label| item.find(label)).collect();
        assert!(
            labels.is_sorted() && labels.iter().all(Option::is_some),
            "the doc lacks NULL:, Memory:, Threads: or Since:, or their order:\n{item}"
        );
    }
}

#[test]
fn every_item_says_since_which_version() {
    for header in [generated(&MAIN), generated(&RUNS)] {
        let all = items(&header);
        assert!(all.len() > 70);
        for item in all {
            assert!(item.contains("\n * Since: "), "no Since: in\n{item}");
        }
    }
}

/// Functions whose status is all that shows whether something was created, added or sent.
const RETURN_A_STATUS_TO_USE: &[&str] = &[
    "calltransfer_client_new",
    "calltransfer_client_transfer",
    "calltransfer_client_transfer_cancellable",
    "calltransfer_client_transfer_to_first",
    "calltransfer_queue_new",
    "calltransfer_run_add",
    "calltransfer_run_add_all",
    "calltransfer_run_execute",
    "calltransfer_run_open",
];

#[test]
fn result_that_is_owned_or_a_submission_must_be_used() {
    let headers = [generated(&MAIN), generated(&RUNS)];
    let all = headers.iter().flat_map(|header| items(header));
    let (mut expected, mut marked) = (Vec::new(), Vec::new());
    for item in all.filter(|item| is_function(item)) {
        let function = name(&item).to_owned();
        let returned = without_attributes(declaration(&item));
        let returned = returned.split('(').next().unwrap();
        let is_owned = returned.contains('*')
            && !returned.starts_with("const ")
            && function != "calltransfer_completion_user_data";
        let is_listed = RETURN_A_STATUS_TO_USE.contains(&&*function);
        if is_owned || is_listed || function.contains("_submit_") {
            expected.push(function.clone());
        }
        if declaration(&item).contains("CALLTRANSFER_MUST_USE") {
            marked.push(function);
        }
    }
    assert!(expected.len() > 20 + RETURN_A_STATUS_TO_USE.len());
    assert_eq!(marked, expected, "give these functions #[must_use]");
}

#[test]
fn function_that_is_deprecated_is_read_like_others() {
    let old = "/**\n * Old.\n *\n * Since: 0.1.0\n */\nCALLTRANSFER_API CALLTRANSFER_MUST_USE \
               CALLTRANSFER_DEPRECATED(\"use (the) new one\") calltransfer_x *calltransfer_old(void);\n";
    let item = items(old).remove(0);
    assert_eq!(name(&item), "calltransfer_old");
    let text = preprocessed(old);
    assert!(
        text.ends_with("\ncalltransfer_x *calltransfer_old(void);\n"),
        "{text}"
    );
}

/// For languages that read C declarations and have no preprocessor: a declaration a line, and the
/// numbers as an enumeration.
fn preprocessed(header: &str) -> String {
    let declarations = items(header).into_iter().filter_map(|item| {
        let code: String = item
            .split("/*")
            .map(|part| part.split_once("*/").map_or(part, |(_, code)| code))
            .collect();
        let line = without_attributes(&code).split_whitespace();
        let line = line.collect::<Vec<_>>();
        match line.as_slice() {
            ["#define", name @ "CALLTRANSFER_VERSION_NUM", number] => {
                Some(format!("enum {{ {name} = {number} }};"))
            }
            ["#define", ..] => None,
            _ => Some(line.join(" ")),
        }
    });
    let declarations: Vec<_> = declarations.collect();
    format!(
        "/* calltransfer.h for the FFI of PHP, LuaJIT and others, which have no preprocessor. Generated; \
         do not edit. */\n{}\n",
        declarations.join("\n")
    )
}

fn from_manifest(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn generated(header: &Header) -> String {
    let config = cbindgen::Config::from_file(from_manifest(header.config)).unwrap();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in header.sources {
        builder = builder.with_src(from_manifest(&format!("src/{source}.rs")));
    }
    let mut text = Vec::new();
    builder.generate().unwrap().write(&mut text);
    let more: &[String] = if header.name == MAIN.name {
        &versions()
    } else {
        &[]
    };
    arranged(&String::from_utf8(text).unwrap(), header.sections, more)
}

/// The generator puts constants first, then types, then functions; people read by noun.
fn arranged(text: &str, sections: &[(&str, &[&str])], more: &[String]) -> String {
    let (head, rest) = text.split_once("extern \"C\" {\n#endif\n").unwrap();
    let (body, tail) = rest.split_once("#ifdef __cplusplus").unwrap();
    let ledger = Ledger::read(LEDGERS.map(from_manifest));
    let items = with_enumerations(items(body), &ledger);
    let mut left: Vec<_> = items.iter().map(|item| ledger.dated(item)).collect();
    left.extend_from_slice(more);
    let mut arranged = format!("{head}extern \"C\" {{\n#endif\n");
    let count = left.len();
    let mut placed = 0;
    for (title, beginnings) in sections {
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

/// The version that a program is compiled with.
fn versions() -> [String; 2] {
    let version = env!("CARGO_PKG_VERSION");
    let parts = version.split('.').map(|part| part.parse::<u8>().unwrap());
    let number: String = parts.map(|part| format!("{part:02x}")).collect();
    let dated = |doc| format!("/**\n * {doc}\n *\n * Since: 0.1.0\n */\n#define");
    let text = dated("The version that a program is compiled with.");
    let same = dated("The same as a number, in the form of calltransfer_version_number().");
    [
        format!("{text} CALLTRANSFER_VERSION \"{version}\""),
        format!("{same} CALLTRANSFER_VERSION_NUM 0x{number}"),
    ]
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

/// A declaration without what the header's macros put before a function.
fn without_attributes(declaration: &str) -> &str {
    let mut rest = declaration.trim_start();
    loop {
        let plain = ["CALLTRANSFER_API", "CALLTRANSFER_MUST_USE"];
        let found = plain.iter().find_map(|word| rest.strip_prefix(word));
        let with_reason = || {
            let reason = rest.strip_prefix("CALLTRANSFER_DEPRECATED(\"")?;
            Some(reason.split_once("\")").unwrap().1)
        };
        let Some(after) = found.or_else(with_reason) else {
            return rest;
        };
        rest = after.trim_start();
    }
}

/// What an item declares; of a type, `typedef struct` and its name.
fn name(item: &str) -> &str {
    let declaration = declaration(item);
    if !is_function(item) {
        return declaration.trim_start_matches("#define ");
    }
    let head = without_attributes(declaration).split('(').next().unwrap();
    head.rsplit([' ', '*', '\n']).next().unwrap()
}
