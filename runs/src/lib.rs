//! Durable bulk transfers: a run survives crashes, is shared by several workers, and sends nothing
//! twice unless a person decides so.
//!
//! A [`Run`] is stored in a ledger: a file (SQLite), or a PostgreSQL database with the feature
//! `postgres`. Each call to transfer is a row with a [`State`]:
//!
//! ```text
//! planned → sending → applied | not_applied | not_sent | unknown
//! ```
//!
//! A row is `sending` on disk before the first byte of its request's body can leave, and its
//! outcome is on disk before it is reported. A row that is `sending` or `unknown` is never sent
//! again automatically: after a crash such rows become `unknown`, [`Run::check`] reads their calls, and
//! [`Run::retry`] sends again if a person decides so.
//!
//! ```
//! # use calltransfer_sandbox::{IncomingCall, Sandbox};
//! use calltransfer::Config;
//! use calltransfer_runs::{Execution, NewRow, Run, RunOptions};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let sandbox = Sandbox::builder().user("u-abc123", "t-token", "s-secret").start()?;
//! # let call = || sandbox.place_incoming_call(IncomingCall::new("+19195550100", "+18385550199"));
//! # let ids = [call()?, call()?];
//! # let base_url = sandbox.url();
//! # let folder = std::env::temp_dir().join(format!("calltransfer-runs-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("evac.db").display().to_string();
//! let config = Config::builder()
//!     .user_id("u-abc123")
//!     .token("t-token")
//!     .secret("s-secret")
//!     .base_url(base_url)
//!     .build()?;
//! let run = Run::open(&path, &config, RunOptions::new().rate(20.0))?;
//! run.add(ids.iter().map(|id| NewRow::new(id, "+18382947878")))?;
//! let summary = run.execute(Execution::new())?;
//! println!("{} of {} calls were transferred", summary.applied, summary.total());
//! # assert_eq!(summary.applied, 2);
//! # std::fs::remove_dir_all(folder)?;
//! # Ok(()) }
//! ```

mod attempt;
mod backoff;
mod check;
mod clock;
mod error;
mod export;
mod file_system;
mod halt;
mod lease;
mod ledger;
mod ledger_wait;
mod load;
mod pace;
mod place;
mod row;
mod rows;
mod run;
mod settings;
mod summary;
mod worker;

/// Compiles the examples of docs/rust.md, which use this crate too, and proves its table of threads:
///
/// ```
/// fn may_be_shared<T: Send + Sync>() {}
/// may_be_shared::<calltransfer::Config>();
/// may_be_shared::<calltransfer::Transfer>();
/// may_be_shared::<calltransfer::Error>();
/// may_be_shared::<calltransfer::Event>();
/// may_be_shared::<calltransfer::Client>();
/// may_be_shared::<calltransfer::blocking::Client>();
/// may_be_shared::<calltransfer::background::Client>();
/// may_be_shared::<calltransfer_runs::Run>();
/// ```
///
#[cfg(doctest)]
#[doc = include_str!("../../docs/rust.md")]
struct RustPage;

pub use check::{Checked, Retried, Retry};
pub use error::{Error, ErrorKind, RefusedRow, Unwritten};
pub use export::Export;
pub use load::Added;
pub use row::{NewRow, Row, RowFinding, State};
pub use rows::Rows;
pub use run::{Execution, Run};
pub use settings::RunOptions;
pub use summary::Summary;
pub use worker::EndedRow;
