//! `campanella demo`: a fictional comune, made once and served on this machine.

use std::net::SocketAddr;
use std::sync::Arc;

use super::{Done, Place, init, output, serve};
use crate::app::App;
use crate::base::{Clock, Error, Result};
use crate::{demo, store};

/// Makes a fictional comune and serves it on loopback.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  campanella demo
  campanella demo --bind 127.0.0.1:9000 --families 100 --clock 2026-11-03T08:30
  campanella --data /tmp/prova demo --no-serve")]
pub struct Options {
    /// The address to listen on: loopback only
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    bind: SocketAddr,
    /// How many families
    #[arg(long, value_name = "N", default_value_t = 400, value_parser = clap::value_parser!(u32).range(1..=20_000))]
    families: u32,
    /// Chance: the same number gives the same comune
    #[arg(long, value_name = "N", default_value_t = 2026)]
    seed: u64,
    /// Make it, do not serve it
    #[arg(long)]
    no_serve: bool,
}

pub(super) fn run(place: &Place, options: &Options) -> Done {
    serve::require_loopback(options.bind)?;
    if place.folder.join(store::DATABASE_FILE).exists() {
        let app = open(place)?;
        output::line(format!(
            "{} is a demo already: it is served as it is.",
            place.folder.display()
        ));
        return finish(app, options);
    }
    let now = place.clock.unwrap_or_else(|| Clock::System.now());
    init::make_folder(place, true, &demo::founding()?, now)?;
    let app = open(place)?;
    output::line(format!(
        "Making a fictional comune of {} families in {} …",
        options.families,
        place.folder.display()
    ));
    demo::fill(&app, options.families as usize, options.seed, |stage| {
        output::line(format!("  {stage}"))
    })?;
    finish(app, options)
}

/// Opens the folder; one that is not a demo is left alone (invariant 13).
fn open(place: &Place) -> Result<Arc<App>> {
    let mut app = App::open(&place.folder, &place.key)?;
    if !app.demo {
        return Err(Error::Internal(format!(
            "{} holds a real comune: a demo needs a folder of its own, name it with --data",
            place.folder.display()
        )));
    }
    if let Some(start) = place.clock {
        app.clock = Clock::starting_at(start);
    }
    Ok(Arc::new(app))
}

fn finish(app: Arc<App>, options: &Options) -> Done {
    if options.no_serve {
        return Ok(());
    }
    Ok(serve::serve(app, options.bind, |address| {
        output::line(format!(
            "  Families:  http://{address}/          choose any parent at the test identity provider"
        ));
        for (username, name, path) in demo::ACCOUNTS {
            output::line(format!(
                "  {name:<18} http://{address}{path:<9} {username} / {}",
                demo::PASSWORD
            ));
        }
        output::line("Stop it with Ctrl-C.");
    })?)
}
