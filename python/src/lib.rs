//! The native half of the Python package: translates, and decides nothing about transfers.
//!
//! Private: `calltransfer/` in front of it is what people import.

mod as_python;
mod background;
mod call_list;
mod check_subject;
mod client;
mod event;
mod failure;
mod follow;
mod interpreter;
mod interrupts;
mod lock_free_stack;
mod log;
mod mailbox;
mod own_pipe;
mod request;
mod results;
mod run;
mod run_results;
mod run_values;
mod sandbox;
mod sent;
mod shutdown;
mod target_sequence;
mod values;
mod waiting;

use pyo3::prelude::*;

/// The module `calltransfer._native`.
#[pymodule(gil_used = false)]
mod _native {
    use calltransfer::{Config, ErrorKind, Event, Outcome, TimeLimit, Transfer, WhisperAudio};
    use pyo3::prelude::*;

    use super::failure;

    #[pymodule_export]
    use super::background::{Background, Batch};
    #[pymodule_export]
    use super::call_list::CallPosition;
    #[pymodule_export]
    use super::check_subject::sent_transfer;
    #[pymodule_export]
    use super::client::Client;
    #[pymodule_export]
    use super::follow::{Follow, follow_timeout};
    #[pymodule_export]
    use super::mailbox::{Mailbox, Waiting};
    #[pymodule_export]
    use super::request::Request;
    #[pymodule_export]
    use super::run::Run;
    #[pymodule_export]
    use super::sandbox::{Sandbox, run_sandbox};
    #[pymodule_export]
    use super::sent::SentTransfer;
    #[pymodule_export]
    use super::target_sequence::TargetSequence;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        super::interpreter::claim(module.py())?;
        super::shutdown::register(module.py())?;
        let kinds: Vec<_> = ErrorKind::ALL.iter().map(|kind| kind.as_str()).collect();
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add(
            "ERROR_KINDS",
            pyo3::types::PyTuple::new(module.py(), kinds)?,
        )?;
        module.add("EVENT_MAX_BODY", Event::MAX_BODY)?;
        module.add(
            "OPTIONS",
            pyo3::types::PyTuple::new(module.py(), Transfer::OPTIONS)?,
        )?;
        module.add("LONGEST_FOLLOW", TimeLimit::FOLLOW.most().as_secs_f64())?;
        let known = pyo3::types::PyDict::new(module.py());
        for (option, values) in Transfer::known_values() {
            known.set_item(option, pyo3::types::PyTuple::new(module.py(), values)?)?;
        }
        module.add("KNOWN_VALUES", known)?;
        let variables: Vec<_> = Config::ENVIRONMENT.iter().map(|(_, name)| *name).collect();
        module.add(
            "ENVIRONMENT",
            pyo3::types::PyTuple::new(module.py(), variables)?,
        )?;
        module.add(
            "VARIABLES",
            pyo3::types::PyTuple::new(module.py(), Config::ENVIRONMENT)?,
        )
    }

    /// Which process this is: its pid, and how many forks were counted. Both are compared, because a
    /// child in a pid namespace of its own may have its parent's pid.
    #[pyfunction]
    fn process_id() -> (u32, u64) {
        calltransfer::process_id::ProcessId::current().parts()
    }

    /// Which start of the machine this is, and how many seconds ago it was.
    #[pyfunction]
    fn machine_clock() -> (Option<String>, f64) {
        let since = calltransfer::clock::since_boot();
        (calltransfer::clock::boot_id(), since.as_secs_f64())
    }

    /// The document of a transfer as it would be sent to v2.
    #[pyfunction]
    fn bxml(
        call_id: &Bound<'_, PyAny>,
        to: &Bound<'_, PyAny>,
        options: &Bound<'_, pyo3::types::PyDict>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let transfer = super::values::transfer(call_id, to, options, timeout)?;
        failure::or_raise(call_id.py(), || transfer.to_bxml())
    }

    /// Loads the system's certificates, as the first https request does; raises where there are none.
    #[pyfunction]
    fn load_system_certificates(py: Python<'_>) -> PyResult<()> {
        failure::guard(calltransfer::load_system_certificates)
            .map_err(|panicked| panicked.raise(py, Outcome::NotSent))?
            .map_err(|error| failure::raise(py, &error))
    }

    /// The document that whispers this in v2.
    #[pyfunction]
    fn whisper_bxml(whisper_audio: &Bound<'_, PyAny>) -> PyResult<String> {
        let value = super::values::whisper(whisper_audio)?;
        failure::or_raise(whisper_audio.py(), || {
            WhisperAudio::from_json(value)?.to_bxml()
        })
    }

    /// Reads an event, of the body of a request to a callback URL.
    #[pyfunction]
    fn parse_event<'py>(
        body: &Bound<'py, PyAny>,
        content_type: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<super::event::ParsedEvent<'py>> {
        super::event::parse(body, content_type)
    }

    /// One line for a log, numbers redacted, of an event's fields as JSON.
    #[pyfunction]
    #[pyo3(signature = (fields, /))]
    fn event_line(py: Python<'_>, fields: &str) -> PyResult<String> {
        super::event::line(py, fields)
    }

    /// The body of a transfer as it would be sent to v1.
    #[pyfunction]
    fn payload(
        call_id: &Bound<'_, PyAny>,
        to: &Bound<'_, PyAny>,
        options: &Bound<'_, pyo3::types::PyDict>,
        timeout: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let transfer = super::values::transfer(call_id, to, options, timeout)?;
        failure::or_raise(call_id.py(), || transfer.to_json())
    }

    /// A text with the phone numbers, SIP users and secrets of URLs in it hidden.
    #[pyfunction]
    #[pyo3(signature = (text, /))]
    fn redact_text(text: &Bound<'_, pyo3::types::PyString>) -> String {
        calltransfer::redaction::hidden(&text.to_string_lossy())
    }

    /// What is wrong with a credential that was copied with more than itself.
    #[pyfunction]
    #[pyo3(signature = (value, /))]
    fn problem_of_credential(value: &Bound<'_, pyo3::types::PyString>) -> Option<&'static str> {
        calltransfer::problem_of_credential(&value.to_string_lossy())
    }

    /// A phone number or SIP address as it may be shown.
    #[pyfunction]
    #[pyo3(signature = (number, /))]
    fn redact_number(number: &Bound<'_, pyo3::types::PyString>) -> String {
        calltransfer::redaction::number(&number.to_string_lossy())
    }

    /// The known name that an unknown one stands for, if there is one.
    #[pyfunction]
    #[pyo3(signature = (name, known, /))]
    fn suggestion(name: &Bound<'_, pyo3::types::PyString>, known: Vec<String>) -> Option<String> {
        let names: Vec<&str> = known.iter().map(String::as_str).collect();
        calltransfer::suggestion(&name.to_string_lossy(), &names).map(str::to_owned)
    }
}
