//! Received versus due, month by month.

use super::KnownMonth;
use doudi_store::Answered;
use doudi_terms::{Date, Fen, Month, date_from_epoch_day};
use serde_json::Value as Json;

/// Months side by side; older ones are further down in the timeline.
const MOST_MONTHS: usize = 12;

/// Money that came, as the roster of payments has it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Payment {
    pub person_id: String,
    pub item: String,
    pub of: Month,
    pub day: Option<Date>,
    pub fen: i64,
    /// Came back from the bank.
    pub returned: bool,
}

impl Payment {
    pub fn yuan(&self) -> String {
        yuan(self.fen)
    }
}

/// One benefit of the household or of a member.
pub(crate) struct Row {
    pub name: String,
    pub whose: String,
    pub since: Option<Month>,
    /// In the order of the ledger's months.
    pub cells: Vec<Cell>,
}

/// One month of it, in words for people.
#[derive(Clone, Default)]
pub(crate) struct Cell {
    pub month: String,
    pub due: String,
    /// It is an amount, not words.
    pub has_figure: bool,
    pub received: String,
    pub verdict: String,
    pub colour: &'static str,
}

/// All benefits by month.
#[derive(Default)]
pub(crate) struct Ledger {
    /// The oldest first.
    pub months: Vec<Month>,
    pub rows: Vec<Row>,
    /// Whatever came that no programme of the registry asks for.
    pub other: Vec<Payment>,
}

/// What the law says is due.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    Fen(i64),
    Nothing,
    /// Entitled; how much is not known.
    Amount,
    Unknown,
    /// The person was not of the household.
    Absent,
}

impl Ledger {
    /// `only` = of one person: theirs, and what is the whole household's.
    pub fn of(months: &[KnownMonth], only: Option<&str>) -> Ledger {
        let mut shown: Vec<&KnownMonth> = months.iter().take(MOST_MONTHS).collect();
        shown.reverse();
        let Some(latest) = months.first() else { return Ledger::default() };
        let payments = payments(months);
        let mut ledger =
            Ledger { months: shown.iter().map(|month| month.found.month).collect(), ..Ledger::default() };
        let mut used: Vec<&str> = Vec::new();
        for programme in &latest.registry.programmes {
            used.extend(programme.paid_as.as_deref());
            for subject in subjects(&shown, &programme.id, &payments, programme.paid_as.as_deref(), only) {
                let row = Row {
                    name: programme.name.clone(),
                    whose: whose(months, subject.as_deref()),
                    since: since(latest, programme.since.as_deref(), subject.as_deref()),
                    cells: shown
                        .iter()
                        .map(|month| cell(month, &programme.id, subject.as_deref(), &payments))
                        .collect(),
                };
                ledger.rows.push(row);
            }
        }
        ledger.other =
            payments.into_iter().filter(|payment| !used.contains(&payment.item.as_str())).collect();
        ledger.other.retain(|payment| only.is_none_or(|only| payment.person_id == only));
        ledger
    }
}

/// Whom a programme concerns in one of these months; `None` = the household as a whole.
fn subjects(
    months: &[&KnownMonth],
    programme: &str,
    payments: &[Payment],
    paid_as: Option<&str>,
    only: Option<&str>,
) -> Vec<Option<String>> {
    let mut found: Vec<Option<String>> = Vec::new();
    let mut add = |subject: Option<String>| {
        let theirs = only.is_none_or(|only| subject.as_deref().is_none_or(|subject| subject == only));
        if theirs && !found.contains(&subject) {
            found.push(subject);
        }
    };
    let mut of_household = false;
    for month in months {
        let Some((number, entry)) = month.registry.programme(programme) else { continue };
        of_household |= month.law.as_ref().is_some_and(|law| law.household_word() == entry.unit);
        for answer in month.found.answers.iter().filter(|answer| answer.programme == number) {
            // What could only be found out needs no row of its own: it stands among what is not known.
            if answer.entitled == Some(true) || answer.enrolled == Some(true) {
                add(answer
                    .member
                    .and_then(|member| month.found.members.get(member))
                    .map(|(id, _)| id.clone()));
            }
        }
    }
    for payment in payments.iter().filter(|payment| Some(payment.item.as_str()) == paid_as) {
        add((!of_household).then(|| payment.person_id.clone()));
    }
    found
}

fn whose(months: &[KnownMonth], subject: Option<&str>) -> String {
    let Some(subject) = subject else { return "全家".into() };
    let names = months.iter().flat_map(|month| &month.found.members);
    let known =
        names.filter(|(id, name)| id == subject && !name.is_empty()).map(|(_, name)| name.clone()).next();
    known.unwrap_or_else(|| "已不在这一户的人".into())
}

fn since(latest: &KnownMonth, path: Option<&str>, subject: Option<&str>) -> Option<Month> {
    let member = subject.and_then(|id| latest.member(id));
    let index = latest.number(path?, member)?;
    Month::from_index(i32::try_from(index).ok()?)
}

fn cell(month: &KnownMonth, programme: &str, subject: Option<&str>, payments: &[Payment]) -> Cell {
    let due = due(month, programme, subject);
    let received = received(month, programme, subject, payments);
    let (verdict, colour) = verdict(due, received);
    Cell {
        month: month.found.month.to_string(),
        has_figure: matches!(due, Due::Fen(_) | Due::Nothing),
        due: match due {
            Due::Fen(fen) => yuan(fen),
            Due::Nothing => "0".into(),
            Due::Amount => "发，数额不详".into(),
            Due::Unknown => "不应发，还不能定".into(),
            Due::Absent => "—".into(),
        },
        received: received.map_or("明细未到".into(), yuan),
        verdict,
        colour,
    }
}

fn due(month: &KnownMonth, programme: &str, subject: Option<&str>) -> Due {
    let Some((number, _)) = month.registry.programme(programme) else { return Due::Absent };
    let member = match subject {
        None => None,
        Some(id) => match month.member(id) {
            None => return Due::Absent,
            found => found,
        },
    };
    let is_it = |answer: &&Answered| answer.programme == number && answer.member == member;
    match month.found.answers.iter().find(is_it).map(|answer| (answer.entitled, answer.amount)) {
        None | Some((Some(false), _)) => Due::Nothing,
        Some((None, _)) => Due::Unknown,
        Some((Some(true), None)) => Due::Amount,
        Some((Some(true), Some(Fen(fen)))) => Due::Fen(fen),
    }
}

/// `None` while the roster of payments has not come for those whom it concerns.
fn received(month: &KnownMonth, programme: &str, subject: Option<&str>, payments: &[Payment]) -> Option<i64> {
    let (_, entry) = month.registry.programme(programme)?;
    let paid_as = entry.paid_as.as_deref()?;
    let members: Vec<usize> = match subject {
        Some(id) => month.member(id).into_iter().collect(),
        None => (0..month.found.members.len()).collect(),
    };
    let has_come = members.iter().all(|member| is_complete(month, *member));
    let own = payments.iter().filter(|payment| {
        payment.item == paid_as
            && payment.of == month.found.month
            && !payment.returned
            && subject.is_none_or(|id| payment.person_id == id)
    });
    let found: Vec<i64> = own.map(|payment| payment.fen).collect();
    (has_come || !found.is_empty()).then(|| found.iter().sum())
}

fn verdict(due: Due, received: Option<i64>) -> (String, &'static str) {
    match (due, received) {
        (Due::Absent, _) => (String::new(), "grey"),
        (Due::Unknown | Due::Amount, _) => ("待查明".into(), "grey"),
        (_, None) => ("不知道到没到".into(), "grey"),
        (Due::Nothing, Some(0)) => (String::new(), "grey"),
        (Due::Nothing, Some(got)) => (format!("按查明的不应发，收了 {}", yuan(got)), "amber"),
        (Due::Fen(due), Some(got)) if due == got => ("相符".into(), "green"),
        (Due::Fen(_), Some(0)) => ("没有收到".into(), "red"),
        (Due::Fen(due), Some(got)) if got < due => (format!("少 {}", yuan(due - got)), "red"),
        (Due::Fen(due), Some(got)) => (format!("多 {}", yuan(got - due)), "amber"),
    }
}

/// `440元`, `440.50元`.
pub(crate) fn yuan(fen: i64) -> String {
    let (sign, fen) = if fen < 0 { ("-", fen.unsigned_abs()) } else { ("", fen.unsigned_abs()) };
    match fen % 100 {
        0 => format!("{sign}{}元", fen / 100),
        rest => format!("{sign}{}.{rest:02}元", fen / 100),
    }
}

/// Payments of all months, each once: a roster is read again by later months while it is valid.
fn payments(months: &[KnownMonth]) -> Vec<Payment> {
    let mut all: Vec<(Payment, usize)> = Vec::new();
    for month in months {
        let mut here: Vec<(Payment, usize)> = Vec::new();
        for (member, (id, _)) in month.found.members.iter().enumerate() {
            for record in records(month, member).into_iter().flatten() {
                let Some(payment) = payment(month, id, record) else { continue };
                match here.iter_mut().find(|(known, _)| *known == payment) {
                    Some((_, count)) => *count += 1,
                    None => here.push((payment, 1)),
                }
            }
        }
        for (payment, count) in here {
            match all.iter_mut().find(|(known, _)| *known == payment) {
                Some((_, most)) => *most = count.max(*most),
                None => all.push((payment, count)),
            }
        }
    }
    all.sort();
    all.into_iter().flat_map(|(payment, count)| std::iter::repeat_n(payment, count)).collect()
}

fn list(month: &KnownMonth, member: usize) -> Option<&Json> {
    month.facts(Some(member))?.get("lists")?.get(&month.registry.received.record)
}

fn records(month: &KnownMonth, member: usize) -> Option<&Vec<Json>> {
    list(month, member)?.get("rows")?.as_array()
}

fn is_complete(month: &KnownMonth, member: usize) -> bool {
    let complete = list(month, member).and_then(|list| list.get("complete"));
    complete.and_then(Json::as_bool) == Some(true)
}

fn payment(month: &KnownMonth, person_id: &str, record: &Json) -> Option<Payment> {
    let names = &month.registry.received;
    let known = record.get("known")?;
    let whole = |name: &str| known.get(name).and_then(Json::as_i64);
    let of = whole(&names.month).and_then(|index| Month::from_index(i32::try_from(index).ok()?));
    Some(Payment {
        person_id: person_id.to_owned(),
        item: known.get(&names.item)?.as_str()?.to_owned(),
        of: of.unwrap_or(month.found.month),
        day: whole(&names.day).and_then(|day| date_from_epoch_day(i32::try_from(day).ok()?)),
        fen: whole(&names.amount)?,
        returned: known.get(&names.returned).and_then(Json::as_bool) == Some(true),
    })
}
