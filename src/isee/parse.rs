//! The file of a comune's ISEE rule (TOML, docs/isee.md) becomes a [`Policy`], or a list of faults
//! that each name their line and say what to write instead.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::rules::{
    BillingRun, Corrente, Deadline, Looks, MonthException, Policy, Since, Start, Until, YearDay,
};
use crate::base::{Error, FieldError, Text};

/// The longest rule, in characters.
pub const LONGEST: usize = 20_000;

/// What is wrong in a rule, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub text: Text,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    name: Spanned<String>,
    act: Option<String>,
    #[serde(default)]
    omissions: Omissions,
    #[serde(default)]
    start: StartFile,
    #[serde(default)]
    end: EndFile,
    hold_bills_until: Option<Spanned<String>>,
    #[serde(default)]
    late: Late,
    late_due_days: Option<Spanned<i64>>,
}

/// What becomes of the difference that a late ISEE makes.
#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Late {
    #[default]
    Wait,
    Post,
}

/// Days to pay a difference, where the rule does not say.
const LATE_DUE_DAYS: i64 = 30;

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Omissions {
    #[default]
    Accepted,
    Refused,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct StartFile {
    #[serde(default)]
    looks_at: Looks,
    from: Option<Spanned<Since>>,
    by_day: Option<Spanned<i64>>,
    by: Option<Spanned<String>>,
    #[serde(rename = "else")]
    late: Option<Spanned<Since>>,
    #[serde(default)]
    exceptions: Vec<Spanned<ExceptionFile>>,
    #[serde(default)]
    retroactive: bool,
    billing_day: Option<Spanned<i64>>,
    bills: Option<Spanned<Bills>>,
    requests_until: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExceptionFile {
    month: i64,
    by_day: i64,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Bills {
    PreviousMonth,
    SameMonth,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndFile {
    #[serde(default)]
    until: UntilFile,
    last_day: Option<Spanned<String>>,
    corrente: Option<CorrenteFile>,
    corrente_months: Option<Spanned<i64>>,
}

#[derive(Clone, Copy, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum UntilFile {
    #[default]
    Own,
    Extended,
    FollowingYear,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CorrenteFile {
    WhileValid,
    Refused,
}

/// Reads a rule.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(source: &str) -> Result<Policy, Vec<PolicyFault>> {
    let mut reader = Reader {
        source,
        faults: Vec::new(),
    };
    let policy = reader.file();
    match policy {
        Some(policy) if reader.faults.is_empty() => Ok(policy),
        _ => Err(reader.faults),
    }
}

/// The faults of a rule as one error, each as the "field" at its line.
pub fn into_error(faults: Vec<PolicyFault>) -> Error {
    let field = |fault: PolicyFault| FieldError::new(format!("line {}", fault.line), fault.text);
    Error::Invalid(faults.into_iter().map(field).collect())
}

struct Reader<'a> {
    source: &'a str,
    faults: Vec<PolicyFault>,
}

impl Reader<'_> {
    fn fault(&mut self, span: &Range<usize>, text: Text) {
        let before = self.source.get(..span.start).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        self.faults.push(PolicyFault { line, text });
    }

    fn file(&mut self) -> Option<Policy> {
        if self.source.chars().count() > LONGEST {
            let text = Text::new("error-too-long").with("max", LONGEST);
            self.fault(&(0..0), text);
            return None;
        }
        let file: PolicyFile = match toml::from_str(self.source) {
            Ok(file) => file,
            Err(error) => {
                let text = Text::new("error-rule-toml").with("message", error.message());
                self.fault(&error.span().unwrap_or(0..0), text);
                return None;
            }
        };
        if file.name.get_ref().trim().is_empty() {
            self.fault(&file.name.span(), Text::new("error-required"));
        }
        let post_late = self.post_late(&file);
        let until = self.until(&file.end);
        let corrente = self.corrente(&file.end);
        Some(Policy {
            name: file.name.into_inner().trim().to_owned(),
            act: file.act,
            accepts_omissions: file.omissions == Omissions::Accepted,
            start: self.start(file.start),
            until,
            corrente,
            hold_bills_until: self.year_day(file.hold_bills_until.as_ref()),
            post_late,
        })
    }

    fn post_late(&mut self, file: &PolicyFile) -> Option<i64> {
        match (file.late, &file.late_due_days) {
            (Late::Wait, None) => None,
            (Late::Wait, Some(days)) => {
                self.fault(&days.span(), Text::new("error-policy-late-days-alone"));
                None
            }
            (Late::Post, None) => Some(LATE_DUE_DAYS),
            (Late::Post, Some(days)) if (1..=365).contains(days.get_ref()) => Some(*days.get_ref()),
            (Late::Post, Some(days)) => {
                self.fault(&days.span(), Text::new("error-policy-late-days"));
                None
            }
        }
    }

    fn start(&mut self, file: StartFile) -> Start {
        let from = file
            .from
            .as_ref()
            .map_or(Since::Own, |from| *from.get_ref());
        let deadline = self.deadline(&file);
        let exceptions = self.exceptions(&file);
        self.no_silent_cut(&file, from, deadline);
        let run = self.run(&file, from, deadline);
        Start {
            looks: file.looks_at,
            from,
            deadline,
            exceptions,
            // The own first day is the DSU's; it is not moved.
            retroactive: file.retroactive || (from == Since::Own && deadline.is_none()),
            run,
            requests_until: self.year_day(file.requests_until.as_ref()),
        }
    }

    fn deadline(&mut self, file: &StartFile) -> Option<(Deadline, Since)> {
        let deadline = match (&file.by_day, &file.by) {
            (Some(day), Some(_)) => {
                self.fault(&day.span(), Text::new("error-policy-two-deadlines"));
                return None;
            }
            (Some(day), None) => self.day_of_month(day).map(Deadline::DayOfMonth),
            (None, Some(day)) => self.year_day(Some(day)).map(Deadline::DayOfYear),
            (None, None) => {
                if let Some(late) = &file.late {
                    self.fault(&late.span(), Text::new("error-policy-else-alone"));
                }
                return None;
            }
        };
        let (by_day, by) = (file.by_day.as_ref(), file.by.as_ref());
        let span = by_day.map(Spanned::span).or(by.map(Spanned::span));
        let span = span.unwrap_or(0..0);
        if file.from.is_none() {
            self.fault(&span, Text::new("error-policy-no-from"));
        }
        let Some(late) = &file.late else {
            self.fault(&span, Text::new("error-policy-no-else"));
            return None;
        };
        Some((deadline?, *late.get_ref()))
    }

    fn exceptions(&mut self, file: &StartFile) -> Vec<MonthException> {
        let monthly = file.by_day.is_some();
        let mut exceptions: Vec<MonthException> = Vec::new();
        for raw in &file.exceptions {
            let one = raw.get_ref();
            let read = match (i8::try_from(one.month), i8::try_from(one.by_day)) {
                (Ok(month @ 1..=12), Ok(by_day @ 1..=31)) => MonthException { month, by_day },
                _ => {
                    self.fault(&raw.span(), Text::new("error-policy-exception"));
                    continue;
                }
            };
            if exceptions.iter().any(|known| known.month == read.month) {
                self.fault(&raw.span(), Text::new("error-policy-exception-twice"));
            } else if !monthly {
                self.fault(&raw.span(), Text::new("error-policy-exception-alone"));
            }
            exceptions.push(read);
        }
        exceptions
    }

    /// 1 January is before the month of most days: a rule that says so must also mean it.
    fn no_silent_cut(
        &mut self,
        file: &StartFile,
        from: Since,
        deadline: Option<(Deadline, Since)>,
    ) {
        let in_january = |deadline| match deadline {
            Deadline::DayOfYear(day) => day < YearDay::FEBRUARY,
            Deadline::DayOfMonth(_) => false,
        };
        let from_reaches_back =
            from == Since::January && !deadline.is_some_and(|(deadline, _)| in_january(deadline));
        let wrong = match &file.late {
            Some(late) if *late.get_ref() == Since::January => Some(late),
            _ => file.from.as_ref().filter(|_| from_reaches_back),
        };
        if let Some(from) = wrong.filter(|_| !file.retroactive) {
            self.fault(&from.span(), Text::new("error-policy-retroactive"));
        }
    }

    fn run(
        &mut self,
        file: &StartFile,
        from: Since,
        deadline: Option<(Deadline, Since)>,
    ) -> BillingRun {
        let late = deadline.map(|(_, late)| late);
        let speaks_of_run = |start: Since| from == start || late == Some(start);
        match (&file.billing_day, speaks_of_run(Since::BillingRun)) {
            (None, true) => {
                let span = file.from.as_ref().map_or(0..0, Spanned::span);
                self.fault(&span, Text::new("error-policy-no-billing-day"));
            }
            (Some(day), false) => {
                self.fault(&day.span(), Text::new("error-policy-run-alone"));
            }
            _ => {}
        }
        if let Some(bills) = &file.bills
            && !speaks_of_run(Since::BillingRun)
            && !speaks_of_run(Since::MonthEnd)
        {
            self.fault(&bills.span(), Text::new("error-policy-run-alone"));
        }
        let day = file.billing_day.as_ref();
        BillingRun {
            day: day.and_then(|day| self.day_of_month(day)).unwrap_or(1),
            bills_month_before: file
                .bills
                .as_ref()
                .is_none_or(|bills| *bills.get_ref() == Bills::PreviousMonth),
        }
    }

    fn until(&mut self, file: &EndFile) -> Until {
        let day = self.year_day(file.last_day.as_ref());
        match (file.until, &file.last_day) {
            (UntilFile::Own, Some(text)) => {
                self.fault(&text.span(), Text::new("error-policy-last-day-alone"));
                Until::Own
            }
            (UntilFile::Own, None) => Until::Own,
            (UntilFile::Extended, _) => Until::Extended(day.unwrap_or(YearDay::SCHOOL_YEAR_END)),
            (UntilFile::FollowingYear, _) => {
                Until::FollowingYear(day.unwrap_or(YearDay::SCHOOL_YEAR_END))
            }
        }
    }

    fn corrente(&mut self, file: &EndFile) -> Corrente {
        match (file.corrente, &file.corrente_months) {
            (Some(CorrenteFile::Refused), Some(months)) => {
                self.fault(&months.span(), Text::new("error-policy-corrente"));
                Corrente::Refused
            }
            (Some(CorrenteFile::Refused), None) => Corrente::Refused,
            (_, Some(months)) => match i8::try_from(*months.get_ref()) {
                Ok(count @ 1..=12) => Corrente::Months(count),
                _ => {
                    self.fault(&months.span(), Text::new("error-policy-corrente"));
                    Corrente::WhileValid
                }
            },
            (_, None) => Corrente::WhileValid,
        }
    }

    fn day_of_month(&mut self, day: &Spanned<i64>) -> Option<i8> {
        match i8::try_from(*day.get_ref()) {
            Ok(day @ 1..=31) => Some(day),
            _ => {
                self.fault(&day.span(), Text::new("error-policy-day"));
                None
            }
        }
    }

    fn year_day(&mut self, text: Option<&Spanned<String>>) -> Option<YearDay> {
        let text = text?;
        let day = YearDay::parse(text.get_ref());
        if day.is_none() {
            self.fault(&text.span(), Text::new("error-policy-year-day"));
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(rest: &str) -> Vec<(usize, &'static str)> {
        let faults = parse(&format!("name = \"Regola\"\n{rest}")).unwrap_err();
        faults.into_iter().map(|f| (f.line, f.text.key)).collect()
    }

    #[test]
    fn every_fault_says_where_it_is() {
        for (rest, line, key) in [
            ("[start]\nform = \"month\"\n", 3, "error-rule-toml"),
            ("[start]\nfrom = \"tomorrow\"\n", 3, "error-rule-toml"),
            (
                "[start]\nfrom = \"month\"\nby_day = 15\n",
                4,
                "error-policy-no-else",
            ),
            (
                "[start]\nby_day = 15\nelse = \"month_after\"\n",
                3,
                "error-policy-no-from",
            ),
            (
                "[start]\nfrom = \"month\"\nelse = \"month_after\"\n",
                4,
                "error-policy-else-alone",
            ),
            (
                "[start]\nfrom = \"month\"\nby_day = 15\nby = \"01-31\"\nelse = \"never\"\n",
                4,
                "error-policy-two-deadlines",
            ),
            (
                "[start]\nfrom = \"month\"\nby_day = 32\nelse = \"never\"\n",
                4,
                "error-policy-day",
            ),
            (
                "[start]\nfrom = \"month\"\nby = \"02-29\"\nelse = \"never\"\n",
                4,
                "error-policy-year-day",
            ),
            (
                "[start]\nfrom = \"month\"\nby_day = 15\nelse = \"never\"\nexceptions = [{month = 13, by_day = 3}]\n",
                6,
                "error-policy-exception",
            ),
            (
                "[start]\nfrom = \"month\"\nexceptions = [{month = 9, by_day = 30}]\n",
                4,
                "error-policy-exception-alone",
            ),
            (
                "[start]\nfrom = \"january\"\n",
                3,
                "error-policy-retroactive",
            ),
            (
                "[start]\nfrom = \"billing_run\"\n",
                3,
                "error-policy-no-billing-day",
            ),
            (
                "[start]\nfrom = \"month\"\nbilling_day = 5\n",
                4,
                "error-policy-run-alone",
            ),
            (
                "[start]\nfrom = \"month\"\nbills = \"same_month\"\n",
                4,
                "error-policy-run-alone",
            ),
            (
                "[start]\nfrom = \"month\"\nby_day = 32\nelse = \"never\"\nexceptions = [{month = 9, by_day = 3}]\n",
                4,
                "error-policy-day",
            ),
            (
                "[end]\nlast_day = \"08-31\"\n",
                3,
                "error-policy-last-day-alone",
            ),
            ("[end]\ncorrente_months = 0\n", 3, "error-policy-corrente"),
            ("hold_bills_until = \"28-02\"\n", 2, "error-policy-year-day"),
            ("late_due_days = 30\n", 2, "error-policy-late-days-alone"),
            (
                "late = \"post\"\nlate_due_days = 0\n",
                3,
                "error-policy-late-days",
            ),
            ("late = \"never\"\n", 2, "error-rule-toml"),
        ] {
            assert_eq!(faults(rest), [(line, key)], "{rest}");
        }
        assert_eq!(parse("name = \" \"\n").unwrap_err()[0].line, 1);
        assert!(parse("").is_err());
    }

    #[test]
    fn differences_of_late_isees_wait_unless_the_rule_says_otherwise() {
        let days = |rest: &str| {
            let policy = parse(&format!("name = \"Regola\"\n{rest}"));
            policy.unwrap().post_late
        };
        assert_eq!(days(""), None);
        assert_eq!(days("late = \"wait\"\n"), None);
        assert_eq!(days("late = \"post\"\n"), Some(30));
        assert_eq!(days("late = \"post\"\nlate_due_days = 45\n"), Some(45));
    }

    #[test]
    fn a_rule_that_says_nothing_counts_as_recorded() {
        let policy = parse("name = \"Regola\"\n").unwrap();
        assert_eq!(
            Policy {
                name: String::new(),
                ..policy
            },
            Policy::default()
        );
    }
}
