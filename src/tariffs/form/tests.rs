use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::*;
use crate::tariffs::{check, parse};

/// Every rule that comes with the project, with its name.
fn published() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/tariffs");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    let named = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    files.iter().map(named).collect()
}

/// The fields that the page would send for a form.
fn fields(form: &RuleForm) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    let mut put = |name: String, value: &str| fields.insert(name, value.to_owned());
    for (name, value) in [
        ("name", &form.name),
        ("act", &form.act),
        ("mode", &form.mode),
        ("place", &form.place),
        ("to", &form.to),
        ("siblings", &form.siblings),
        ("at_least", &form.at_least),
        ("at_most", &form.at_most),
        ("top_up", &form.top_up),
    ] {
        put(name.to_owned(), value);
    }
    for (n, c) in form.components.iter().enumerate() {
        let name = |field: &str| format!("component-{n}-{field}");
        for (field, value) in [
            ("at", &c.at),
            ("code", &c.code),
            ("label", &c.label),
            ("unit", &c.unit),
            ("kind", &c.kind),
            ("price", &c.price),
            ("no_isee", &c.no_isee),
            ("non_resident", &c.non_resident),
            ("non_resident_price", &c.non_resident_price),
            ("most", &c.most),
        ] {
            put(name(field), value);
        }
        for (b, band) in c.bands.iter().enumerate() {
            for (field, value) in [
                ("to", &band.to),
                ("price", &band.price),
                ("last", &band.last),
                ("from", &band.from),
            ] {
                put(name(&format!("band-{b}-{field}")), value);
            }
        }
    }
    for (n, m) in form.modifiers.iter().enumerate() {
        let name = |field: &str| format!("modifier-{n}-{field}");
        for (field, value) in [
            ("at", &m.at),
            ("label", &m.label),
            ("effect", &m.effect),
            ("value", &m.value),
            ("group", &m.group),
        ] {
            put(name(field), value);
        }
        for at in
            m.on.iter()
                .enumerate()
                .filter_map(|(at, on)| on.then_some(at))
        {
            put(name(&format!("on-{at}")), "1");
        }
        for (c, condition) in m.conditions.iter().enumerate() {
            put(name(&format!("when-{c}-what")), &condition.what);
            put(name(&format!("when-{c}-from")), &condition.from);
            put(name(&format!("when-{c}-to")), &condition.to);
        }
    }
    let mut columns: Vec<String> = Vec::new();
    for (n, case) in form.cases.iter().enumerate() {
        for (field, value) in [
            ("at", &case.at),
            ("what", &case.what),
            ("isee", &case.isee),
            ("expect", &case.expect),
        ] {
            put(format!("case-{n}-{field}"), value);
        }
        for (code, value) in &case.facts {
            put(format!("case-{n}-fact-{code}"), value);
            columns.push(code.clone());
        }
    }
    put("columns".to_owned(), &columns.join(","));
    fields
}

fn sent(form: &RuleForm) -> RuleForm {
    let fields = fields(form);
    RuleForm::from_fields(&|name| fields.get(name).cloned())
}

#[test]
fn a_form_that_nobody_changed_changes_no_letter() {
    let published = published();
    assert_eq!(published.len(), 21);
    for (name, source) in published {
        let form = RuleForm::of(&source).unwrap();
        assert_eq!(sent(&form).write(&source).unwrap(), source, "{name}");
    }
}

/// Every section is new, so that all that the form shows is written, and only that.
#[test]
fn what_the_form_shows_is_written_so_that_it_prices_the_same() {
    let mut whole = 0;
    for (name, source) in published() {
        let form = RuleForm::of(&source).unwrap();
        let parts = form.components.iter().map(|c| &c.only_text);
        let parts = parts.chain(form.modifiers.iter().map(|m| &m.only_text));
        let parts = parts.chain(form.cases.iter().map(|c| &c.only_text));
        if parts
            .chain([&form.only_text])
            .any(|only_text| !only_text.is_empty())
        {
            continue;
        }
        whole += 1;
        let mut form = sent(&form);
        form.components.iter_mut().for_each(|c| c.at.clear());
        form.modifiers.iter_mut().for_each(|m| m.at.clear());
        form.cases.iter_mut().for_each(|c| c.at.clear());
        let written = form.write("").unwrap();
        let (old, new) = (parse(&source).unwrap(), check(&written));
        let new = new.unwrap_or_else(|faults| panic!("{name}: {faults:?}\n{written}"));
        assert_eq!(old, new, "{name}:\n{written}");
        let again = RuleForm::of(&written).unwrap();
        assert_eq!(again.components.len(), form.components.len());
    }
    assert!(whole >= 8, "only {whole} rules are wholly shown");
}

const RULE: &str = "# della Giunta\nname = \"Mensa\" # breve\n\n[[fact]]\ncode = \"late\"\nlabel = \"tardi\"\nkind = \"flag\"\n\n[[component]]\ncode = \"meal\" # il pasto\nunit = \"meal\"\nprice = \"4.50\"\n\n# sconto\n[[modifier]]\nlabel = \"secondo figlio\"\nwhen = { child_order = 2, school = \"Collodi\" }\npercent = \"-10\"\n\n[[case]]\nwhat = \"uno\"\nwith = { meals = 1 }\nexpect = \"4.50\"\n";

#[test]
fn comments_and_what_the_form_does_not_show_stay() {
    let mut form = RuleForm::of(RULE).unwrap();
    assert_eq!(form.only_text, ["fact"]);
    assert_eq!(form.modifiers[0].only_text, ["when, school"]);
    form.components[0].price = "4,80".to_owned();
    form.cases[0].expect = "4,80".to_owned();
    form.modifiers[0].conditions[0].to = String::new();
    let written = sent(&form).write(RULE).unwrap();
    for kept in [
        "# della Giunta",
        "# breve",
        "# il pasto",
        "# sconto",
        "school = \"Collodi\"",
        "[[fact]]",
    ] {
        assert!(written.contains(kept), "no {kept} in:\n{written}");
    }
    assert!(written.contains("price = \"4.80\""), "{written}");
    assert!(written.contains("child_order = { from = 2 }"), "{written}");
    assert!(check(&written).is_ok(), "{written}");
}

#[test]
fn lissone_is_entered_from_nothing() {
    let mut form = RuleForm::of("").unwrap();
    form.name = "Refezione scolastica".to_owned();
    form.press("add-component");
    form.press("isee-component-0");
    for _ in 0..3 {
        form.press("add-band-0");
    }
    form.components[0].unit = "meal".to_owned();
    form.components[0].no_isee = "4,50".to_owned();
    let bands = [
        ("2.000", "0,50"),
        ("4.000", "1,35"),
        ("7.000", "2,55"),
        ("11.000", "3,05"),
        ("15.000", "3,65"),
        ("25.000", "4,10"),
        ("", "4,50"),
    ];
    for (band, (to, price)) in form.components[0].bands.iter_mut().zip(bands) {
        band.to = to.to_owned();
        band.price = price.to_owned();
    }
    form.press("add-case");
    form.cases[0].what = "ISEE 11.000,01, 16 pasti".to_owned();
    form.cases[0].isee = "11.000,01".to_owned();
    form.cases[0]
        .facts
        .insert("meals".to_owned(), "16".to_owned());
    form.cases[0].expect = "58,40".to_owned();
    let written = sent(&form).write("").unwrap();
    let entered = check(&written).unwrap();
    let published = include_str!("../../../examples/tariffs/lissone-mensa.toml");
    assert_eq!(
        entered.components,
        parse(published).unwrap().components,
        "{written}"
    );
}

#[test]
fn what_is_no_number_is_named_by_its_field() {
    let mut form = RuleForm::of(RULE).unwrap();
    form.components[0].price = "quattro".to_owned();
    form.cases[0]
        .facts
        .insert("meals".to_owned(), "-1".to_owned());
    let faults = sent(&form).write(RULE).unwrap_err();
    let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["component-0-price", "case-0-fact-meals"]);
}

#[test]
fn who_goes_takes_its_place_along() {
    let source = format!(
        "{RULE}\n[[component]]\ncode = \"fixed\"\nunit = \"month\"\nprice = \"5.00\"\n\n[[modifier]]\nlabel = \"giugno\"\non = [\"fixed\"]\nwhen = {{ month = 6 }}\nless = \"1.00\"\n"
    );
    let mut form = RuleForm::of(&source).unwrap();
    assert_eq!(form.modifiers[1].on, [false, true]);
    form.press("remove-component-0");
    form.press("up-modifier-1");
    let written = sent(&form).write(&source).unwrap();
    let rule = parse(&written).unwrap();
    assert_eq!(rule.components.len(), 1);
    assert_eq!(rule.modifiers[0].label, "giugno", "{written}");
    assert_eq!(rule.modifiers[0].on, ["fixed"]);
}

#[test]
fn rows_that_were_left_blank_are_not_written() {
    let mut form = RuleForm::of(RULE).unwrap();
    form.press("add-case");
    form.press("add-modifier");
    assert_eq!(sent(&form).write(RULE).unwrap(), RULE);
}

/// Groups of siblings are told in the text only, and what the form says of siblings leaves them alone.
#[test]
fn groups_of_siblings_stay_as_they_were_written() {
    let source = include_str!("../../../examples/language/siblings-of-other-services.toml");
    let mut form = RuleForm::of(source).unwrap();
    assert!(form.only_text.contains(&"siblings".to_owned()));
    assert_eq!(sent(&form).write(source).unwrap(), source);
    form.siblings = "minors".to_owned();
    assert_eq!(form.write(source).unwrap(), source);
}
