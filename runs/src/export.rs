//! Reports: the rows of a run for people and other programs.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use calltransfer::redaction;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind};
use crate::row::{Row, State};
use crate::run::Run;

/// The content of a report, for [`Run::export`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    format: Format,
    states: Vec<State>,
    show_numbers: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv,
    JsonLines,
}

impl Export {
    /// The names of a row's values, in every format and language.
    pub const COLUMNS: [&str; 15] = [
        "row",
        "call_id",
        "to",
        "state",
        "attempts",
        "new_call_id",
        "error_kind",
        "message",
        "http_status",
        "code",
        "found",
        "reason",
        "doubt",
        "changed",
        "options",
    ];

    /// Comma-separated values, with a line of names first.
    pub fn csv() -> Self {
        Self::of(Format::Csv)
    }

    /// A JSON object on each line.
    pub fn json_lines() -> Self {
        Self::of(Format::JsonLines)
    }

    fn of(format: Format) -> Self {
        Self {
            format,
            states: Vec::new(),
            show_numbers: false,
        }
    }

    /// Only rows in these states; all rows if none is given.
    #[must_use]
    pub fn states(mut self, states: impl Into<Vec<State>>) -> Self {
        self.states = states.into();
        self
    }

    /// Whether phone numbers are written whole. They are redacted by default.
    #[must_use]
    pub fn show_numbers(mut self, show: bool) -> Self {
        self.show_numbers = show;
        self
    }
}

impl Run {
    /// Writes the rows of the run, and returns how many there were.
    ///
    /// They are read in pages, so a run of any size takes little memory, and a row may change while
    /// others are written.
    ///
    /// # Errors
    /// [`InvalidArgument`](ErrorKind::InvalidArgument) where `to` can't be written,
    /// [`Full`](ErrorKind::Full) if there is no room for it; others if the ledger fails.
    pub fn export(&self, to: impl Write, export: &Export) -> Result<u64, Error> {
        let mut report = match export.format {
            Format::Csv => Report::Csv(Box::new(
                csv::WriterBuilder::new()
                    .has_headers(false)
                    .terminator(csv::Terminator::Any(b'\n'))
                    .from_writer(to),
            )),
            Format::JsonLines => Report::JsonLines(BufWriter::new(to)),
        };
        report.begin().map_err(|error| failed(&error))?;
        let mut number = 0;
        for row in self.rows(&export.states) {
            let row = row?;
            let line = Line::of(&row, export.show_numbers);
            report.add(&line).map_err(|error| failed(&error))?;
            number += 1;
        }
        report.end().map_err(|error| failed(&error))?;
        Ok(number)
    }

    /// As [`export`](Self::export), into a file that its owner only can read.
    ///
    /// A file that is there is replaced once the whole report is on disk, and left as it is after an
    /// error.
    ///
    /// # Errors
    /// As for [`export`](Self::export).
    pub fn export_file(&self, path: impl AsRef<Path>, export: &Export) -> Result<u64, Error> {
        let path = path.as_ref();
        let (file, beside) = create_beside(path).map_err(|error| failed(&error))?;
        let written = self.export(&file, export).and_then(|number| {
            let placed = file
                .sync_all()
                .and_then(|()| std::fs::rename(&beside, path));
            placed.map_err(|error| failed(&error))?;
            Ok(number)
        });
        if written.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        written
    }
}

/// A new file in the same folder, which a rename makes the report.
fn create_beside(path: &Path) -> io::Result<(File, PathBuf)> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    };
    let mut beside = name.to_owned();
    beside.push(format!(".{:08x}.part", fastrand::u32(..)));
    let beside = path.with_file_name(beside);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok((options.open(&beside)?, beside))
}

fn failed(error: &io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorKind::Full,
        _ => ErrorKind::InvalidArgument,
    };
    Error::new(
        kind,
        format!("export: the report can't be written: {error}"),
    )
}

enum Report<W: Write> {
    Csv(Box<csv::Writer<W>>),
    JsonLines(BufWriter<W>),
}

impl<W: Write> Report<W> {
    fn begin(&mut self) -> io::Result<()> {
        match self {
            Self::Csv(writer) => Ok(writer.write_record(Export::COLUMNS)?),
            Self::JsonLines(_) => Ok(()),
        }
    }

    fn add(&mut self, line: &Line<'_>) -> io::Result<()> {
        match self {
            Self::Csv(writer) => Ok(writer.write_record(line.cells())?),
            Self::JsonLines(writer) => {
                serde_json::to_writer(&mut *writer, line)?;
                writer.write_all(b"\n")
            }
        }
    }

    fn end(&mut self) -> io::Result<()> {
        match self {
            Self::Csv(writer) => writer.flush(),
            Self::JsonLines(writer) => writer.flush(),
        }
    }
}

/// The values of [`Export::COLUMNS`].
#[derive(Serialize)]
struct Line<'r> {
    row: i64,
    call_id: &'r str,
    to: String,
    state: &'static str,
    attempts: i64,
    new_call_id: Option<&'r str>,
    error_kind: Option<&'r str>,
    message: Option<&'r str>,
    http_status: Option<u16>,
    code: Option<&'r str>,
    found: Option<&'static str>,
    reason: Option<&'r str>,
    doubt: Option<&'r str>,
    changed: String,
    options: Value,
}

impl<'r> Line<'r> {
    fn of(row: &'r Row, show_numbers: bool) -> Self {
        let mut options = row.options().clone();
        let mut targets = vec![row.request.to().to_owned()];
        if let Some(Value::Array(more)) = options.remove("also_to") {
            targets.extend(more.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        if let Some(time) = row.request.time_limit() {
            options.insert("timeout".to_owned(), time.as_secs_f64().into());
        }
        let mut options = Value::Object(options);
        if !show_numbers {
            targets = targets.iter().map(|to| redaction::number(to)).collect();
            options = redacted(options);
        }
        let finding = row.finding.as_ref();
        Self {
            row: row.number,
            call_id: row.call_id(),
            to: targets.join(" "),
            state: row.state.as_str(),
            attempts: row.attempts,
            new_call_id: row.new_call_id.as_deref(),
            error_kind: row.error_kind.as_deref(),
            message: row.message.as_deref(),
            http_status: row.http_status,
            code: row.platform_code.as_deref(),
            found: finding.map(|finding| finding.outcome.as_str()),
            reason: finding.map(|finding| finding.reason.as_str()),
            doubt: finding.and_then(|finding| finding.doubt.as_deref()),
            changed: time(row.changed_ms),
            options,
        }
    }

    fn cells(&self) -> [String; 15] {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        [
            self.row.to_string(),
            self.call_id.to_owned(),
            self.to.clone(),
            self.state.to_owned(),
            self.attempts.to_string(),
            text(self.new_call_id),
            text(self.error_kind),
            text(self.message),
            self.http_status
                .map_or_else(String::new, |it| it.to_string()),
            text(self.code),
            text(self.found),
            text(self.reason),
            text(self.doubt),
            self.changed.clone(),
            self.options.to_string(),
        ]
    }
}

/// As in Python: milliseconds, and the offset of UTC.
fn time(ms: i64) -> String {
    let time = Timestamp::from_millisecond(ms);
    let shown = time.map(|time| time.strftime("%Y-%m-%dT%H:%M:%S%.3f+00:00").to_string());
    shown.unwrap_or_default()
}

fn redacted(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(redaction::hidden(&text)),
        Value::Array(items) => Value::Array(items.into_iter().map(redacted).collect()),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            let fields: Map<_, _> = fields
                .map(|(name, value)| (name, redacted(value)))
                .collect();
            Value::Object(fields)
        }
        other => other,
    }
}
