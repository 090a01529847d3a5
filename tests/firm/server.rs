//! The real executable on a folder of its own.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_campanella");
/// Monday; the demo begins here.
pub const MONDAY: &str = "2026-10-05T07:40:00";

/// A demo comune's folder and key.
pub struct Folder {
    root: TempDir,
}

impl Folder {
    pub fn empty() -> Folder {
        Folder {
            root: tempfile::tempdir().unwrap(),
        }
    }

    pub fn demo(families: u32) -> Folder {
        let folder = Folder::empty();
        let families = families.to_string();
        let made = folder.run(&[
            "demo",
            "--no-serve",
            "--families",
            &families,
            "--clock",
            MONDAY,
        ]);
        assert!(made.status.success(), "{}", said(&made));
        // Every browser of a test comes from an address of its own.
        let config = "trusted_proxies = [\"127.0.0.1\"]\n";
        std::fs::write(folder.data().join("campanella.toml"), config).unwrap();
        folder
    }

    pub fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    pub fn key(&self) -> PathBuf {
        self.root.path().join("data.key")
    }

    pub fn path(&self) -> &Path {
        self.root.path()
    }

    pub fn database(&self) -> PathBuf {
        self.data().join("campanella.sqlite")
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        command(&self.data(), &self.key(), arguments)
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Reads what is on disk, as another process.
    pub fn read(&self) -> rusqlite::Connection {
        let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
        let connection = rusqlite::Connection::open_with_flags(self.database(), flags).unwrap();
        connection.busy_timeout(Duration::from_secs(10)).unwrap();
        connection
    }
}

pub fn command(data: &Path, key: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("--data").arg(data).arg("--key").arg(key);
    command.args(arguments).env_remove("CAMPANELLA_DATA");
    command
}

pub fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A serving process.
pub struct Server {
    pub child: Child,
    pub address: String,
    log: PathBuf,
}

impl Server {
    /// Serves a demo folder at a moment of its clock.
    pub fn start(folder: &Folder, clock: &str) -> Server {
        let command =
            folder.command(&["serve", "--demo", "--bind", "127.0.0.1:0", "--clock", clock]);
        Server::spawn(command, folder.path())
    }

    /// Waits until it listens.
    pub fn spawn(mut command: Command, logs: &Path) -> Server {
        let log = logs.join("server.log");
        let errors = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&log)
            .unwrap();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .unwrap();
        let mut first = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut first).unwrap();
        let Some((_, address)) = first.trim().split_once("http://") else {
            let _ = child.kill();
            panic!(
                "it does not serve: {first}{}",
                std::fs::read_to_string(&log).unwrap()
            );
        };
        Server {
            address: address.to_owned(),
            child,
            log,
        }
    }

    /// SIGKILL.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and waits for the end.
    pub fn stop(&mut self) {
        terminate(self.child.id());
        let ended = self.child.wait().unwrap();
        assert!(ended.success(), "{ended}: {}", self.log());
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn terminate(process: u32) {
    let told = Command::new("kill")
        .args(["-TERM", &process.to_string()])
        .status();
    assert!(told.unwrap().success());
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Asks until it is so.
pub fn wait_until(what: &str, seconds: u64, mut so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(
            begun.elapsed() < Duration::from_secs(seconds),
            "in vain: {what}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}
