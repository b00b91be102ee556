//! The same in a database, which is also restarted.

use calltransfer_runs::Run;
use libtest_mimic::{Failed, Trial};

use crate::common::postgres::Server;
use crate::common::{Folder, builder, config_at};
use crate::workers::{Place, Workers, add, wait_for, worker};
use crate::{Totals, faults, killed, kills, options, stopped};

pub(super) fn trials() -> Vec<Trial> {
    let trial = |name: &str, test: fn(&Place) -> Result<(), Failed>| {
        Trial::test(name, move || {
            let Some(server) = Server::start() else {
                println!("SKIPPED: no pg_ctl on PATH or in CALLTRANSFER_TEST_PG_BIN");
                return Ok(());
            };
            test(&Place {
                folder: Folder::new(),
                server: Some(server),
            })
        })
    };
    vec![
        trial(
            "four_workers_on_postgres_killed_send_nothing_twice",
            |place| killed("postgres, four workers", place, 4, &[]),
        ),
        trial(
            "four_workers_on_postgres_under_faults_send_nothing_twice",
            |place| killed("postgres, four workers, faults", place, 4, &faults()),
        ),
        trial(
            "stopped_worker_on_postgres_sends_nothing_after_its_lease",
            |place| {
                stopped(
                    "postgres, two workers stopped for longer than their lease",
                    place,
                )
            },
        ),
        trial("postgres_restarted_in_the_middle_loses_nothing", restarted),
    ]
}

/// Workers continue when the database is back, and no outcome that was known is lost.
fn restarted(place: &Place) -> Result<(), Failed> {
    let mut totals = Totals::default();
    for _ in 0..kills().div_ceil(10) {
        let url = place.next();
        let sandbox = builder().start().unwrap();
        let run = Run::open(&url, &config_at(sandbox.url()), options()).unwrap();
        let mut placed = 800;
        add(&sandbox, &run, 0, placed);
        let children = [worker(&url, sandbox.url()), worker(&url, sandbox.url())];
        let mut children = Workers(children.into());
        wait_for("both workers hold a lease, and rows are sent", || {
            let now = run.summary().unwrap();
            if now.planned < 600 {
                add(&sandbox, &run, placed, 200);
                placed += 200;
            }
            now.applied > 100 && now.workers == 2
        });
        place.server.as_ref().unwrap().restart_at_once();
        totals.kills += 1;
        for child in &mut children.0 {
            assert!(child.wait().unwrap().success());
        }
        let run = Run::open(&url, &config_at(sandbox.url()), options()).unwrap();
        totals.add(&sandbox, &run);
    }
    totals.result("postgres, restarted in the middle, two workers")
}
