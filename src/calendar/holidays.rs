//! National holidays of Italy (L. 260/1949 and later changes).

use jiff::ToSpan;
use jiff::civil::{Date, date};

/// The name of the national holiday on a day.
///
/// 4 October (San Francesco) is one again from 2026 (L. 151/2025).
pub fn national_holiday(day: Date) -> Option<&'static str> {
    let fixed = match (day.month(), day.day()) {
        (1, 1) => "Capodanno",
        (1, 6) => "Epifania",
        (4, 25) => "Festa della Liberazione",
        (5, 1) => "Festa del Lavoro",
        (6, 2) => "Festa della Repubblica",
        (8, 15) => "Ferragosto",
        (10, 4) if day.year() >= 2026 => "San Francesco",
        (11, 1) => "Ognissanti",
        (12, 8) => "Immacolata Concezione",
        (12, 25) => "Natale",
        (12, 26) => "Santo Stefano",
        _ => "",
    };
    if !fixed.is_empty() {
        return Some(fixed);
    }
    let easter = easter(day.year());
    if day == easter {
        return Some("Pasqua");
    }
    (day == easter.saturating_add(1.day())).then_some("Lunedì dell’Angelo")
}

/// Easter of the Gregorian calendar: Meeus, "Astronomical Algorithms", chapter 8.
pub fn easter(year: i16) -> Date {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e, f) = (b / 4, b % 4, (b + 8) / 25);
    let g = (b - f + 1) / 3;
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let (month, day) = ((h + l - 7 * m + 114) / 31, (h + l - 7 * m + 114) % 31 + 1);
    let in_march = date(year, 3, 1).saturating_add((i64::from(day) - 1).days());
    if month == 3 {
        in_march
    } else {
        in_march.saturating_add(31.days())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_falls_where_it_fell() {
        for (year, month, day) in [
            (2000, 4, 23),
            (2008, 3, 23),
            (2024, 3, 31),
            (2025, 4, 20),
            (2026, 4, 5),
            (2038, 4, 25),
        ] {
            assert_eq!(easter(year), date(year, month, day));
        }
    }

    #[test]
    fn the_monday_after_easter_and_the_fixed_days_are_holidays() {
        assert_eq!(
            national_holiday(date(2026, 4, 6)),
            Some("Lunedì dell’Angelo")
        );
        assert_eq!(
            national_holiday(date(2026, 12, 8)),
            Some("Immacolata Concezione")
        );
        assert_eq!(national_holiday(date(2026, 10, 4)), Some("San Francesco"));
        assert_eq!(national_holiday(date(2025, 10, 4)), None);
        assert_eq!(national_holiday(date(2026, 11, 3)), None);
    }
}
