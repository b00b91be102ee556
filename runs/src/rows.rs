//! The rows of a run, read in pages.

use std::collections::VecDeque;

use crate::error::Error;
use crate::row::{Row, State};
use crate::run::Run;

/// Rows per read.
const PAGE: usize = 500;

impl Run {
    /// The rows in these states, all if none is given, in the order in which they were added.
    ///
    /// They are read in pages as the iterator is advanced, so a run of any size takes little
    /// memory, and a row may change after it was read.
    pub fn rows(&self, states: &[State]) -> Rows<'_> {
        self.rows_after(0, states)
    }

    /// As [`rows`](Self::rows), but only the rows after the one with this number, to continue an
    /// earlier read.
    pub fn rows_after(&self, number: i64, states: &[State]) -> Rows<'_> {
        Rows {
            run: self,
            states: match states {
                [] => State::ALL.to_vec(),
                some => some.to_vec(),
            },
            page: VecDeque::new(),
            after: number,
            is_done: false,
        }
    }
}

/// Rows of a run; made by [`Run::rows`]. An error of the ledger is the last item.
#[derive(Debug)]
pub struct Rows<'r> {
    run: &'r Run,
    states: Vec<State>,
    page: VecDeque<Row>,
    after: i64,
    is_done: bool,
}

impl Rows<'_> {
    fn read_page(&mut self) -> Result<(), Error> {
        let page = self.run.ledger()?.rows(self.after, &self.states, PAGE)?;
        self.is_done = page.len() < PAGE;
        if let Some(last) = page.last() {
            self.after = last.number;
        }
        self.page = page.into();
        Ok(())
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.is_empty()
            && !self.is_done
            && let Err(error) = self.read_page()
        {
            self.is_done = true;
            return Some(Err(error));
        }
        self.page.pop_front().map(Ok)
    }
}
