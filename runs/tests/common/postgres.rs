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
    /// Where it listens with TLS, if it does.
    tls_port: Option<u16>,
}

impl Server {
    /// `None` where the machine has no PostgreSQL.
    pub fn start() -> Option<Self> {
        let server = Self::prepare(None)?;
        server.control("start");
        Some(server)
    }

    /// A server that takes connections over TCP with TLS only, and shows this certificate.
    pub fn start_with_tls(certificate: &str, key: &str) -> Option<Self> {
        // Free a moment ago: the server can't be given a socket that listens already.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Self::prepare(Some(port))?;
        let hba = "local all all trust\nhostssl all all 127.0.0.1/32 trust\n";
        for (name, text) in [
            ("server.crt", certificate),
            ("server.key", key),
            ("pg_hba.conf", hba),
        ] {
            let path = format!("{}/{name}", server.data());
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
            if is_root() {
                chown(&path, Some(USER), Some(USER)).unwrap();
            }
        }
        drop(listener);
        server.control("start");
        Some(server)
    }

    fn prepare(tls_port: Option<u16>) -> Option<Self> {
        let programs = programs()?;
        let folder = Folder::new();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        if is_root() {
            chown(folder.path(), Some(USER), Some(USER)).unwrap();
        }
        let server = Self {
            folder,
            programs,
            tls_port,
        };
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
        Some(server)
    }

    /// The URL of a database over TCP, by a name of this machine.
    pub fn tls_url(&self, name: &str, options: &str) -> String {
        let port = self.tls_port.unwrap();
        format!("postgresql://calltransfer@localhost:{port}/{name}{options}")
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
        let port = self.tls_port.unwrap_or(5432);
        format!("postgresql://calltransfer@{socket}:{port}/{name}")
    }

    /// Ends every connection as a crash does.
    pub fn stop_at_once(&self) {
        self.control("stop");
    }

    /// Starts a server that was stopped.
    pub fn start_again(&self) {
        self.control("start");
    }

    /// Ends every connection as a crash does, and starts again.
    pub fn restart_at_once(&self) {
        self.control("restart");
    }

    fn control(&self, action: &str) {
        let options = match self.tls_port {
            None => format!("-c listen_addresses='' -k {}", self.socket()),
            // The port is also in the name of the local socket.
            Some(port) => format!(
                "-c listen_addresses=127.0.0.1 -p {port} -c ssl=on -k {}",
                self.socket()
            ),
        };
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
