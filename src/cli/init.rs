//! `campanella init`: the data folder of a real comune.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Done, Place, output};
use crate::base::{Clock, Error, Instant, Result};
use crate::diets::Diet;
use crate::municipality::{Crest, Municipality, NewPagopa, NewService};
use crate::processes::founding::{self, Founding, LegalTexts};
use crate::store::{self, SealingKey, Store, Urgency};

/// Makes the data folder, its key and its database.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  campanella init --config comune.toml
  campanella --data /var/lib/campanella/data init --config comune.toml

JSON:
  {\"folder\": \"campanella-data\", \"key\": \"campanella-data.key\"}")]
pub struct Options {
    /// What the comune is: a TOML file like examples/comune/comune.toml
    #[arg(long, value_name = "FILE.toml")]
    config: Option<PathBuf>,
    /// For machines
    #[arg(long)]
    json: bool,
}

/// The file that `--config` names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    municipality: Municipality,
    /// A PNG picture, seen from the folder of this file.
    #[serde(default)]
    crest: Option<PathBuf>,
    /// When an ISEE counts: a rule file, seen from the folder of this file.
    #[serde(default)]
    isee: Option<PathBuf>,
    #[serde(default)]
    service: Vec<NewService>,
    #[serde(default)]
    diet: Vec<Diet>,
    /// Where money paid through pagoPA goes, and how notices are numbered.
    #[serde(default)]
    pagopa: NewPagopa,
    legal: LegalTexts,
    #[serde(default)]
    server: Option<toml::Table>,
}

pub(super) fn run(place: &Place, options: &Options) -> Done {
    let Some(file) = &options.config else {
        return Err(Error::Internal(
            "init needs --config FILE.toml: copy examples/comune/comune.toml and fill it in"
                .to_owned(),
        )
        .into());
    };
    let text = std::fs::read_to_string(file).map_err(|e| Error::io(file, e))?;
    let config: Config = toml::from_str(&text).map_err(|e| {
        Error::Internal(format!("{}: {}", file.display(), e.to_string().trim_end()))
    })?;
    if place.folder.join(store::DATABASE_FILE).exists() {
        return Err(Error::Internal(format!(
            "{} holds a database already: nothing was changed",
            place.folder.display()
        ))
        .into());
    }
    let long = config.municipality.too_long_for_notices();
    if let Some((field, length, room)) = long.first() {
        return Err(Error::Internal(format!(
            "{}: {field} of [municipality] has {length} characters, and payment notices have room for \
             {room}: shorten it",
            file.display()
        ))
        .into());
    }
    let crest = match &config.crest {
        Some(picture) => Some(read_crest(&file.with_file_name("").join(picture))?),
        None => None,
    };
    let isee = match &config.isee {
        Some(rule) => Some(read_isee_rule(&file.with_file_name("").join(rule))?),
        None => None,
    };
    let server = config.server.clone();
    make_folder(
        place,
        false,
        &Founding {
            municipality: config.municipality,
            crest,
            services: config.service,
            diets: config.diet,
            legal: config.legal,
            isee,
            pagopa: config.pagopa,
        },
        Clock::System.now(),
    )?;
    if let Some(server) = server {
        let path = place.folder.join(crate::config::CONFIG_FILE);
        let text = toml::to_string(&server).map_err(Error::internal)?;
        std::fs::write(&path, text).map_err(|e| Error::io(&path, e))?;
        crate::config::Config::load(&place.folder)?;
    }
    if options.json {
        output::json(&serde_json::json!({ "folder": place.folder, "key": place.key }));
        return Ok(());
    }
    output::line(format!("{} is ready.", place.folder.display()));
    output::line(format!(
        "Keep {} safe and apart from the backups: without it diets and certificates can't be read.",
        place.key.display()
    ));
    output::line("Next: campanella user add, campanella import …, campanella serve");
    Ok(())
}

fn read_crest(path: &std::path::Path) -> Result<Crest> {
    let bytes = std::fs::read(path).map_err(|e| Error::io(path, e))?;
    Crest::new(bytes).map_err(|e| Error::Internal(format!("{}: {e}", path.display())))
}

fn read_isee_rule(path: &std::path::Path) -> Result<String> {
    let source = std::fs::read_to_string(path).map_err(|e| Error::io(path, e))?;
    match crate::isee::parse_policy(&source) {
        Ok(_) => Ok(source),
        Err(faults) => {
            let catalogue = crate::catalogue::Catalogue::load()?;
            let line = |fault: &crate::isee::PolicyFault| {
                let why = catalogue.say(crate::catalogue::Language::English, &fault.text);
                format!("{}, line {}: {why}", path.display(), fault.line)
            };
            let lines: Vec<_> = faults.iter().map(line).collect();
            Err(Error::Internal(lines.join("\n")))
        }
    }
}

/// Makes folder, key and database; a key that is there already is used (after a restore).
pub(super) fn make_folder(
    place: &Place,
    demo: bool,
    founding: &Founding,
    now: Instant,
) -> Result<()> {
    std::fs::create_dir_all(&place.folder).map_err(|e| Error::io(&place.folder, e))?;
    if !place.key.exists() {
        SealingKey::create(&place.key)?;
    }
    store::migrate(&place.folder)?;
    let store = Store::open(&place.folder)?;
    let founding = founding.clone();
    store.write(Urgency::Interactive, move |tx| {
        founding::found(tx, demo, &founding, now)
    })
}
