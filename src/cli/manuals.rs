//! `campanella completions` and `campanella man`: for packagers and shells, out of the command tree.

use std::io::Write;
use std::path::PathBuf;

use clap_complete::Shell;

use super::{Done, command, output};
use crate::base::Error;

/// Prints a completion script.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  campanella completions bash
  campanella completions zsh
  campanella completions fish")]
pub struct CompletionsOptions {
    /// Which shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Writes the manual pages.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  campanella man /usr/local/share/man/man1")]
pub struct ManOptions {
    /// The folder; it is made if it is not there
    folder: PathBuf,
}

pub(super) fn completions(options: &CompletionsOptions) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut command(), "campanella", &mut script);
    // A reader that has gone wants no more of it.
    let _ = std::io::stdout().write_all(&script);
    Ok(())
}

pub(super) fn man(options: &ManOptions) -> Done {
    let failed = |e| Error::io(&options.folder, e);
    std::fs::create_dir_all(&options.folder).map_err(failed)?;
    clap_mangen::generate_to(command(), &options.folder).map_err(failed)?;
    output::line(format!(
        "The manual pages are in {}.",
        options.folder.display()
    ));
    Ok(())
}
