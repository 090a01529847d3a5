//! The one place where a connection gets its settings.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::base::Result;

/// The name of the database inside the data folder.
pub const DATABASE_FILE: &str = "campanella.sqlite";

/// Debug builds append every statement that they prepare to the file that this variable names, so
/// that the test suite can look at all query plans.
#[cfg(debug_assertions)]
pub const RECORD_SQL: &str = "CAMPANELLA_RECORD_SQL";

/// The read-write connection of the writer thread (also of migrations, backup and restore).
pub(super) fn writer(path: &Path) -> Result<Connection> {
    open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)
}

/// The connection that makes the file when it is not there.
pub(super) fn creator(path: &Path) -> Result<Connection> {
    open(
        path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
    )
}

fn open(path: &Path, flags: OpenFlags) -> Result<Connection> {
    let mut connection =
        Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // First of all: every later pragma may have to wait for another process.
    connection.busy_handler(Some(ask_again))?;
    // Readers never wait for the writer, and a kill loses nothing that was acknowledged:
    // WAL alone would not do, FULL makes each commit wait for the disk (invariant 5).
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "full")?;
    // Each step of a long job writes the same index pages again: copied back every 16 MB, not every 4.
    connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
    settings(&mut connection, 64)?;
    Ok(connection)
}

/// Another process holds the lock: asks again each millisecond, for some ten seconds. SQLite's own
/// handler comes to sleep 100 ms at a time and never meets the short pauses between the steps of a
/// long job, so that the command line would starve beside a busy server.
fn ask_again(asked: i32) -> bool {
    std::thread::sleep(Duration::from_millis(1));
    asked < 10_000
}

/// A connection that can't write.
pub(super) fn reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_handler(Some(ask_again))?;
    connection.pragma_update(None, "query_only", true)?;
    // Small, because there are many; the system's page cache is behind all of them.
    settings(&mut connection, 4)?;
    Ok(connection)
}

fn settings(connection: &mut Connection, cache_mib: i32) -> Result<()> {
    connection.pragma_update(None, "foreign_keys", true)?;
    // The cache decides how fast bulk work is (negative: KiB).
    connection.pragma_update(None, "cache_size", -1024 * cache_mib)?;
    // Sorting and hashing of personal data stays in memory, never in a temporary file.
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.set_prepared_statement_cache_capacity(256);
    // A plan must not depend on the values: SQLite would plan a statement anew at each use.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    #[cfg(debug_assertions)]
    record_statements(connection)?;
    Ok(())
}

#[cfg(debug_assertions)]
fn record_statements(connection: &mut Connection) -> Result<()> {
    use rusqlite::trace::{TraceEvent, TraceEventCodes};
    use std::collections::HashSet;
    use std::io::Write;

    let Some(file) = std::env::var_os(RECORD_SQL) else {
        return Ok(());
    };
    let mut seen = HashSet::new();
    connection.trace_v2(
        TraceEventCodes::SQLITE_TRACE_STMT,
        Some(move |event: TraceEvent<'_>| {
            let TraceEvent::Stmt(statement, _) = event else {
                return;
            };
            let sql = statement
                .sql()
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            if seen.insert(sql.clone()) {
                let opened = std::fs::OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(&file);
                if let Ok(mut out) = opened {
                    // A lost line costs one statement of a test; there is nobody to tell.
                    let _ = out.write_all(format!("{sql}\n").as_bytes());
                }
            }
        }),
    )?;
    Ok(())
}
