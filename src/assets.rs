//! Everything that is embedded in the executable: templates, styles, fonts, message catalogues.

use rust_embed::Embed;

/// The files under `assets/`. Debug builds read them from the disk.
#[derive(Embed)]
#[folder = "assets/"]
#[include = "templates/*"]
#[include = "catalogue/*"]
#[include = "static/*"]
#[include = "demo/*"]
pub struct Assets;

impl Assets {
    /// A text file among the assets.
    pub fn text(path: &str) -> Option<String> {
        String::from_utf8(Assets::get(path)?.data.into_owned()).ok()
    }
}
