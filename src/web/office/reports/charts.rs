//! The geometry of charts, in whole units of a drawing 360 wide: assets/templates/charts.html draws
//! them. Every chart has its table beside it, and says in words what it shows.

use serde_json::{Value, json};

use super::shape::{grouped, percent};
use crate::base::Cents;

/// The width of every drawing.
const WIDTH: i64 = 360;
/// More bars than these are not drawn: the table has them all.
const MOST: usize = 14;

/// How values are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::web::office) enum In {
    Euros,
    Numbers,
    /// Hundredths of a percent.
    Percent,
}

impl In {
    fn exact(self, value: i64) -> String {
        match self {
            In::Euros => Cents(value).to_string(),
            In::Numbers => grouped(value),
            In::Percent => percent(value),
        }
    }

    /// For an axis: without cents.
    fn round(self, value: i64) -> String {
        match self {
            In::Euros => format!("{}\u{a0}€", grouped(value / 100)),
            In::Numbers => grouped(value),
            In::Percent => percent(value),
        }
    }
}

/// Bars from left to right, the values in the order of the table.
pub(in crate::web::office) fn bars(
    id: &str,
    title: &str,
    unit: In,
    items: &[(String, i64)],
) -> Option<Value> {
    let most = items
        .iter()
        .map(|(_, value)| *value)
        .max()
        .filter(|most| *most > 0)?;
    let highest = items.iter().max_by_key(|(_, value)| *value)?;
    let rows = items
        .iter()
        .take(MOST)
        .enumerate()
        .map(|(at, (label, value))| {
            let top = i64::try_from(at).unwrap_or(0) * 46;
            json!({
                "label": shortened(label, 46 - unit.exact(*value).chars().count().min(20)), "value": unit.exact(*value), "text_y": top + 16,
                "y": top + 23, "width": if *value > 0 { (value * WIDTH / most).max(1) } else { 0 },
            })
        });
    let left = items.len().saturating_sub(MOST);
    Some(json!({
        "kind": "bars", "id": id, "title": title,
        "text": format!(
            "{} Il valore più alto: {}, {}. Tutti i valori sono nella tabella.{}",
            if items.len() == 1 { "Una barra." } else { "Una barra per ogni riga." },
            highest.0, unit.exact(highest.1),
            if left > 0 { format!(" Altre {left} righe stanno solo nella tabella.") } else { String::new() },
        ),
        "height": i64::try_from(items.len().min(MOST)).unwrap_or(1) * 46,
        "rows": rows.collect::<Vec<_>>(),
    }))
}

/// A line for each series (at most two), over the same points.
pub(super) fn lines(
    id: &str,
    title: &str,
    unit: In,
    labels: &[String],
    series: &[(&str, Vec<i64>)],
) -> Option<Value> {
    let (top, scale) = axis(
        series
            .iter()
            .flat_map(|(_, values)| values)
            .copied()
            .max()?,
    )?;
    if labels.len() < 2 {
        return None;
    }
    let step = places(labels.len());
    let drawn = series.iter().enumerate().map(|(at, (name, values))| {
        let points: Vec<(i64, i64)> = values
            .iter()
            .enumerate()
            .map(|(place, value)| (step(place), height(*value, top)))
            .collect();
        let line = points
            .iter()
            .map(|(x, y)| format!("{x},{y}"))
            .collect::<Vec<_>>();
        json!({
            "name": name, "second": at > 0, "points": line.join(" "),
            "dots": points.iter().map(|(x, y)| json!({ "x": x, "y": y })).collect::<Vec<_>>(),
            "legend_x": 4 + i64::try_from(at).unwrap_or(0) * 170,
        })
    });
    Some(json!({
        "kind": "lines", "id": id, "title": title, "text": told(unit, labels, series),
        "axis": scale.map(|value| json!({ "y": height(value, top), "label": unit.round(value) })),
        "labels": axis_labels(labels, &step),
        "series": drawn.collect::<Vec<_>>(),
    }))
}

/// Columns, the series stacked (at most two).
pub(super) fn columns(
    id: &str,
    title: &str,
    unit: In,
    labels: &[String],
    series: &[(&str, Vec<i64>)],
) -> Option<Value> {
    let sum = |place: usize| -> i64 {
        let of = series.iter().filter_map(|(_, values)| values.get(place));
        of.map(|value| (*value).max(0)).sum()
    };
    let (top, scale) = axis((0..labels.len()).map(sum).max()?)?;
    let room = (WIDTH - 8) / i64::try_from(labels.len()).unwrap_or(1).max(1);
    let width = (room * 7 / 10).clamp(2, 40);
    let middle = move |place: usize| 4 + room * i64::try_from(place).unwrap_or(0) + room / 2;
    let mut boxes = Vec::new();
    for place in 0..labels.len() {
        let mut below = 0;
        for (at, (_, values)) in series.iter().enumerate() {
            let value = values.get(place).copied().unwrap_or(0).max(0);
            let (low, high) = (height(below, top), height(below + value, top));
            below += value;
            if low > high {
                boxes.push(json!({
                    "x": middle(place) - width / 2, "y": high, "width": width,
                    "height": low - high, "second": at > 0,
                }));
            }
        }
    }
    Some(json!({
        "kind": "columns", "id": id, "title": title, "text": told(unit, labels, series),
        "axis": scale.map(|value| json!({ "y": height(value, top), "label": unit.round(value) })),
        "labels": axis_labels(labels, &middle),
        "boxes": boxes,
        "names": if series.len() > 1 {
            series.iter().enumerate().map(|(at, (name, _))| json!({
                "name": name, "second": at > 0, "legend_x": 4 + i64::try_from(at).unwrap_or(0) * 170,
            })).collect::<Vec<_>>()
        } else {
            Vec::new()
        },
    }))
}

/// Where the points stand.
fn places(count: usize) -> impl Fn(usize) -> i64 {
    let last = i64::try_from(count.saturating_sub(1)).unwrap_or(1).max(1);
    move |place| 12 + (WIDTH - 24) * i64::try_from(place).unwrap_or(0) / last
}

/// The plot lies between 44 and 184.
fn height(value: i64, top: i64) -> i64 {
    184 - value.clamp(0, top) * 140 / top
}

/// The end of an axis, 1, 2 or 5 with zeros, and the values that have a line.
fn axis(most: i64) -> Option<(i64, [i64; 3])> {
    let mut top = 1;
    if most <= 0 {
        return None;
    }
    while top < most {
        top = match top.to_string().as_bytes().first() {
            Some(b'2') => top / 2 * 5,
            _ => top * 2,
        };
    }
    Some((top, [0, top / 2, top]))
}

/// As many labels as have room.
fn axis_labels(labels: &[String], place: &impl Fn(usize) -> i64) -> Vec<Value> {
    let every = labels.len().div_ceil(7).max(1);
    let some = labels.iter().enumerate().filter(|(at, _)| at % every == 0);
    some.map(|(at, label)| json!({ "x": place(at).clamp(14, WIDTH - 14), "label": label }))
        .collect()
}

fn told(unit: In, labels: &[String], series: &[(&str, Vec<i64>)]) -> String {
    let of = series.iter().filter_map(|(name, values)| {
        let (at, most) = values.iter().enumerate().max_by_key(|(_, value)| **value)?;
        Some(format!(
            "{name}: il valore più alto è {}, {}.",
            unit.exact(*most),
            labels.get(at)?
        ))
    });
    let told: Vec<String> = of.collect();
    format!("{} Tutti i valori sono nella tabella.", told.join(" "))
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_round_number_above_everything() {
        for (most, top) in [
            (1, 1),
            (3, 5),
            (7, 10),
            (12, 20),
            (45, 50),
            (51, 100),
            (123_456, 200_000),
        ] {
            assert_eq!(axis(most).unwrap().0, top, "{most}");
        }
        assert_eq!(axis(0), None);
    }

    #[test]
    fn the_longest_bar_fills_the_drawing_and_none_is_below_nothing() {
        let items = [
            ("Mensa".to_owned(), 200),
            ("Nido".to_owned(), 50),
            ("Bus".to_owned(), -10),
        ];
        let chart = bars("x", "Entrate", In::Euros, &items).unwrap();
        let widths: Vec<_> = chart["rows"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| &r["width"])
            .collect();
        assert_eq!(widths, [&json!(360), &json!(90), &json!(0)]);
        assert!(bars("x", "Entrate", In::Euros, &[]).is_none());
    }
}
