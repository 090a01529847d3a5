//! Every statement that the other tests ran, looked at with `explain query plan`: no scan of a
//! table that grows with the families and the years.
//!
//! `tests/run` has the debug build write its statements into a file (`CAMPANELLA_RECORD_SQL`) while
//! the suite runs, then runs this test on that file.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeSet;

use rusqlite::Connection;

/// Tables whose rows grow with families, days or time.
const GROWING: &[&str] = &[
    "person",
    "identity_link",
    "household_member",
    "household_left",
    "residence",
    "guardianship",
    "session",
    "login_log",
    "draft",
    "document",
    "document_content",
    "application",
    "application_event",
    "application_state",
    "application_attachment",
    "application_live",
    "enrolment",
    "child_diet",
    "interruption",
    "isee",
    "isee_withdrawal",
    "cancellation",
    "register",
    "register_mark",
    "charge",
    "account",
    "account_balance",
    "ledger_entry",
    "imported_entry",
    "transfer",
    "transfer_part",
    "write_off",
    "refund",
    "reminder",
    "collection_act",
    "collection_letter",
    "what_if_part",
    "receipt_placement",
    "refund_transfer",
    "suspension",
    "payment_notice",
    "plan",
    "plan_debt",
    "plan_instalment",
    "cart",
    "receipt",
    "partner_file",
    "partner_position",
    "partner_number",
    "settled_payment",
    "settlement_flow",
    "settlement_revision",
    "settlement_row",
    "treasury_line",
    "treasury_match",
    "settlement_decision",
    "cash_desk_receipt",
    "cash_desk_cancellation",
    "cash_desk_deposit",
    "attestation",
    "message",
    "message_thread",
    "job",
    "outbox",
    "request_key",
    "audit_entry",
    "feedback",
];

/// Statements that may go through a whole table, and why: the beginning of the statement with its
/// white space folded.
const ALLOWED: &[(&str, &str)] = &[
    (
        "select e.id, e.at, e.actor",
        "campanella check reads the whole audit chain",
    ),
    (
        "select count(*) from charge c where",
        "campanella check looks at everything",
    ),
    (
        "select count(*) from ledger_entry e where",
        "campanella check looks at everything",
    ),
    (
        "select count(*) from payment_notice n where n.amount <>",
        "campanella check looks at everything",
    ),
    (
        "select count(*) from receipt r",
        "campanella check looks at everything",
    ),
    (
        "select count(*) from ( select 1 from cash_desk_receipt",
        "campanella check looks at everything",
    ),
    (
        "select count(*) from cash_desk_receipt d",
        "campanella check looks at everything",
    ),
    (
        "select count(*) from imported_entry i",
        "campanella check looks at everything",
    ),
    ("/* export */", "an export writes everything"),
    (
        "delete from session where staff_id",
        "an account is disabled or gets a new password, a few times a year",
    ),
    (
        "/* whole */",
        "debts are all accounts below zero, credits all above it: for a page of the office",
    ),
    (
        "select count(*) from transfer t",
        "campanella check looks at everything",
    ),
    (
        "select count(*) from write_off w",
        "campanella check looks at everything",
    ),
    (
        "select count(*) from refund r where (r.state in",
        "campanella check looks at everything",
    ),
    ("/* backup */", "a backup counts everything"),
    (
        "/* verify */",
        "the administrator looks for a file by its hash",
    ),
    ("/* import */", "the control figures of an import, once"),
    (
        "select count(*) from settled_payment p",
        "campanella check looks at everything",
    ),
    (
        "select count(*) from settlement_flow f where f.credited",
        "campanella check looks at everything",
    ),
    (
        "select count(*) from plan l",
        "campanella check looks at everything",
    ),
    (
        "select count(*) from interruption i",
        "campanella check looks at everything",
    ),
    (
        "select count(*) from account a where a.kind",
        "campanella check looks at everything",
    ),
    (
        "select count(*) from application a where not",
        "campanella check looks at everything",
    ),
    (
        "select count(*) from person p where",
        "campanella check looks at everything",
    ),
    (
        "select id from document order by id",
        "campanella check looks at everything",
    ),
    (
        "select a.payer_id, a.public_id, substr",
        "the demo plans its payments once",
    ),
    (
        "select p.public_id, p.surname || ' ' || p.name, l.fiscal",
        "the demo's list of people",
    ),
    (
        "insert into service (public_id",
        "a handful of services, when the comune is founded",
    ),
    (
        "select count(distinct payer_id) from account",
        "once, when a year is attested",
    ),
    (
        "select r.public_id, r.receipt_key",
        "the partial index of the few in suspense",
    ),
];

fn schema() -> Connection {
    let db = Connection::open_in_memory().unwrap();
    db.execute_batch(include_str!("../schema.sql")).unwrap();
    db
}

/// The growing tables that a statement scans; `None` when it is not a statement of the schema.
fn scanned(db: &Connection, sql: &str) -> Option<Vec<String>> {
    let mut statement = db.prepare(&format!("explain query plan {sql}")).ok()?;
    let values = vec![rusqlite::types::Null; statement.parameter_count()];
    let rows = statement.query_map(rusqlite::params_from_iter(values), |row| {
        row.get::<_, String>(3)
    });
    let plan: Vec<String> = rows.ok()?.filter_map(Result::ok).collect();
    let aliases = aliases(sql);
    let scans = plan.iter().filter_map(|step| {
        let name = step.strip_prefix("SCAN ")?.split_whitespace().next()?;
        let table = aliases
            .iter()
            .find(|(alias, _)| alias == name)
            .map_or(name, |(_, t)| t);
        GROWING
            .contains(&table)
            .then(|| format!("{step} ({table})"))
    });
    Some(scans.collect())
}

/// A full unique index on a column that may be null lures the planner: it takes `is null` for one
/// row, and reads all those that have none.
#[test]
fn a_unique_column_that_may_be_null_has_a_partial_index() {
    let sql = "select m.name || '.' || c.name from sqlite_master m
               join pragma_index_list(m.name) i join pragma_index_info(i.name) x
               join pragma_table_info(m.name) c on c.cid = x.cid
               where m.type = 'table' and i.\"unique\" = 1 and i.partial = 0 and x.seqno = 0
                 and c.\"notnull\" = 0 and c.pk = 0";
    let db = schema();
    let mut statement = db.prepare(sql).unwrap();
    let found: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    assert_eq!(found, Vec::<String>::new());
}

/// `from enrolment e` makes `e` a name of `enrolment`.
fn aliases(sql: &str) -> Vec<(String, String)> {
    let words: Vec<&str> = sql
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .filter(|w| !w.is_empty())
        .collect();
    words
        .windows(2)
        .filter(|pair| GROWING.contains(&pair[0]) && !GROWING.contains(&pair[1]))
        .map(|pair| (pair[1].to_owned(), pair[0].to_owned()))
        .collect()
}

/// The program's own sources with white space folded, without their tests: statements that only
/// tests ask are not looked at.
fn product() -> String {
    fn walk(folder: &std::path::Path, all: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let test = path.ends_with("tests.rs") || path.ends_with("testing.rs");
            if path.is_dir() {
                walk(&path, all);
            } else if !test {
                let text = std::fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]").next().unwrap_or("").to_owned();
                all.push_str(&text.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
    }
    let mut all = String::new();
    walk(
        &std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut all,
    );
    all
}

#[test]
fn no_statement_scans_a_table_that_grows() {
    let Some(file) = std::env::var_os("CAMPANELLA_RECORDED_SQL") else {
        println!("skipped: query plans (CAMPANELLA_RECORDED_SQL names no file; tests/run does)");
        return;
    };
    let text = std::fs::read_to_string(file).unwrap();
    let statements: BTreeSet<&str> = text
        .lines()
        .filter(|line| !line.starts_with("--"))
        .collect();
    let db = schema();
    let (mut looked_at, mut wrong) = (0, Vec::new());
    let product = product();
    for sql in &statements {
        // A short statement must stand in the source whole, a long one with its beginning.
        let start = match sql.char_indices().nth(90) {
            Some((end, _)) => sql[..end].to_owned(),
            None => format!("{sql}\""),
        };
        // The newest rows by key are read from the end: no scan, though the plan says so.
        if !product.contains(&start) || sql.contains("order by id desc limit") {
            continue;
        }
        let Some(scans) = scanned(&db, sql) else {
            continue;
        };
        looked_at += 1;
        let allowed = ALLOWED.iter().any(|(start, _)| sql.starts_with(start));
        if !scans.is_empty() && !allowed {
            wrong.push(format!("{sql}\n    {}", scans.join("\n    ")));
        }
    }
    println!("{looked_at} statements looked at");
    assert!(looked_at > 100, "only {looked_at} statements were recorded");
    assert!(
        wrong.is_empty(),
        "{} statements scan:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_scan_is_found() {
    let db = schema();
    let scan = scanned(&db, "select amount from charge c where c.amount > ?1").unwrap();
    assert_eq!(scan.len(), 1, "{scan:?}");
    let search = scanned(&db, "select amount from charge c where c.account_id = ?1").unwrap();
    assert!(search.is_empty(), "{search:?}");
}
