//! Since which version the library has something: as the ledgers of tests/abi say.

use std::path::PathBuf;

use crate::{declaration, name};

/// What the ledgers say.
pub(crate) struct Ledger {
    /// Each declaration and the version that brought it.
    lines: Vec<(String, String)>,
}

impl Ledger {
    pub(crate) fn read(paths: [PathBuf; 2]) -> Self {
        let texts = paths.map(|path| std::fs::read_to_string(path).unwrap());
        let text = texts.concat();
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let lines = lines.filter_map(|line| line.split_once(' '));
        let lines = lines.map(|(since, what)| (what.to_owned(), since.to_owned()));
        Self {
            lines: lines.collect(),
        }
    }

    /// The version of a function or constant; today's of what the ledger doesn't have yet.
    pub(crate) fn since(&self, name: &str) -> &str {
        let is_named = |declaration: &str| {
            let head = declaration.split('(').next().unwrap_or_default();
            head.split([' ', '*']).any(|word| word == name)
        };
        let found = self.lines.iter().find(|(what, _)| is_named(what));
        found.map_or(env!("CARGO_PKG_VERSION"), |(_, since)| since)
    }

    /// The item with the version at the end of its doc. A handle is as old as what frees it, the type of
    /// a function as what takes one.
    pub(crate) fn dated(&self, item: &str) -> String {
        let declared = name(item);
        let since = match declared.strip_prefix("typedef struct ") {
            Some(handle) => {
                let handle = handle.split([' ', ';']).next().unwrap_or_default();
                self.since(&format!("{handle}_free"))
            }
            None if declared.starts_with("typedef ") => {
                let of_function = declared.split(['*', ')']).nth(1).unwrap();
                let uses = |(what, _): &&(String, String)| what.contains(of_function);
                let user = self.lines.iter().find(uses);
                user.map_or(env!("CARGO_PKG_VERSION"), |(_, since)| since)
            }
            None if declared.starts_with("enum ") => {
                let first = declaration(item).lines().find(|line| line.contains(" = "));
                self.since(first.unwrap().trim().split(' ').next().unwrap())
            }
            None => self.since(declared),
        };
        match item.split_once(" */\n") {
            Some((doc, rest)) if !doc.contains('\n') => {
                let doc = doc.trim_start_matches("/** ");
                format!("/**\n * {doc}\n *\n * Since: {since}\n */\n{rest}")
            }
            _ => item.replacen("\n */\n", &format!("\n * Since: {since}\n */\n"), 1),
        }
    }
}
