//! The causale of a treasury line: which settlement flow it names, wherever the bank put that.
//!
//! A provider writes `/PUR/LGPE-RIVERSAMENTO/TXT/<n>/URI/<flow id>` into the transfer (SACI 3.2.1,
//! AT-05). Banks cut it, put marks and texts around it, break it by blanks. So nothing but letters and
//! digits is compared, and whatever might be the id is a candidate: those who know the flows choose.

use crate::base::Cents;

/// What a causale is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Causale {
    /// The transfer of a settlement flow, or of what was missing of one.
    Flow {
        /// What may be the flow's id, as [`key`] writes it, the likeliest (longest) first.
        candidates: Vec<String>,
        /// `TXT/<n>`: 0 for the ordinary transfer, 1 to 9 for one that adds what was missing.
        progressive: u8,
    },
    /// The transfer of a single payment: `/RFB/<IUV>` or `/RFS/<IUV>/<amount>`. Providers may not make
    /// such ones any more; old lines have them.
    Single {
        /// The IUV, letters and digits only.
        iuv: String,
        /// Cents, where the causale says so.
        amount: Option<Cents>,
    },
    /// Nothing of pagoPA.
    Other,
}

/// What a bank leaves of a flow's id: its letters and digits, upper case.
pub fn key(text: &str) -> String {
    let kept = text.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

/// Reads a causale.
pub fn read(text: &str) -> Causale {
    let upper = text.to_ascii_uppercase();
    if let Some(flow) = flow(&upper) {
        return flow;
    }
    single(&upper).unwrap_or(Causale::Other)
}

/// Where the letters of a word end in a text, whatever blanks and marks stand between them.
fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let starts = text.char_indices().map(|(at, _)| &text[at..]);
    let mut found = starts.filter_map(|rest| spelled(rest, word));
    found.next()
}

/// The text behind a word that it begins with, blanks and `-` between the letters left out.
fn spelled<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let mut letters = word.chars();
    let mut next = letters.next();
    for (at, c) in text.char_indices() {
        let Some(wanted) = next else {
            return Some(&text[at..]);
        };
        if c == wanted {
            next = letters.next();
        } else if !(at > 0 && (c.is_whitespace() || c == '-')) {
            return None;
        }
    }
    next.is_none().then_some("")
}

fn flow(text: &str) -> Option<Causale> {
    let marked = [
        "LGPERIVERSAMENTO",
        "LGPEINTEGRAZIONE",
        "RIVERSAMENTO",
        "INTEGRAZIONE",
    ]
    .into_iter()
    .find_map(|word| Some((word, after(text, word)?)));
    let (word, rest) = marked?;
    let (before, id) = match part(rest, "URI") {
        Some((before, id)) => (before, id),
        // Neither mark nor id: words like "riversamento imposte" are the bank's own.
        None if word.starts_with("LGPE") => (rest, rest),
        None => return None,
    };
    let said = part(before, "TXT").map(|(_, after)| after.trim_start_matches(is_border));
    let said = said.and_then(|text| text.chars().next()?.to_digit(10));
    let integration = word.ends_with("INTEGRAZIONE");
    let progressive = said.and_then(|n| u8::try_from(n).ok());
    Some(Causale::Flow {
        candidates: candidates(id),
        progressive: progressive.unwrap_or(u8::from(integration)),
    })
}

fn is_border(c: char) -> bool {
    c == '/' || c == ':' || c.is_whitespace()
}

/// A word between borders, blanks inside left out: what stands before and behind it.
fn part<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let starts = text.char_indices().filter(|(at, _)| {
        let before = text[..*at].chars().next_back();
        before.is_none_or(is_border)
    });
    starts.map(|(at, _)| at).find_map(|at| {
        let rest = spelled(&text[at..], word)?;
        rest.starts_with(is_border).then_some((&text[..at], rest))
    })
}

/// The id ends at a mark of the bank's (`/`, `:`); blanks may stand inside it or before words that do
/// not belong to it, so that every beginning up to a blank may be the whole.
fn candidates(text: &str) -> Vec<String> {
    let text = text.trim_start_matches(is_border);
    let end = text.find(['/', ':']).unwrap_or(text.len());
    let mut all = Vec::new();
    let mut so_far = String::new();
    for word in text[..end].split_whitespace() {
        so_far.push_str(&key(word));
        if !so_far.is_empty() && all.last() != Some(&so_far) {
            all.push(so_far.clone());
        }
    }
    all.reverse();
    all
}

fn single(text: &str) -> Option<Causale> {
    let (with_amount, rest) = match (part(text, "RFS"), part(text, "RFB")) {
        (Some((_, rest)), _) => (true, rest),
        (None, Some((_, rest))) => (false, rest),
        (None, None) => return None,
    };
    let mut parts = rest.trim_start_matches(is_border).split(['/', ':']);
    let iuv = key(parts.next()?);
    // 15 or 17 characters; creditor references of other kinds are longer.
    if !(10..=35).contains(&iuv.len()) {
        return None;
    }
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    let amount = parts.next().map(squeezed);
    let amount = amount.and_then(|text| Cents::parse_decimal(&text).ok());
    Some(Causale::Single {
        iuv,
        amount: amount.filter(|amount| with_amount || amount.is_positive()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(text: &str) -> (Vec<String>, u8) {
        match read(text) {
            Causale::Flow {
                candidates,
                progressive,
            } => (candidates, progressive),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn every_form_that_banks_were_seen_to_write_names_its_flow() {
        let id = "2026-11-20PPAYITR1XXX-S0000000001";
        for text in [
            "/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/2026-11-20PPAYITR1XXX-S0000000001",
            "/PUR/LGPE-RIVERSAMENTO/URI/2026-11-20PPAYITR1XXX-S0000000001",
            ":RI3:/PUR/LGPE-RIVERSAMENTO/URI/2026-11-20PPAYITR1XXX-S0000000001 :SEC:",
            "PUR/LGPE-RIVERSAMENTO/URI/2026-11-20PPAYITR1XXX-S0000000001",
            "ACCREDITI VARI LGPE-RIVERSAMENTO/URI/2026-11-20PPAYITR1XXX-S0000000001",
            "/PUR/LGPE-RIVERSA MENTO/TXT/0/U RI/2026-11-20PPAYIT R1XXX-S00000 00001",
            "/PUR/LGPE-RIVERSAMENTO/URI/2026-11-20PPAYITR1XXX-S0000000001 ORD. BANCA DI PROVA",
            "/pur/lgpe-riversamento/txt/0/uri/2026-11-20ppayitr1xxx-s0000000001",
            "CRO 123 RIVERSAMENTO /URI/ 2026-11-20PPAYITR1XXX-S0000000001/CAU",
        ] {
            let (candidates, progressive) = names(text);
            assert!(candidates.contains(&key(id)), "{text}: {candidates:?}");
            assert_eq!(progressive, 0, "{text}");
        }
        let more = "/PUR/LGPE-INTEGRAZIONE/URI/2026-11-20PPAYITR1XXX-S0000000001";
        assert_eq!(names(more), (vec![key(id)], 1));
        let third = "/PUR/LGPE-RIVERSAMENTO/TXT/3/URI/2026-11-20PPAYITR1XXX-S0000000001";
        assert_eq!(names(third), (vec![key(id)], 3));
        let old = "ACCREDITI VARI LGPE-RIVERSAMENTO/URI/2024-12-15 IUV_20241215-01";
        assert_eq!(names(old).0[0], "20241215IUV2024121501");
    }

    #[test]
    fn single_payments_and_other_movements_are_told_apart() {
        assert_eq!(
            read("/RFS/02032002700000251/42.50/TXT/Mensa"),
            Causale::Single {
                iuv: "02032002700000251".to_owned(),
                amount: Some(Cents(4250))
            }
        );
        assert_eq!(
            read("BONIFICO /RFB/0203200270 0000251"),
            Causale::Single {
                iuv: "02032002700000251".to_owned(),
                amount: None
            }
        );
        for text in [
            "",
            "Stipendi novembre",
            "RIVERSAMENTO IMPOSTE F24",
            "Contributo Regione /RFB/ 12",
            "integrazione rette",
        ] {
            assert_eq!(read(text), Causale::Other, "{text}");
        }
    }

    proptest! {
        /// However a bank mangles it, the flow that was meant is among the candidates.
        #[test]
        fn mangling_never_hides_the_flow(
            day in 1u8..29, code in "[A-Z]{6}[A-Z0-9]{2}XXX", flow in "[A-Z0-9]{4,12}",
            progressive in proptest::option::of(0u8..10),
            lead in prop_oneof![Just("/"), Just(""), Just(":RI3:/"), Just("ACCREDITI VARI "), Just("CRO 0123 BENEF COMUNE /")],
            tail in prop_oneof![Just(""), Just(" :SEC:"), Just("/CAU"), Just(" ORD BANCA DI PROVA"), Just("  ")],
            lower in any::<bool>(), every in 3usize..40,
        ) {
            let id = format!("2026-11-{day:02}{code}-{flow}");
            let txt = progressive.map_or(String::new(), |n| format!("TXT/{n}/"));
            let pur = if lead.ends_with('/') || lead.is_empty() { "PUR/" } else { "" };
            let plain = format!("{pur}LGPE-RIVERSAMENTO/{txt}URI/{id}");
            // A bank breaks its records every so many characters.
            let broken: String = plain.chars().enumerate()
                .flat_map(|(at, c)| (at > 0 && at % every == 0).then_some(' ').into_iter().chain([c]))
                .collect();
            let mut text = format!("{lead}{broken}{tail}");
            if lower {
                text = text.to_ascii_lowercase();
            }
            match read(&text) {
                Causale::Flow { candidates, progressive: found } => {
                    prop_assert!(candidates.contains(&key(&id)), "{text}: {candidates:?}");
                    prop_assert_eq!(found, progressive.unwrap_or(0), "{}", text);
                }
                other => prop_assert!(false, "{text}: {other:?}"),
            }
        }

        /// Whatever a file holds, reading ends.
        #[test]
        fn any_text_is_read(text in ".{0,200}") {
            let _ = read(&text);
        }
    }
}
