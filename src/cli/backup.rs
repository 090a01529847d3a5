//! `campanella backup` and `restore`.

use std::io::{BufRead, IsTerminal};
use std::path::{Path, PathBuf};

use serde_json::json;

use super::{Done, Failure, Place, output};
use crate::base::{Clock, Error, Result};
use crate::processes::backups::{self, Order};
use crate::processes::checks::Finding;
use crate::store::{self, Encryption, Keys, Manifest, SCHEMA_VERSION, SealingKey};

/// Writes the whole comune into one file, or looks at one that is there.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  campanella backup today.backup
  campanella backup today.backup --recipients-file /etc/campanella/backup-keys
  campanella backup today.backup --passphrase-file /etc/campanella/passphrase
  campanella backup --verify today.backup --identity backup-identity.txt --json

JSON:
  {\"file\": \"today.backup\", \"ok\": true, \"wrong\": [], \"manifest\": {}, \"bytes\": 6075392, \"sha256\": \"…\", \"encrypted\": true}")]
pub struct BackupOptions {
    /// The new file; with --verify one that is there
    file: PathBuf,
    /// Encrypt for this public key of age (age1…); several times for several keys
    #[arg(long = "recipient", value_name = "KEY", conflicts_with_all = ["passphrase_file", "verify"])]
    recipients: Vec<String>,
    /// Encrypt for the public keys in this file, one on a line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["passphrase_file", "verify"])]
    recipients_file: Option<PathBuf>,
    /// Read a backup that is there from end to end, and write nothing
    #[arg(long)]
    verify: bool,
    /// Where the readable copy lies meanwhile [default: the data folder]
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
    #[command(flatten)]
    opening: Opening,
    /// For machines
    #[arg(long)]
    json: bool,
}

/// Puts a backup into an empty data folder.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  campanella --data data.new restore today.backup
  campanella --data data.new restore today.backup --identity backup-identity.txt

JSON:
  {\"folder\": \"data.new\", \"manifest\": {}, \"key\": \"data.new.key\", \"key_there\": false, \"migrated_from\": 4, \"schema_version\": 4}")]
pub struct RestoreOptions {
    /// The backup
    file: PathBuf,
    #[command(flatten)]
    opening: Opening,
    /// For machines
    #[arg(long)]
    json: bool,
}

/// What opens an encrypted backup. A passphrase never stands in an argument, where every process of
/// the machine could read it.
#[derive(clap::Args)]
#[group(skip)]
struct Opening {
    /// The file with the passphrase in its first line; `-` reads it from standard input
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// The file with the private key of age, for a backup that is encrypted for a public one
    #[arg(long, value_name = "FILE")]
    identity: Option<PathBuf>,
}

impl Opening {
    fn passphrase(&self) -> Result<Option<String>> {
        let Some(file) = &self.passphrase_file else {
            return Ok(None);
        };
        let text = if file == Path::new("-") {
            let stdin = std::io::stdin();
            if stdin.is_terminal() {
                eprint!("Passphrase (it is shown while you type; pipe it in to avoid that): ");
            }
            let mut line = String::new();
            stdin.lock().read_line(&mut line).map_err(Error::internal)?;
            line
        } else {
            std::fs::read_to_string(file).map_err(|e| Error::io(file, e))?
        };
        match text.lines().next().unwrap_or_default() {
            "" => Err(Error::Internal(format!(
                "{} holds no passphrase: write it into the first line",
                file.display()
            ))),
            first => Ok(Some(first.to_owned())),
        }
    }

    fn keys(&self) -> Result<Keys> {
        Keys::load(self.identity.as_deref(), self.passphrase()?)
    }
}

pub(super) fn backup(place: &Place, options: &BackupOptions) -> Done {
    if options.verify {
        return verify(place, options);
    }
    let encryption = encryption(options)?;
    // Without it sealed certificates are copied unopened; `check` names a key that is lost.
    let key = SealingKey::load(&place.key).ok();
    let scratch = options.scratch.as_deref().unwrap_or(&place.folder);
    let made = backups::backup(&Order {
        folder: &place.folder,
        key: key.as_ref(),
        scratch,
        target: &options.file,
        encryption: &encryption,
        now: place.clock.unwrap_or_else(|| Clock::System.now()),
    })?;
    if let Some(error) = &made.unmarked {
        eprintln!(
            "campanella: the backup is good, but the folder could not note that down: {error}"
        );
    }
    let written = &made.written;
    if options.json {
        output::json(&json!({
            "file": options.file, "bytes": written.bytes, "sha256": written.sha256,
            "encrypted": encryption.is_encrypted(), "ok": made.wrong.is_empty(),
            "wrong": made.wrong, "manifest": written.manifest,
        }));
    } else {
        output::line(format!(
            "{}: {} bytes, written, read again and checked.",
            options.file.display(),
            written.bytes
        ));
        output::line(format!(
            "Keep a copy of {} as well, somewhere else: it is not in the backup.",
            place.key.display()
        ));
    }
    judge(&made.wrong, options.json)
}

fn encryption(options: &BackupOptions) -> Result<Encryption> {
    if options.opening.identity.is_some() {
        return Err(Error::Internal(
            "a private key opens backups: --identity goes with --verify and with restore"
                .to_owned(),
        ));
    }
    if let Some(passphrase) = options.opening.passphrase()? {
        return Ok(Encryption::passphrase(passphrase));
    }
    if options.recipients.is_empty() && options.recipients_file.is_none() {
        return Ok(Encryption::Open);
    }
    let mut text = options.recipients.join("\n");
    if let Some(file) = &options.recipients_file {
        let lines = std::fs::read_to_string(file).map_err(|e| Error::io(file, e))?;
        text.push('\n');
        text.push_str(&lines);
    }
    Encryption::recipients(text.lines())
}

fn verify(place: &Place, options: &BackupOptions) -> Done {
    let keys = options.opening.keys()?;
    let otherwise = store::scratch_for(&place.folder);
    let scratch = options.scratch.as_deref().unwrap_or(&otherwise);
    let (manifest, wrong) = backups::verify(&options.file, &keys, scratch)?;
    if options.json {
        output::json(&json!({
            "file": options.file, "ok": wrong.is_empty(), "wrong": wrong, "manifest": manifest,
        }));
    } else {
        output::line(format!("{}: {}", options.file.display(), about(&manifest)));
    }
    judge(&wrong, options.json)
}

/// A backup in which an invariant does not hold is kept, and is not a good one.
fn judge(wrong: &[Finding], json: bool) -> Done {
    if wrong.is_empty() {
        return Ok(());
    }
    if !json {
        for finding in wrong {
            output::line(format!("WRONG {}: {}", finding.check, finding.detail));
        }
    }
    Err(Failure::Found)
}

fn about(manifest: &Manifest) -> String {
    let figures = &manifest.figures;
    let rows = |table| figures.rows.get(table).copied().unwrap_or(0);
    let families = figures.balances.get("family").copied().unwrap_or_default();
    format!(
        "of {}, by Campanella {} (schema version {}); {} persons, {} ledger entries over {} euros, \
         {} euros on the accounts of families",
        manifest.created_at,
        manifest.program,
        manifest.schema_version,
        rows("person"),
        rows("ledger_entry"),
        figures.posted.to_decimal(),
        families.to_decimal()
    )
}

pub(super) fn restore(place: &Place, options: &RestoreOptions) -> Done {
    let keys = options.opening.keys()?;
    let manifest = store::restore_from(&options.file, &keys, &place.folder)?;
    let migrated = store::migrate(&place.folder)?;
    let key_there = place.key.exists();
    if options.json {
        output::json(&json!({
            "folder": place.folder, "manifest": manifest, "key": place.key, "key_there": key_there,
            "migrated_from": migrated.from, "schema_version": migrated.to,
        }));
        return Ok(());
    }
    output::line(format!(
        "{} is restored: {}.",
        place.folder.display(),
        about(&manifest)
    ));
    if migrated.from != SCHEMA_VERSION {
        output::line(format!(
            "It was of an older program: schema version {} is now {}.",
            migrated.from, migrated.to
        ));
    }
    if key_there {
        output::line("Next: campanella check");
    } else {
        output::line(format!(
            "Put the key file back to {}: without it diets and certificates can't be read.",
            place.key.display()
        ));
    }
    Ok(())
}
