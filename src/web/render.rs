//! Templates: minijinja over the embedded files, with the filters that write as Italians do.

use std::sync::Arc;

use fluent_bundle::FluentArgs;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};
use serde::Serialize;

use crate::app::App;
use crate::assets::Assets;
use crate::base::{
    Cents, Date, Instant, PublicId, date_it, date_long_it, datetime_it, datetime_long_it, day_of,
    month_it, time_it,
};
use crate::catalogue::Language;

/// The templates of one server.
pub struct Templates(Environment<'static>);

fn unreadable(what: &str, value: &Value) -> Error {
    Error::new(
        ErrorKind::InvalidOperation,
        format!("`{value}` is not {what}"),
    )
}

/// Amounts reach templates as decimal strings (how [`Cents`] is serialised) or integer cents.
fn cents(value: &Value) -> Result<Cents, Error> {
    match value.as_str() {
        Some(text) => Cents::parse_decimal(text).map_err(|_| unreadable("an amount", value)),
        None => i64::try_from(value.clone())
            .map(Cents)
            .map_err(|_| unreadable("an amount", value)),
    }
}

fn date(value: &Value) -> Result<Date, Error> {
    let date = value.as_str().and_then(|text| text.parse().ok());
    date.ok_or_else(|| unreadable("a date", value))
}

fn instant(value: &Value) -> Result<Instant, Error> {
    i64::try_from(value.clone())
        .map(Instant)
        .map_err(|_| unreadable("a moment", value))
}

impl Templates {
    /// Reads all templates.
    pub fn new(app: &Arc<App>) -> Templates {
        let mut env = Environment::new();
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build();
        env.set_syntax(syntax.unwrap_or_default());
        env.set_loader(|name| Ok(Assets::text(&format!("templates/{name}"))));
        env.set_auto_escape_callback(|name| match name.rsplit('.').next() {
            Some("html") => AutoEscape::Html,
            _ => AutoEscape::None,
        });
        env.set_undefined_behavior(UndefinedBehavior::Strict);
        env.add_filter("eur", |value: Value| {
            Ok::<_, Error>(cents(&value)?.to_string())
        });
        env.add_filter("amount", |value: Value| {
            Ok::<_, Error>(cents(&value)?.to_italian())
        });
        env.add_filter("date_it", |value: Value| {
            Ok::<_, Error>(date_it(date(&value)?))
        });
        env.add_filter("date_long", |value: Value| {
            Ok::<_, Error>(date_long_it(date(&value)?))
        });
        env.add_filter("datetime_it", |value: Value| {
            Ok::<_, Error>(datetime_it(instant(&value)?))
        });
        env.add_filter("moment_long", |value: Value| {
            Ok::<_, Error>(datetime_long_it(instant(&value)?))
        });
        env.add_filter("day_it", |value: Value| {
            Ok::<_, Error>(date_it(day_of(instant(&value)?)))
        });
        env.add_filter("time_it", |value: Value| {
            Ok::<_, Error>(time_it(instant(&value)?))
        });
        env.add_filter("month_it", |value: i8| month_it(value));
        // Paragraphs of a plain text: separated by blank lines.
        env.add_filter("paragraphs", |text: String| {
            let parts = text.split("\n\n").map(str::trim).filter(|p| !p.is_empty());
            parts.map(Value::from).collect::<Vec<_>>()
        });
        let words = Arc::clone(app);
        env.add_function("t", move |key: String, values: Kwargs| {
            let mut args = FluentArgs::new();
            for name in values.args() {
                let value: Value = values.get(name)?;
                match i64::try_from(value.clone()) {
                    Ok(n) if value.is_number() => args.set(name.to_owned(), n),
                    _ => args.set(name.to_owned(), value.to_string()),
                }
            }
            Ok::<_, Error>(words.catalogue.format(Language::Italian, &key, Some(&args)))
        });
        // A form that must not count twice carries this: see `Cx::write_once`.
        env.add_function("request_key", || {
            let key = PublicId::random()
                .map_err(|e| Error::new(ErrorKind::InvalidOperation, e.to_string()))?;
            Ok::<_, Error>(key.to_string())
        });
        env.add_function("asset", |name: String| super::assets::address(&name));
        Templates(env)
    }

    /// Renders a template.
    ///
    /// # Errors
    /// A fault of the template.
    pub fn render(&self, name: &str, context: impl Serialize) -> Result<String, Error> {
        self.0.get_template(name)?.render(Serde(context))
    }
}
