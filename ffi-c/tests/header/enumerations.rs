//! Constants of one family become one enumeration: for the compiler, debuggers and other languages.

use std::ops::RangeInclusive;

use crate::name;
use crate::since::Ledger;

/// An enumeration of the header.
pub(crate) struct Family {
    /// What follows `enum calltransfer_`. Plural, since `calltransfer_event` is the handle.
    tag: &'static str,
    doc: &'static str,
    /// How the names of its members begin.
    beginnings: &'static [&'static str],
    /// No other family has numbers of it, so that one is never taken for another.
    pub(crate) range: RangeInclusive<i32>,
}

const FAMILIES: &[Family] = &[
    Family {
        tag: "statuses",
        doc: "What functions return: that it was done, or the kind of the error.",
        beginnings: &["CALLTRANSFER_OK", "CALLTRANSFER_E_"],
        range: 0..=50,
    },
    Family {
        tag: "outcomes",
        doc: "Whether the call was transferred.",
        beginnings: &["CALLTRANSFER_OUTCOME_"],
        range: 100..=199,
    },
    Family {
        tag: "requests",
        doc: "What was asked for.",
        beginnings: &["CALLTRANSFER_REQUEST_"],
        range: 200..=299,
    },
    Family {
        tag: "events",
        doc: "What happened to a call.",
        beginnings: &["CALLTRANSFER_EVENT_"],
        range: 300..=399,
    },
    Family {
        tag: "causes",
        doc: "Why a leg or a transfer ended.",
        beginnings: &["CALLTRANSFER_CAUSE_"],
        range: 400..=499,
    },
    Family {
        tag: "follow_results",
        doc: "Whether a target answered, and if not, why.",
        beginnings: &["CALLTRANSFER_FOLLOW_"],
        range: 500..=599,
    },
    Family {
        tag: "caller_states",
        doc: "Where the caller is while a transfer is followed.",
        beginnings: &["CALLTRANSFER_CALLER_"],
        range: 600..=699,
    },
    Family {
        tag: "follow_untils",
        doc: "Until when a transfer is followed.",
        beginnings: &["CALLTRANSFER_UNTIL_"],
        range: 700..=799,
    },
    Family {
        tag: "follow_seens",
        doc: "What an event or a read meant to a transfer that is followed.",
        beginnings: &["CALLTRANSFER_SEEN_"],
        range: 800..=899,
    },
    Family {
        tag: "stop_reasons",
        doc: "Why no further target was tried.",
        beginnings: &["CALLTRANSFER_STOP_"],
        range: 900..=999,
    },
    Family {
        tag: "log_levels",
        doc: "How much a record of the log matters.",
        beginnings: &["CALLTRANSFER_LOG_"],
        range: 1100..=1199,
    },
    Family {
        tag: "run_statuses",
        doc: "What functions of runs return beside the statuses of calltransfer.h.",
        beginnings: &["CALLTRANSFER_RUN_E_"],
        range: 51..=99,
    },
    Family {
        tag: "export_formats",
        doc: "How rows are written into a file.",
        beginnings: &["CALLTRANSFER_EXPORT_"],
        range: 1000..=1099,
    },
    Family {
        tag: "run_states",
        doc: "The state of a row; a bit each.",
        beginnings: &["CALLTRANSFER_RUN_"],
        range: 0x1_0000..=0x7fff_ffff,
    },
];

impl Family {
    fn has(&self, constant: &str) -> bool {
        self.beginnings
            .iter()
            .any(|begin| constant.starts_with(begin))
    }

    fn declaration(&self, members: &[String], ledger: &Ledger) -> String {
        let since = |member: &String| ledger.since(name(member).split(' ').next().unwrap());
        let oldest = members.iter().map(since).min().unwrap();
        let lines: Vec<_> = members
            .iter()
            .map(|member| {
                let (doc, constant) = member.split_once("*/\n").unwrap();
                let constant = constant.trim_start_matches("#define ").replace(' ', " = ");
                let newer = match since(member) {
                    version if version > oldest => format!("Since {version}. "),
                    _ => String::new(),
                };
                let doc = format!("{doc}{newer}*/").replace('\n', "\n    ");
                format!("    {doc}\n    {constant}")
            })
            .collect();
        let (tag, doc, lines) = (self.tag, self.doc, lines.join(",\n"));
        format!("/** {doc} */\nenum calltransfer_{tag} {{\n{lines}\n}};")
    }
}

/// The family of a constant.
pub(crate) fn family_of(constant: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.has(constant))
}

/// The items with an enumeration in place of the constants of each family.
pub(crate) fn with_enumerations(mut items: Vec<String>, ledger: &Ledger) -> Vec<String> {
    let declarations: Vec<_> = FAMILIES
        .iter()
        .filter_map(|family| {
            let members: Vec<_> = items
                .extract_if(.., |item| family.has(name(item)))
                .collect();
            (!members.is_empty()).then(|| family.declaration(&members, ledger))
        })
        .collect();
    items.extend(declarations);
    items
}

/// The lines of the enumerators, as `CALLTRANSFER_OK = 0`.
pub(crate) fn enumerators(header: &str) -> impl Iterator<Item = &str> {
    let lines = header.lines().map(|line| line.trim().trim_end_matches(','));
    lines.filter(|line| line.starts_with("CALLTRANSFER_") && line.contains(" = "))
}
