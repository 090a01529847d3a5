//! News about the services, on the public page.

use rusqlite::{Connection, Transaction};
use serde::Serialize;

use crate::base::{Instant, PublicId, Result};

/// A piece of news.
#[derive(Serialize)]
pub struct NewsItem {
    /// Title.
    pub title: String,
    /// Paragraphs, separated by blank lines.
    pub body: String,
    /// When it appeared.
    pub published_at: Instant,
}

/// The news that hold now, newest first.
///
/// # Errors
/// The database's own failure.
pub fn current_news(db: &Connection, now: Instant, limit: u32) -> Result<Vec<NewsItem>> {
    let mut statement = db.prepare_cached(
        "select title, body, published_at from news
         where published_at <= ?1 and coalesce(until, ?1) >= ?1
         order by published_at desc limit ?2",
    )?;
    let rows = statement.query_map((now, limit), |row| {
        Ok(NewsItem {
            title: row.get(0)?,
            body: row.get(1)?,
            published_at: row.get(2)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Publishes a piece of news.
///
/// # Errors
/// The database's own failure.
pub fn publish_news(
    tx: &Transaction<'_>,
    title: &str,
    body: &str,
    at: Instant,
    until: Option<Instant>,
) -> Result<()> {
    tx.execute(
        "insert into news (public_id, title, body, published_at, until) values (?1, ?2, ?3, ?4, ?5)",
        (PublicId::random()?, title, body, at, until),
    )?;
    Ok(())
}
