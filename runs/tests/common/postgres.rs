//! A real PostgreSQL for a test: in a folder, on a socket of its own.

use std::ffi::OsString;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::Folder;

/// An ordinary user: the server refuses to run as root.
const USER: u32 = 65534;

pub struct Server {
    folder: Folder,
    programs: PathBuf,
}

impl Server {
    /// `None` where the machine has no PostgreSQL.
    pub fn start() -> Option<Self> {
        let programs = programs()?;
        let folder = Folder::new();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        if is_root() {
            chown(folder.path(), Some(USER), Some(USER)).unwrap();
        }
        let server = Self { folder, programs };
        server.run(
            "initdb",
            &[
                "-D",
                &server.data(),
                "-U",
                "calltransfer",
                "-A",
                "trust",
                "-E",
                "UTF8",
            ],
        );
        server.control("start");
        Some(server)
    }

    /// The URL of a new, empty database.
    pub fn database(&self, name: &str) -> String {
        self.execute("postgres", &format!("CREATE DATABASE {name}"));
        self.url(name)
    }

    /// Executes a statement in a database, over a connection of its own.
    pub fn execute(&self, database: &str, sql: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let url = self.url(database);
            let connecting = tokio_postgres::connect(&url, tokio_postgres::NoTls);
            let (client, connection) = connecting.await.unwrap();
            let serving = tokio::spawn(connection);
            client.batch_execute(sql).await.unwrap();
            drop(client);
            serving.await.unwrap().unwrap();
        });
    }

    fn url(&self, name: &str) -> String {
        let socket = self.socket().replace('/', "%2F");
        format!("postgresql://calltransfer@{socket}/{name}")
    }

    /// Ends every connection as a crash does, and starts again.
    pub fn restart_at_once(&self) {
        self.control("restart");
    }

    fn control(&self, action: &str) {
        let options = format!("-c listen_addresses='' -k {}", self.socket());
        let log = self.folder.file("log");
        self.run(
            "pg_ctl",
            &[
                "-D",
                &self.data(),
                "-w",
                "-m",
                "immediate",
                "-l",
                &log,
                "-o",
                &options,
                action,
            ],
        );
    }

    fn data(&self) -> String {
        self.folder.file("data")
    }

    fn socket(&self) -> String {
        self.folder.path().display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(self.programs.join(program));
        command
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        if is_root() {
            command.uid(USER).gid(USER);
        }
        let status = command.status().unwrap();
        assert!(status.success(), "{program} {arguments:?}: {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let data = self.data();
        self.run("pg_ctl", &["-D", &data, "-w", "-m", "immediate", "stop"]);
    }
}

fn is_root() -> bool {
    // SAFETY: only asks.
    unsafe { libc::geteuid() == 0 }
}

/// The folder of `pg_ctl`.
fn programs() -> Option<PathBuf> {
    let given = std::env::var_os("CALLTRANSFER_TEST_PG_BIN").map(PathBuf::from);
    let path: OsString = std::env::var_os("PATH").unwrap_or_default();
    let all = given
        .into_iter()
        .chain(std::env::split_paths(&path).collect::<Vec<_>>());
    all.into_iter()
        .find(|folder| folder.join("pg_ctl").exists())
}
