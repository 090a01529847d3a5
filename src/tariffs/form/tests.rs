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
        ("first_units", &form.first_units),
        ("pack_units", &form.pack_units),
    ] {
        put(name.to_owned(), value);
    }
    let mut extra = Vec::new();
    sections_of(form, &mut extra);
    for (name, value) in extra {
        put(name, &value);
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
            ("count", &c.count),
            ("prorata_of", &c.prorata_of),
            ("prorata_over", &c.prorata_over),
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

fn conditions_sent(all: &mut Vec<(String, String)>, prefix: &str, conditions: &[ConditionForm]) {
    for (c, condition) in conditions.iter().enumerate() {
        let name = |field: &str| format!("{prefix}-{c}-{field}");
        all.push((name("what"), condition.what.clone()));
        all.push((name("from"), condition.from.clone()));
        all.push((name("to"), condition.to.clone()));
    }
}

fn table_sent(all: &mut Vec<(String, String)>, prefix: &str, table: &TableForm) {
    for (at, fact) in table.by.iter().enumerate() {
        all.push((format!("{prefix}-by-{at}"), fact.clone()));
    }
    for (n, row) in table.rows.iter().enumerate() {
        for (at, key) in row.keys.iter().enumerate() {
            all.push((format!("{prefix}-row-{n}-key-{at}"), key.clone()));
        }
        all.push((format!("{prefix}-row-{n}-price"), row.price.clone()));
    }
    all.push((format!("{prefix}-other"), table.other.clone()));
}

/// Declared facts, tables, instalments, aids, and what components concern.
fn sections_of(form: &RuleForm, all: &mut Vec<(String, String)>) {
    for (n, c) in form.components.iter().enumerate() {
        let name = |part: &str| format!("component-{n}-{part}");
        conditions_sent(all, &name("when"), &c.conditions);
        conditions_sent(all, &name("part"), &c.prorata_when);
        table_sent(all, &name("table"), &c.table);
        table_sent(all, &name("noisee"), &c.no_isee_table);
    }
    for (n, f) in form.facts.iter().enumerate() {
        for (field, value) in [
            ("at", &f.at),
            ("code", &f.code),
            ("label", &f.label),
            ("source", &f.source),
            ("of", &f.of),
            ("values", &f.values),
        ] {
            all.push((format!("fact-{n}-{field}"), value.clone()));
        }
        conditions_sent(all, &format!("fact-{n}-when"), &f.any_of);
    }
    for (n, part) in form.instalments.iter().enumerate() {
        for (field, value) in [
            ("at", &part.at),
            ("due", &part.due),
            ("percent", &part.percent),
        ] {
            all.push((format!("instalment-{n}-{field}"), value.clone()));
        }
    }
    for (n, aid) in form.aids.iter().enumerate() {
        for (field, value) in [
            ("at", &aid.at),
            ("by", &aid.by),
            ("percent", &aid.percent),
            ("at_most", &aid.at_most),
            ("at_most_each", &aid.at_most_each),
            ("each", &aid.each),
        ] {
            all.push((format!("aid-{n}-{field}"), value.clone()));
        }
        conditions_sent(all, &format!("aid-{n}-when"), &aid.conditions);
    }
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
        let parts = parts.chain(form.facts.iter().map(|f| &f.only_text));
        let parts = parts.chain(form.aids.iter().map(|a| &a.only_text));
        let parts = parts.chain(form.instalments.iter().map(|i| &i.only_text));
        let left: Vec<&String> = parts.chain([&form.only_text]).flatten().collect();
        if name == "poggibonsi-trasporto.toml" {
            // Each of its ISEE bands has a table of its own.
            assert_eq!(left, ["price"], "{name}");
            continue;
        }
        assert!(left.is_empty(), "{name}: only in the text: {left:?}");
        whole += 1;
        let mut form = sent(&form);
        form.components.iter_mut().for_each(|c| c.at.clear());
        form.modifiers.iter_mut().for_each(|m| m.at.clear());
        form.facts.iter_mut().for_each(|f| f.at.clear());
        form.instalments.iter_mut().for_each(|part| part.at.clear());
        form.aids.iter_mut().for_each(|aid| aid.at.clear());
        form.cases.iter_mut().for_each(|c| c.at.clear());
        let written = form.write("").unwrap();
        let (old, new) = (parse(&source).unwrap(), check(&written));
        let new = new.unwrap_or_else(|faults| panic!("{name}: {faults:?}\n{written}"));
        assert_eq!(old, new, "{name}:\n{written}");
        let again = RuleForm::of(&written).unwrap();
        assert_eq!(again.components.len(), form.components.len());
    }
    assert_eq!(whole, 20, "so many rules are wholly shown");
}

const RULE: &str = "# della Giunta\nname = \"Mensa\" # breve\n\n[[fact]]\ncode = \"late\"\nlabel = \"tardi\"\nkind = \"flag\"\n\n[[component]]\ncode = \"meal\" # il pasto\nunit = \"meal\"\nprice = \"4.50\"\n\n# sconto\n[[modifier]]\nlabel = \"secondo figlio\"\nwhen = { child_order = 2, school = [\"Collodi\", \"Rodari\"] }\npercent = \"-10\"\n\n[[case]]\nwhat = \"uno\"\nwith = { meals = 1 }\nexpect = \"4.50\"\n";

#[test]
fn comments_and_what_the_form_does_not_show_stay() {
    let mut form = RuleForm::of(RULE).unwrap();
    assert!(form.only_text.is_empty());
    assert_eq!(form.modifiers[0].only_text, ["when, school"]);
    assert_eq!(form.facts[0].code, "late");
    form.components[0].price = "4,80".to_owned();
    form.cases[0].expect = "4,80".to_owned();
    form.modifiers[0].conditions[0].to = String::new();
    let written = sent(&form).write(RULE).unwrap();
    for kept in [
        "# della Giunta",
        "# breve",
        "# il pasto",
        "# sconto",
        "school = [\"Collodi\", \"Rodari\"]",
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

#[test]
fn saving_says_how_many_blank_rows_it_took_out() {
    for (name, source) in published() {
        let mut form = RuleForm::of(&source).unwrap();
        let written = form.write(&source).unwrap();
        assert_eq!(form.rows_left_out(&written), 0, "{name}");
        for button in ["fact", "aid", "instalment", "modifier", "case"] {
            form.press(&format!("add-{button}"));
        }
        let written = form.write(&source).unwrap();
        assert_eq!(form.rows_left_out(&written), 5, "{name}");
    }
    // A condition that has numbers and no fact was begun, and not said to be for everybody.
    let (_, source) = published().remove(0);
    let mut form = RuleForm::of(&source).unwrap();
    form.press("add-modifier");
    let modifier = form.modifiers.last_mut().unwrap();
    "sconto".clone_into(&mut modifier.label);
    "10".clone_into(&mut modifier.value);
    assert!(form.write(&source).is_ok());
    let modifier = form.modifiers.last_mut().unwrap();
    "2".clone_into(&mut modifier.conditions[0].from);
    let faults = form.write(&source).unwrap_err();
    assert!(faults[0].field.ends_with("-when-0-what"), "{faults:?}");
}
