//! Faults by their line, and that the published files have none.

use super::*;

const LISSONE: &str = include_str!("../../../tests/data/tariffs/lissone-mensa.toml");

fn faults(source: &str) -> Vec<(usize, String, &'static str)> {
    let faults = check(source).unwrap_err();
    faults
        .into_iter()
        .map(|f| (f.line, f.place, f.text.key))
        .collect()
}

#[test]
fn a_published_rule_is_read_and_its_examples_hold() {
    let rule = check(LISSONE).unwrap();
    assert_eq!(rule.components.len(), 1);
    assert_eq!(rule.cases.len(), 5);
}

#[test]
fn an_example_that_fails_is_named_with_its_line() {
    let broken = LISSONE.replace("expect = \"58.40\"", "expect = \"58.41\"");
    let line = 1 + broken[..broken.find("ISEE 11000.01").unwrap()]
        .matches('\n')
        .count();
    let found = faults(&broken);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].2, "error-rule-case");
    assert!(found[0].0.abs_diff(line) <= 1, "{found:?} near {line}");
}

#[test]
fn every_fault_says_where_it_is() {
    let head = "name = \"Mensa\"\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\n";
    for (rest, line, key) in [
        ("price = \"-1\"\n", 5, "error-rule-price-negative"),
        ("price = 4.50\n", 5, "error-rule-price"),
        (
            "pryce = \"4.50\"\nprice = \"1\"\n",
            5,
            "error-rule-unknown-key-meant",
        ),
        ("", 2, "error-rule-base"),
        (
            "price = \"1\"\nno_isee = \"1\"\n",
            6,
            "error-rule-no-isee-alone",
        ),
        (
            "no_isee = \"4\"\nbands = [\n{to = \"1\", price = \"1\"}]\n",
            7,
            "error-rule-band-last",
        ),
        (
            "no_isee = \"4\"\nbands = [\n{price = \"1\"},\n{price = \"2\"}]\n",
            7,
            "error-rule-band-open",
        ),
        (
            "bands = [{price = \"1\"}]\n",
            2,
            "error-rule-no-isee-missing",
        ),
        (
            "no_isee = \"4\"\nbands = [{to = \"5.00\", price = \"1\"},\n{to = \"5.00\", price = \"2\"},{price = \"3\"}]\n",
            7,
            "error-rule-band-order",
        ),
        (
            "price = \"1\"\n[[component]]\ncode = \"meal\"\nunit = \"day\"\nprice = \"1\"\n",
            6,
            "error-rule-component-twice",
        ),
        (
            "price = \"1\"\n[[case]]\nwhat = \"x\"\nexpect = \"due\"\n",
            8,
            "error-rule-amount",
        ),
        ("unit = \"slice\"\n", 5, "error-rule-toml"),
        (
            "price = \"1\"\ncount = \"slices\"\n",
            6,
            "error-rule-unknown-fact",
        ),
        (
            "price = \"1\"\ncount = \"grade\"\n",
            6,
            "error-rule-fact-no-number",
        ),
        (
            "price = \"1\"\nwhen = { child_order = \"2\" }\n",
            6,
            "error-rule-fact-value",
        ),
        (
            "price = \"1\"\nwhen = { child_order = { from = 3, to = 2 } }\n",
            6,
            "error-rule-range",
        ),
        (
            "price = \"1\"\nwhen = { isee = 3 }\n",
            6,
            "error-rule-isee-test",
        ),
        ("by = \"grade\"\nis = {}\n", 6, "error-rule-rows"),
        (
            "by = \"child_order\"\nis = { \"1-2\" = \"1\", \"2+\" = \"2\" }\n",
            6,
            "error-rule-row-twice",
        ),
        (
            "by = \"resident\"\nis = { maybe = \"1\", yes = \"2\" }\n",
            6,
            "error-rule-row-key",
        ),
        (
            "no_isee = \"4\"\nbands = [{ to = \"9.00\", line = [\"1\"] }, { price = \"4\" }]\n",
            6,
            "error-rule-line",
        ),
        (
            "no_isee = \"4\"\nbands = [{ to = \"9.00\", from = \"10.00\", line = [\"1\", \"2\"] }, { price = \"4\" }]\n",
            6,
            "error-rule-line-from",
        ),
        (
            "price = \"1\"\n[[modifier]]\nlabel = \"x\"\npercent = \"-101\"\nless = \"1\"\n",
            8,
            "error-rule-percent",
        ),
        (
            "price = \"1\"\n[[modifier]]\nlabel = \"x\"\n",
            6,
            "error-rule-effect",
        ),
        (
            "price = \"1\"\n[[modifier]]\nlabel = \"x\"\nless = \"1\"\non = [\"fee\"]\n",
            9,
            "error-rule-modifier-on",
        ),
        (
            "price = \"1\"\n[[instalment]]\ndue = \"09-30\"\npercent = \"50\"\n",
            6,
            "error-rule-instalments",
        ),
        (
            "price = \"1\"\n[[instalment]]\ndue = \"09-30\"\npercent = \"50\"\nwhen = { grade = \"infanzia\" }\n[[instalment]]\ndue = \"09-30\"\npercent = \"100\"\n",
            6,
            "error-rule-instalments",
        ),
        (
            "price = \"1\"\n[[instalment]]\ndue = \"09-30\"\npercent = \"100\"\nwhen = { grade = \"infanzia\" }\n",
            6,
            "error-rule-instalments-others",
        ),
        (
            "price = \"1\"\n[[fact]]\ncode = \"grade\"\nlabel = \"x\"\nkind = \"flag\"\n",
            6,
            "error-rule-fact-twice",
        ),
    ] {
        let found = faults(&format!("{head}{rest}"));
        assert_eq!(found.len(), 1, "{rest}: {found:?}");
        assert_eq!((found[0].0, found[0].2), (line, key), "{rest}: {found:?}");
    }
    assert_eq!(faults("name = \"x\"\n")[0].2, "error-rule-no-components");
}

/// What could be read and was surely not meant: one fault for one mistake.
#[test]
fn what_cannot_be_meant_is_a_fault() {
    let head = "name = \"Mensa\"\n[[component]]\ncode = \"meal\"\nunit = \"meal\"\n";
    let modifier = "price = \"5.00\"\n[[modifier]]\nlabel = \"m\"\n";
    let fact = "price = \"5.00\"\n[[fact]]\ncode = \"x\"\nlabel = \"x\"\n";
    let rates =
        "price = \"5.00\"\n[[instalment]]\ndue = \"09-30\"\npercent = \"50\"\n[[instalment]]\n";
    for (rest, line, key) in [
        ("prcie = \"4.50\"\n".to_owned(), 5, "error-rule-unknown-key-meant"),
        ("by = \"child_order\"\nis = { \"1\" = \"5.00\", \"3+\" = \"3.00\" }\n".to_owned(), 6, "error-rule-row-gap"),
        ("by = \"resident\"\nis = { yes = \"5.00\" }\n".to_owned(), 6, "error-rule-row-gap"),
        ("by = []\nis = {}\n".to_owned(), 5, "error-rule-by-empty"),
        ("by = \"grade\"\nis = { materna = \"5.00\" }\n".to_owned(), 6, "error-rule-word"),
        ("by = \"month\"\nis = { \"1-13\" = \"5.00\" }\n".to_owned(), 6, "error-rule-number-beyond"),
        ("no_isee = \"5.00\"\nbands = [{ to = \"5000.00\", price = \"1.00\" },\n{ from = \"6000.00\", to = \"9000.00\", price = \"2.00\" }, { price = \"5.00\" }]\n".to_owned(), 7, "error-rule-from-without-line"),
        ("price = \"5.00\"\nmost = 0\n".to_owned(), 2, "error-rule-most-none"),
        ("price = \"5.00\"\nat_least = \"9.00\"\nat_most = \"8.00\"\n".to_owned(), 6, "error-rule-least-above"),
        ("price = \"5.00\"\nat_most = { price = \"8.00\" }\n".to_owned(), 6, "error-rule-most-each"),
        ("price = \"5.00\"\nrounding = { at = \"total\" }\n".to_owned(), 2, "error-rule-rounding-total"),
        ("price = \"5.00\"\nprorata = { of = \"days_present\", over = 0 }\n".to_owned(), 6, "error-rule-prorata"),
        (format!("{modifier}when = {{ grade = \"materna\" }}\nless = \"1.00\"\n"), 8, "error-rule-word"),
        (format!("{modifier}when = {{ grade = [] }}\nless = \"1.00\"\n"), 8, "error-rule-empty-list"),
        (format!("{modifier}when = {{ month = 13 }}\nless = \"1.00\"\n"), 8, "error-rule-number-beyond"),
        (format!("{modifier}when = {{ weekday = {{ to = 8 }} }}\nless = \"1.00\"\n"), 8, "error-rule-number-beyond"),
        (format!("{modifier}when = {{ not = {{}} }}\nless = \"1.00\"\n"), 8, "error-rule-not-empty"),
        (format!("{modifier}when = {{ isee = {{ from = \"9.00\", to = \"5.00\" }} }}\nless = \"1.00\"\n"), 8, "error-rule-range"),
        (format!("{modifier}when = {{ resindet = false }}\nless = \"1.00\"\n"), 8, "error-rule-unknown-fact-meant"),
        (format!("{modifier}band = -1\n"), 6, "error-rule-shift-no-bands"),
        (format!("{modifier}percent = -10\n"), 8, "error-rule-percent"),
        (format!("{modifier}less = \"1.00\"\nof = \"base\"\n"), 6, "error-rule-of-base"),
        (format!("{modifier}less = \"1.00\"\nafter = 5\n"), 6, "error-rule-each"),
        (format!("{modifier}price = \"1.00\"\neach = \"absence_days\"\n"), 6, "error-rule-each"),
        (format!("{modifier}less = \"resident\"\n"), 8, "error-rule-fact-no-amount"),
        (format!("{fact}any_of = \"minors_in_household >= 3\"\n"), 9, "error-rule-any-of"),
        (format!("{fact}any_of = []\n"), 9, "error-rule-any-of"),
        (format!("{fact}of = \"child_order\"\nranges = [\"1-3\", \"2+\"]\n"), 10, "error-rule-row-twice"),
        (format!("{fact}of = \"child_order\"\nranges = []\n"), 10, "error-rule-ranges"),
        (format!("{rates}due = \"02-29\"\npercent = \"50\"\n"), 9, "error-rule-due"),
        (format!("{rates}due = \"09-30\"\npercent = \"50\"\n"), 9, "error-rule-due-twice"),
        (format!("{rates}due = \"10-30\"\npercent = \"-50\"\n"), 9, "error-rule-instalment-percent"),
        (format!("{rates}due = \"10-30\"\npercent = \"150\"\n"), 9, "error-rule-instalment-percent"),
        (format!("{rates}due = \"10-30\"\npercent = \"100\"\nwhen = {{ days_present = {{ from = 5 }} }}\n[[instalment]]\ndue = \"11-30\"\npercent = \"50\"\n"), 12, "error-rule-instalment-late"),
        (format!("{fact}of = \"absence_days\"\nranges = [\"0-5\", \"6+\"]\n[[instalment]]\ndue = \"10-30\"\npercent = \"100\"\n[[instalment]]\ndue = \"10-30\"\npercent = \"100\"\nwhen = {{ not = {{ x = \"6+\" }} }}\n"), 17, "error-rule-instalment-late"),
        ("price = \"5.00\"\n[[siblings]]\ncode = \"n\"\nlabel = \"n\"\nwho = \"minors\"\nservices = [\"nido\"]\n".to_owned(), 6, "error-rule-sibling-services"),
        ("price = \"5.00\"\nrounding = { mode = \"halfup\" }\n".to_owned(), 6, "error-rule-word-meant"),
    ] {
        let found = faults(&format!("{head}{rest}"));
        assert_eq!(found.len(), 1, "{rest}: {found:?}");
        assert_eq!((found[0].0, found[0].2), (line, key), "{rest}: {found:?}");
    }
    let file = |text: &str| faults(text)[0].clone();
    assert_eq!(
        file("name = \"x\"\n[component]\ncode = \"m\"\n").2,
        "error-rule-one-bracket"
    );
}

/// A comment that looks like an example shifts no line.
#[test]
fn an_example_is_found_where_it_stands() {
    let source = "name = \"x\"\n[[component]]\ncode = \"m\"\nunit = \"meal\"\nprice = \"4.50\"\n# [[case]]\n[[case]]\nwhat = \"a\"\nwith = { meals = 1 }\nexpect = \"4.50\"\n[[case]]\nwhat = \"b\"\nwith = { meals = 2 }\nexpect = \"9.10\"\n";
    let found = faults(source);
    assert_eq!(
        (found.len(), found[0].0, found[0].2),
        (1, 11, "error-rule-case")
    );
}

/// What was published before it was a fault goes on pricing; nothing new like it is published.
#[test]
fn a_published_file_stays_as_good_as_it_was() {
    let source = "name = \"x\"\n[[component]]\ncode = \"m\"\nunit = \"meal\"\nby = \"child_order\"\nis = { \"1\" = \"5.00\", \"3+\" = \"3.00\" }\n";
    assert!(parse_published(source).is_ok());
    assert!(parse(source).is_err());
    let whole = source.replace("3+", "2+");
    assert!(check(&whole).is_ok());
    let none = ready(&whole).unwrap_err();
    assert_eq!((none.len(), none[0].text.key), (1, "error-rule-no-cases"));
}

#[test]
fn a_file_of_an_old_editor_is_refused_with_the_way_out() {
    let refused = text_of(b"name = \"Citt\xe0\"".to_vec());
    assert!(matches!(refused, Err(Error::Refused(text)) if text.text.key == "error-rule-not-utf8"));
    assert_eq!(
        text_of("name = \"Città\"".into()).unwrap(),
        "name = \"Città\""
    );
}
