//! Numbers between a rule file (`"11000.00"`) and how Italians write them (`11.000,00`).

/// The decimal of a rule file out of what somebody typed; none where it is no number. A single dot
/// before three digits is a thousands mark, as in [`crate::base::Cents::parse_it`].
pub(super) fn decimal(typed: &str) -> Option<String> {
    let kept = |c: &char| !c.is_whitespace() && !['€', '%', '\u{a0}'].contains(c);
    let text: String = typed.chars().filter(kept).collect();
    let (whole, decimals) = match text.split_once(',') {
        Some((whole, decimals)) => (thousands(whole)?, decimals.to_owned()),
        None => match text.rsplit_once('.') {
            Some((whole, last)) if last.len() == 3 || whole.contains('.') => {
                (thousands(&text)?, String::new())
            }
            Some((whole, decimals)) => (whole.to_owned(), decimals.to_owned()),
            None => (text, String::new()),
        },
    };
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let good = !whole.is_empty() && digits(&whole) && digits(&decimals);
    good.then(|| format!("{whole}.{decimals:0<2}"))
}

/// Digits without their thousands marks, which must stand where they belong.
fn thousands(text: &str) -> Option<String> {
    let mut groups = text.split('.');
    let first = groups.next()?.len();
    let regular = !text.contains('.') || (1..=3).contains(&first);
    (regular && groups.all(|group| group.len() == 3)).then(|| text.replace('.', ""))
}

/// A decimal of a rule file as Italians write it; what is no decimal stays as it is.
pub(super) fn italian(decimal: &str) -> String {
    let (whole, decimals) = decimal.split_once('.').unwrap_or((decimal, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(decimals) {
        return decimal.to_owned();
    }
    let mut grouped = String::new();
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    format!("{grouped},{decimals:0<2}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_what_is_meant() {
        for (typed, meant) in [
            ("4,50", "4.50"),
            ("4.5", "4.50"),
            ("0", "0.00"),
            ("11.000", "11000.00"),
            ("11.000,01", "11000.01"),
            ("5,331", "5.331"),
            ("€ 2,55", "2.55"),
            ("1.234.567,8", "1234567.80"),
        ] {
            assert_eq!(decimal(typed).as_deref(), Some(meant), "{typed}");
        }
        for wrong in ["", "-1", "quattro", "1,2,3", "1.23,4", "12.34.5"] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_shown_reads_back_as_it_was() {
        for kept in ["4.50", "11000.00", "5.331", "0.00", "1234567.80"] {
            assert_eq!(decimal(&italian(kept)).as_deref(), Some(kept));
        }
        assert_eq!(italian("11000.00"), "11.000,00");
        assert_eq!(italian("-1"), "-1");
    }
}
