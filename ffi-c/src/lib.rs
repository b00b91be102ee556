//! The C interface of calltransfer: libcalltransfer.so and libcalltransfer.a.
//!
//! It translates and decides nothing: text comes in, the crate `calltransfer` is asked, handles go
//! out. `include/calltransfer/calltransfer.h` is generated from this source, so the docs of
//! exported items speak to C programmers, always in the same order: what it does, `NULL:`,
//! `Memory:` (what is copied, who frees), `Threads:`. `tests/header.rs` holds them to it.
//!
//! Runs are in builds with the feature `runs` only, with a header of their own: the ledger's engine
//! would make the library several times larger.
//!
//! Functions are written out, since the generator sees no macro's output. Each runs in a guard: no
//! panic leaves the library.

#![allow(non_camel_case_types)] // the names of C
#![allow(clippy::missing_safety_doc)] // the docs go into the header, which says it in C's words

mod argument_error;
pub mod call;
pub mod call_list;
pub mod cancel;
mod checked;
pub mod client;
pub mod completion;
pub mod config;
pub mod config_limits;
pub mod config_log;
pub mod config_v2;
pub mod error;
pub mod error_getters;
pub mod event;
pub mod event_constants;
pub mod event_details;
pub mod finding;
pub mod first;
pub mod follow;
pub mod follow_constants;
pub mod follow_status;
mod guard;
mod handle;
mod in_flight;
pub mod log_record;
mod panic;
pub mod queue;
pub mod queue_submit;
mod ready;
pub mod request;
pub mod result;
#[cfg(feature = "runs")]
pub mod run;
#[cfg(feature = "runs")]
pub mod run_error;
#[cfg(feature = "runs")]
pub mod run_options;
#[cfg(feature = "runs")]
pub mod run_row;
#[cfg(feature = "runs")]
pub mod run_rows;
#[cfg(feature = "runs")]
pub mod run_state;
#[cfg(feature = "runs")]
pub mod run_summary;
#[cfg(feature = "runs")]
pub mod run_work;
pub mod shutdown;
pub mod status;
pub mod text;
mod thread_sanitizer;
pub mod transfer;
pub mod transfer_by_name;
pub mod transfer_v2;
mod uncancellable;
mod user_data;
pub mod version;
pub mod whisper_audio;

#[cfg(all(feature = "forced-panic", not(debug_assertions)))]
compile_error!("forced-panic is for tests of debug builds: no release may have it");

/// Checks what the header says of a `const` first argument: many threads may read it at once.
const _: () = {
    const fn shareable<T: Send + Sync>() {}
    shareable::<config::calltransfer_config>();
    shareable::<transfer::calltransfer_transfer>();
    shareable::<client::calltransfer_client>();
    shareable::<result::calltransfer_result>();
    shareable::<error::calltransfer_error>();
    shareable::<call::calltransfer_call>();
    shareable::<call_list::calltransfer_call_query>();
    shareable::<finding::calltransfer_finding>();
    shareable::<event::calltransfer_event>();
    shareable::<follow::calltransfer_follow>();
    shareable::<first::calltransfer_targets>();
    shareable::<first::calltransfer_first>();
    shareable::<queue::calltransfer_queue>();
    shareable::<completion::calltransfer_completion>();
    shareable::<cancel::calltransfer_cancel>();
    shareable::<log_record::calltransfer_log_record>();
};

#[cfg(feature = "runs")]
const _: () = {
    const fn shareable<T: Send + Sync>() {}
    shareable::<run::calltransfer_run>();
    shareable::<run_error::calltransfer_run_error>();
    shareable::<run_options::calltransfer_run_options>();
    shareable::<run_row::calltransfer_run_row>();
    shareable::<run_summary::calltransfer_run_summary>();
    shareable::<run_summary::calltransfer_run_findings>();
};
