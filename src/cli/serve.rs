//! `campanella serve`: the server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use poem::Server;
use poem::listener::{Acceptor, Listener, TcpListener};

use super::{Done, Place, output};
use crate::app::App;
use crate::base::{Error, Result};
use crate::{processes, store, web};

/// Serves the comune to browsers.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  campanella serve
  campanella --data /var/lib/campanella/data serve --bind 127.0.0.1:8080")]
pub struct Options {
    /// The address to listen on, instead of the one in campanella.toml
    #[arg(long, value_name = "ADDR")]
    bind: Option<SocketAddr>,
    /// Serve a demo folder all the same, on loopback only
    #[arg(long)]
    demo: bool,
}

/// So many requests are worked on at once; the others wait their turn. As many as share one commit,
/// and as readers are kept: a crowd opens no connections that it throws away, and a crowd of logins
/// takes no more than 64 × 19 MiB for its passwords.
const AT_ONCE: usize = 64;

pub(super) fn run(place: &Place, options: &Options) -> Done {
    let app = place.open()?;
    if app.demo && !options.demo {
        return Err(Error::Internal(format!(
            "{} is a demo: serve it with `campanella demo`, or add --demo",
            place.folder.display()
        ))
        .into());
    }
    let address = options.bind.unwrap_or(app.config.bind);
    if app.demo {
        require_loopback(address)?;
    }
    Ok(serve(app, address, |_| {})?)
}

/// A demo is for this machine only (invariant 13).
pub(super) fn require_loopback(address: SocketAddr) -> Result<()> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    Err(Error::Internal(format!(
        "a demo is served on loopback only, not on {address}: use 127.0.0.1"
    )))
}

/// Serves until the process is told to stop; `ready` hears of the address that was taken.
pub(super) fn serve(
    app: Arc<App>,
    address: SocketAddr,
    ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    start_log();
    let _alone = store::take_folder(&app.folder)?;
    processes::checks::require_clock(&app)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(AT_ONCE)
        .build()
        .map_err(Error::internal)?;
    runtime.block_on(async move {
        let acceptor = TcpListener::bind(address).into_acceptor().await.map_err(|e| {
            Error::Internal(format!("{address} can't be listened on ({e}): is another server there? Name another one with --bind"))
        })?;
        let taken = acceptor.local_addr().into_iter().find_map(|a| a.as_socket_addr().copied());
        let taken = taken.unwrap_or(address);
        let app = if app.demo { reached_at(app, taken)? } else { app };
        let stopped = stopped()?;
        processes::housekeeping::start(&app);
        output::line(format!("Campanella is listening on http://{taken}"));
        ready(taken);
        Server::new_with_acceptor(acceptor)
            .idle_timeout(Duration::from_secs(75))
            .run_with_graceful_shutdown(
                web::endpoint(app),
                stopped,
                Some(Duration::from_secs(10)),
            )
            .await
            .map_err(Error::internal)
    })
}

/// The log goes to stderr, for the service manager; `RUST_LOG` says how much. It names requests by
/// their id and holds no personal data.
fn start_log() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("warn,campanella=info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second server in one process (a test) finds the log started already.
    let _ = log.with_target(false).try_init();
}

/// A demo is reached where it listens, whatever port that is.
fn reached_at(app: Arc<App>, address: SocketAddr) -> Result<Arc<App>> {
    let mut app =
        Arc::into_inner(app).ok_or_else(|| Error::Internal("the demo is in use".to_owned()))?;
    app.config.public_url = format!("http://{address}");
    app.config
        .allowed_hosts
        .push(format!("localhost:{}", address.port()));
    Ok(Arc::new(app))
}

/// Ctrl-C, or the service manager's SIGTERM. It listens from now on, not only when it is awaited: who
/// stops a server that has just begun stops it in order too.
#[cfg(unix)]
fn stopped() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupted = signal(SignalKind::interrupt()).map_err(Error::internal)?;
    let mut told = signal(SignalKind::terminate()).map_err(Error::internal)?;
    Ok(async move {
        tokio::select! { _ = interrupted.recv() => {}, _ = told.recv() => {} }
    })
}

#[cfg(not(unix))]
fn stopped() -> Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
