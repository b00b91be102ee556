//! A durable run. Work that takes time is done without the interpreter's lock.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use calltransfer::process_id::ProcessId;
use calltransfer::{Config, Outcome};
use calltransfer_runs::{self as runs, Execution, Export, Retry, RunOptions, State};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyList, PyTuple};

use crate::as_python::Time;
use crate::client::Client;
use crate::run_results::{EndedRow, RunCheck, RunRetry, RunRow, RunSummary};
use crate::run_values::{Rows, failed};
use crate::{failure, shutdown, values, waiting};

/// What `calltransfer.Run` is made of.
#[pyclass(frozen, module = "calltransfer._native")]
pub(crate) struct Run {
    place: String,
    /// None if the run was opened read-only.
    config: Option<Config>,
    options: RunOptions,
    open: Mutex<Open>,
    process: ProcessId,
}

struct Open {
    /// None once it is closed.
    run: Option<Arc<runs::Run>>,
    /// An interrupt ended what was in progress; the run is opened again for the next work.
    is_interrupted: bool,
}

#[pymethods]
impl Run {
    /// The keys of a row's dict.
    #[classattr]
    #[pyo3(name = "COLUMNS")]
    fn columns(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, Export::COLUMNS)
    }

    #[classattr]
    #[pyo3(name = "STATES")]
    fn states(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
        PyTuple::new(py, State::ALL.iter().map(|state| state.as_str()))
    }

    /// Opens a run; creates it if there is none and a client is given.
    #[new]
    fn new(
        py: Python<'_>,
        place: &Bound<'_, PyAny>,
        client: Option<&Client>,
        rate: Option<&Bound<'_, PyAny>>,
        deadline: Option<&Bound<'_, PyAny>>,
        lease: Option<&Bound<'_, PyAny>>,
        max_attempts: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let place = values::text("run", place)?;
        let mut options = RunOptions::new();
        if let Some(rate) = rate {
            options = options.rate(values::number("rate", rate, "an int or a float")?);
        }
        if let Some(deadline) = deadline {
            let allowed = "greater than 0 and at most 30 days";
            options = options.deadline(values::seconds("deadline", deadline, allowed)?);
        }
        if let Some(lease) = lease {
            options = options.lease(values::seconds("lease", lease, "1 s to 5 minutes")?);
        }
        if let Some(number) = max_attempts {
            options = options.max_attempts(values::count("max_attempts", number)?);
        }
        let config = client.map(|client| client.config().clone());
        let run = py
            .detach(|| failure::guard(|| open(&place, config.as_ref(), &options)))
            .map_err(|panicked| panicked.raise(py, Outcome::NotSent))?
            .map_err(|error| failed(py, &error))?;
        Ok(Self {
            place,
            config,
            options,
            open: Mutex::new(Open {
                run: Some(Arc::new(run)),
                is_interrupted: false,
            }),
            process: ProcessId::current(),
        })
    }

    #[getter]
    fn api(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.run(py)?.api().to_owned())
    }

    #[getter]
    fn account(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.run(py)?.account().to_owned())
    }

    #[getter]
    fn created(&self, py: Python<'_>) -> PyResult<Time> {
        Time::of_ms(self.run(py)?.created_ms())
    }

    #[getter]
    fn is_closed(&self) -> bool {
        self.lock().run.is_none()
    }

    /// Adds the iterator's items: a tuple of call, target, options and timeout, or a str that says why an
    /// item can't be a row. Returns how many rows are new.
    fn add(&self, items: &Bound<'_, PyAny>) -> PyResult<u64> {
        let py = items.py();
        let run = self.run(py)?;
        let mut rows = Rows::new(items.try_iter()?.unbind());
        let result = py
            .detach(|| failure::guard(|| run.add(&mut rows)))
            .map_err(|panicked| panicked.raise(py, Outcome::NotSent))?;
        // What the iterable raised goes first: the run refused a row only because of it.
        match (rows.broken.take(), result) {
            (Some(raised), _) => Err(raised),
            (None, Ok(added)) => Ok(added.added),
            (None, Err(error)) => Err(rows.failed(py, &error)),
        }
    }

    /// Works until no row is left. `each`, if given, is called on this thread about 20 times per
    /// second, with a list of the rows that ended since; its exceptions stop the work, as a signal does.
    fn execute(
        &self,
        py: Python<'_>,
        concurrency: &Bound<'_, PyAny>,
        name: Option<&Bound<'_, PyAny>>,
        each: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<RunSummary> {
        let concurrency = values::count("concurrency", concurrency)?;
        let mut execution = Execution::new().concurrency(usize::try_from(concurrency).unwrap_or(0));
        if let Some(name) = name {
            execution = execution.name(values::text("name", name)?);
        }
        let (sender, ended) = channel::<runs::EndedRow>();
        let mut on_look = |py: Python<'_>| match each {
            Some(each) => {
                let _running = shutdown::block_shutdown(py);
                let rows: Vec<_> = ended.try_iter().map(EndedRow::from).collect();
                each.call1((PyList::new(py, rows)?,)).map(drop)
            }
            None => {
                ended.try_iter().for_each(drop);
                Ok(())
            }
        };
        let work = move |run: &runs::Run| {
            // The receiver lives longer than this.
            run.execute_with(execution, |row| drop(sender.send(row.clone())))
        };
        self.work(py, work, &mut on_look).and_then(RunSummary::of)
    }

    fn check(&self, py: Python<'_>) -> PyResult<RunCheck> {
        self.work(py, runs::Run::check, &mut |_| Ok(()))
            .map(RunCheck::from)
    }

    /// Plans rows again: `not_sent`, `not_applied` or `unknown`.
    fn retry(&self, py: Python<'_>, which: &str) -> PyResult<RunRetry> {
        let which = match which {
            "not_sent" => Retry::NotSent,
            "not_applied" => Retry::NotApplied,
            "unknown" => Retry::Unknown,
            _ => {
                let reason = "expected one of: not_sent, not_applied, unknown";
                return Err(failure::invalid(py, "which", reason));
            }
        };
        self.short(py, |run| run.retry(which)).map(RunRetry::from)
    }

    fn summary(&self, py: Python<'_>) -> PyResult<RunSummary> {
        self.short(py, runs::Run::summary).and_then(RunSummary::of)
    }

    /// Up to `limit` rows in these states with numbers above `after`.
    fn rows(
        &self,
        py: Python<'_>,
        after: i64,
        states: Vec<String>,
        limit: usize,
    ) -> PyResult<Vec<RunRow>> {
        let states: Option<Vec<State>> = states.iter().map(|word| State::from_word(word)).collect();
        let Some(states) = states else {
            let all: Vec<_> = State::ALL.iter().map(|state| state.as_str()).collect();
            let reason = format!("expected some of: {}", all.join(", "));
            return Err(failure::invalid(py, "states", &reason));
        };
        let read = |run: &runs::Run| run.rows_after(after, &states).take(limit).collect();
        let rows: Vec<runs::Row> = self.short(py, read)?;
        rows.into_iter().map(RunRow::of).collect()
    }

    /// Begins no more rows, for good.
    fn stop(&self) {
        if let Some(run) = &self.lock().run {
            run.stop();
        }
    }

    /// Stops the work in progress; the run is opened again for the next work.
    fn interrupt(&self) {
        let mut open = self.lock();
        if let Some(run) = &open.run {
            run.stop();
            open.is_interrupted = true;
        }
    }

    /// Ends the work on this run in all processes, or lets it continue.
    fn set_stopped(&self, py: Python<'_>, stopped: bool) -> PyResult<()> {
        self.short(py, |run| match stopped {
            true => run.stop_all(),
            false => run.resume_all(),
        })
    }

    #[getter]
    fn is_stopped(&self) -> bool {
        let open = self.lock();
        !open.is_interrupted && open.run.as_ref().is_some_and(|run| run.is_stopped())
    }

    /// Stops the work in progress, which keeps the connections until it ends.
    fn close(&self, py: Python<'_>) {
        let run = self.lock().run.take();
        if let Some(run) = run {
            run.stop();
            self.drop_run(run, Some(py));
        }
    }
}

impl Run {
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The run, opened again where an interrupt has stopped it.
    fn run(&self, py: Python<'_>) -> PyResult<Arc<runs::Run>> {
        let found = {
            let open = self.lock();
            open.run.clone().map(|run| (run, open.is_interrupted))
        };
        match found {
            None => Err(PyRuntimeError::new_err("run: is closed; open it again")),
            Some((run, false)) => Ok(run),
            Some((_, true)) => {
                let again = || open(&self.place, self.config.as_ref(), &self.options);
                let again = py
                    .detach(|| failure::guard(again))
                    .map_err(|panicked| panicked.raise(py, Outcome::NotSent))?
                    .map_err(|error| failed(py, &error))?;
                let again = Arc::new(again);
                let mut open = self.lock();
                if open.run.is_some() {
                    open.run = Some(Arc::clone(&again));
                    open.is_interrupted = false;
                }
                Ok(again)
            }
        }
    }

    /// Work that ends soon.
    fn short<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&runs::Run) -> Result<T, runs::Error> + Send,
    ) -> PyResult<T> {
        let run = self.run(py)?;
        py.detach(|| failure::guard(|| work(&run)))
            .map_err(|panicked| panicked.raise(py, Outcome::NotSent))?
            .map_err(|error| failed(py, &error))
    }

    /// Works on a thread of its own, and looks for signals on this one meanwhile. One of them stops
    /// the work, which comes to its end before that is raised.
    fn work<T: Send + 'static>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&runs::Run) -> Result<T, runs::Error> + Send + 'static,
        on_look: &mut dyn FnMut(Python<'_>) -> PyResult<()>,
    ) -> PyResult<T> {
        let run = self.run(py)?;
        let (sender, receiver) = channel();
        let worked = Arc::clone(&run);
        std::thread::Builder::new()
            .name("calltransfer-run".to_owned())
            .spawn(move || {
                let result = failure::guard(|| work(&worked));
                drop(worked);
                let _ = sender.send(result);
            })
            .map_err(|error| {
                PyRuntimeError::new_err(format!("run: no thread can be started: {error}"))
            })?;
        let (result, interrupt) = self.watch(py, receiver, on_look);
        let error = match result {
            Some(Ok(Ok(value))) if interrupt.is_none() => return Ok(value),
            Some(Ok(Ok(_))) => None,
            Some(Ok(Err(error))) => Some(failed(py, &error)),
            Some(Err(panicked)) => Some(panicked.raise(py, Outcome::Unknown)),
            None => Some(failure::Panicked.raise(py, Outcome::Unknown)),
        };
        match (interrupt, error) {
            (Some(interrupt), error) => {
                if let Some(error) = error {
                    interrupt.set_context(py, Some(error));
                }
                Err(interrupt)
            }
            (None, Some(error)) => Err(error),
            (None, None) => Err(failure::Panicked.raise(py, Outcome::Unknown)),
        }
    }

    /// Waits for a result, calls `on_look`, and looks for signals. The first exception stops the work, and is
    /// returned with its result.
    fn watch<T: Send>(
        &self,
        py: Python<'_>,
        mut receiver: Receiver<T>,
        on_look: &mut dyn FnMut(Python<'_>) -> PyResult<()>,
    ) -> (Option<T>, Option<PyErr>) {
        let mut interrupt = None;
        let result = loop {
            // Moved there and back, so that no other thread can use it meanwhile.
            let found;
            (found, receiver) = py.detach(move || {
                let found = receiver.recv_timeout(waiting::INTERVAL);
                (found, receiver)
            });
            match found {
                Ok(result) => break Some(result),
                Err(RecvTimeoutError::Disconnected) => break None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let mut signal = None;
            let looked = match waiting::look(&mut signal) {
                ControlFlow::Continue(()) => on_look(py),
                ControlFlow::Break(()) => Ok(()),
            };
            let raised = signal.or_else(|| looked.err());
            if let Some(raised) = raised
                && interrupt.is_none()
            {
                interrupt = Some(raised);
                self.interrupt();
            }
        };
        if interrupt.is_none() {
            interrupt = on_look(py).err();
        }
        (result, interrupt)
    }

    /// Connections belong to the process that opened them: closing them in a forked child would
    /// disturb the parent's.
    fn drop_run(&self, run: Arc<runs::Run>, py: Option<Python<'_>>) {
        match (self.process == ProcessId::current(), py) {
            (false, _) => std::mem::forget(run),
            (true, Some(py)) => py.detach(|| drop(run)),
            (true, None) => drop(run),
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let run = self.lock().run.take();
        if let Some(run) = run {
            self.drop_run(run, None);
        }
    }
}

fn open(
    place: &str,
    config: Option<&Config>,
    options: &RunOptions,
) -> Result<runs::Run, runs::Error> {
    match config {
        Some(config) => runs::Run::open(place, config, options.clone()),
        None => runs::Run::view(place),
    }
}
