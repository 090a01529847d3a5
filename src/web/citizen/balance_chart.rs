//! The balance of a statement as a line: one point before its first month, one after each. A table with
//! the same values stands beside it.

use serde_json::{Value, json};

use crate::base::{Cents, month_it};
use crate::statement::Statement;
use crate::web::cx::Cx;

/// The drawing is so wide and so high, in its own units.
const WIDTH: i64 = 360;
const HEIGHT: i64 = 170;
/// Left for the points: beside the edges, above and below the names.
const LEFT: i64 = 16;
const TOP: i64 = 26;
const BOTTOM: i64 = 140;

/// What the page draws; nothing while there is only one month to tell.
pub(super) fn drawn(cx: &Cx, told: &Statement) -> Value {
    if told.months.len() < 2 {
        return Value::Null;
    }
    let before = (cx.say("statement-opening"), told.opening);
    let after = told.months.iter().map(|month| {
        let name = format!("{} {}", month_it(month.month), month.year);
        (name, month.closing)
    });
    let values: Vec<(String, Cents)> = std::iter::once(before).chain(after).collect();
    let balances: Vec<i64> = values.iter().map(|(_, balance)| balance.0).collect();
    let points = places(&balances);
    let line: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
    let marks = points.iter().map(|(x, y)| json!({ "x": x, "y": y }));
    let first = told
        .months
        .first()
        .map_or(String::new(), |month| short(month.month));
    let last = told
        .months
        .last()
        .map_or(String::new(), |month| short(month.month));
    json!({
        "width": WIDTH,
        "height": HEIGHT,
        "zero": zero(&balances),
        "points": line.join(" "),
        "dots": marks.collect::<Vec<_>>(),
        "first": first,
        "last": last,
        "rows": values.iter().map(|(name, balance)| {
            json!({ "name": name, "balance": balance })
        }).collect::<Vec<_>>(),
    })
}

fn short(month: i8) -> String {
    month_it(month).chars().take(3).collect()
}

/// The least and the most that the drawing shows; zero is always in it.
fn range(balances: &[i64]) -> (i64, i64) {
    let least = balances.iter().copied().min().unwrap_or_default().min(0);
    let most = balances.iter().copied().max().unwrap_or_default().max(0);
    (least, most.max(least + 1))
}

fn height(balance: i64, (least, most): (i64, i64)) -> i64 {
    BOTTOM - (balance - least) * (BOTTOM - TOP) / (most - least)
}

fn zero(balances: &[i64]) -> i64 {
    height(0, range(balances))
}

fn places(balances: &[i64]) -> Vec<(i64, i64)> {
    let steps = i64::try_from(balances.len()).unwrap_or(2).max(2) - 1;
    let place = |(at, balance): (i64, &i64)| {
        let x = LEFT + at * (WIDTH - 2 * LEFT) / steps;
        (x, height(*balance, range(balances)))
    };
    (0..).zip(balances).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_stands_above_zero_and_debt_below_inside_the_drawing() {
        let balances = [5_000, 200, -3_000, 0];
        let points = places(&balances);
        let zero = zero(&balances);
        assert_eq!(points[0], (LEFT, TOP));
        assert_eq!(points[2].1, BOTTOM);
        assert_eq!(points[3], (WIDTH - LEFT, zero));
        assert!(points[1].1 < zero && zero < points[2].1);
        // Nobody has anything: a line on zero.
        assert!(places(&[0, 0]).iter().all(|(_, y)| *y == BOTTOM));
    }
}
