//! stub
#[derive(clap::Args)]
pub struct Options {}
#[derive(clap::Subcommand)]
pub enum Action {
    /// x
    X,
}
pub(super) fn run<T>(_place: &super::Place, _o: &T) -> super::Done {
    Ok(())
}
