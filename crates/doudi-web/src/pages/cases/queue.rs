//! `GET /cases/queue`: cases that wait for this person's decision, the most urgent first. `POST /cases/queue`: those of
//! which nothing is left to weigh, decided together: first shown, then each by its own step, as if alone. Nothing in the
//! form is believed but numbers and versions; every condition is asked again.

use super::steps::{Begins, beside};
use super::{CaseLine, due_words, moved};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::pages::{page, page_with, places};
use crate::trouble::{Answer, Trouble, in_query};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::http::StatusCode;
use doudi_casework::{CaseCounter, CaseFile, Decision, Permission, Proposal, Reasons, StepRefusal};
use doudi_casework::{Moment, User, WrongAnswer};
use doudi_store::{CaseCursor, CaseQueue, CaseRow, MOST_TOGETHER, Scope, Store, StoreError, WaitingCase};
use doudi_terms::{Fen, RegionCode};
use serde::Deserialize;

#[derive(Clone, Default, Deserialize)]
pub struct Wish {
    #[serde(default)]
    place: String,
    #[serde(default)]
    after: String,
}

/// A case that waits.
struct Line {
    case: CaseLine,
    version: i64,
    /// 县级审核期限 2020-07-10
    clocks: Vec<String>,
    is_clean: bool,
    /// What would be decided.
    decision: String,
    articles: Vec<String>,
    /// Why it has to be decided by itself.
    reasons: Vec<String>,
}

/// 给予 12 件，每月合计 5,280.00元
struct Sum {
    decision: &'static str,
    count: usize,
    per_month: String,
}

#[derive(Template)]
#[template(path = "cases/queue.html")]
struct Page {
    frame: Frame,
    form: Wrongs,
    place: String,
    places: Vec<Step>,
    lines: Vec<Line>,
    clean: usize,
    next: Option<String>,
    most: usize,
}

/// What a decision of many would do, before it is done.
#[derive(Template)]
#[template(path = "cases/queue_check.html")]
struct CheckPage {
    frame: Frame,
    sums: Vec<Sum>,
    lines: Vec<Line>,
    apart: Vec<Line>,
    gone: Vec<String>,
    day: String,
}

/// What it has done.
#[derive(Template)]
#[template(path = "cases/queue_done.html")]
struct DonePage {
    frame: Frame,
    sums: Vec<Sum>,
    done: Vec<Done>,
    /// Numbers, and why not.
    skipped: Vec<(String, String)>,
}

struct Done {
    id: String,
    applicant: String,
    decision: String,
    has_letter: bool,
}

/// Whoever takes none of the steps that decide has nothing here; the procedures say which these are.
pub(crate) fn decides(counter: &CaseCounter, visit: &Visit) -> bool {
    counter.deciding_permissions().into_iter().any(|permission| visit.scope.may(permission))
}

fn must_decide(counter: &CaseCounter, visit: &Visit) -> Result<(), Trouble> {
    match decides(counter, visit) {
        true => Ok(()),
        false => Err(Trouble::refused("您的角色没有要作决定的环节。")),
    }
}

pub async fn queue(State(office): State<Office>, visit: Visit, Query(wish): Query<Wish>) -> Answer {
    render(&office, &visit, wish, Wrongs::default()).await
}

async fn render(office: &Office, visit: &Visit, wish: Wish, form: Wrongs) -> Answer {
    let counter = office.counter()?;
    must_decide(&counter, visit)?;
    let chosen = RegionCode::parse(&wish.place).ok();
    let queue =
        CaseQueue { place: chosen, waiting: counter.waiting_states(), doubting: counter.doubting_kinds() };
    let (scope, after, judge) = (visit.scope.clone(), CaseCursor::parse(&wish.after), counter.clone());
    let read = move |store: &Store| found(store, &scope, &judge, &queue, after);
    let (waiting, next) = office.ask(read).await?;
    let lines: Vec<Line> =
        waiting.iter().map(|(case, verdict)| line(office, &counter, case, verdict)).collect();
    let mut frame = visit.frame(office, "待我决定", "/cases");
    frame.trail = vec![Step::new("办件", "/cases")];
    frame.has_errors = !form.is_empty();
    let status = if form.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let after = |next: CaseCursor| {
        format!("/cases/queue?place={}&after={}", in_query(&wish.place), in_query(&next.text()))
    };
    let built = Page {
        frame,
        form,
        places: places(office, visit, Permission::ReadCases, chosen),
        clean: lines.iter().filter(|line| line.is_clean).count(),
        lines,
        next: next.map(after),
        most: MOST_TOGETHER,
        place: wish.place,
    };
    page_with(status, &built)
}

type Verdict = Result<Proposal, Reasons>;
type Judged = Vec<(WaitingCase, Verdict)>;

/// One page of those that are this person's to decide: others wait in the same states for somebody else.
fn found(
    store: &Store,
    scope: &Scope,
    counter: &CaseCounter,
    queue: &CaseQueue,
    mut after: Option<CaseCursor>,
) -> Result<(Judged, Option<CaseCursor>), StoreError> {
    let mut lines = Vec::new();
    loop {
        let wanted = MOST_TOGETHER - lines.len();
        let (cases, next) = store.waiting_cases(scope, queue, after.as_ref(), wanted)?;
        for case in cases {
            if let Some(verdict) = verdict(counter, scope.user(), scope.at(), &case) {
                lines.push((case, verdict));
            }
        }
        if next.is_none() || lines.len() >= MOST_TOGETHER {
            return Ok((lines, next));
        }
        after = next;
    }
}

/// `None` where it does not wait for them. A case whose table is broken waits with that for a reason.
fn verdict(counter: &CaseCounter, user: &User, at: Moment, case: &WaitingCase) -> Option<Verdict> {
    let papers = case.case.papers();
    let beside = beside(&case.case, &papers);
    match counter.together(&case.case.file, user, at, &beside, &case.others) {
        Ok(verdict) => verdict,
        Err(refusal) => Some(Err(vec![refusal.to_string()])),
    }
}

fn line(office: &Office, counter: &CaseCounter, case: &WaitingCase, verdict: &Verdict) -> Line {
    let clocks = counter.clocks(&case.case.file).unwrap_or_default();
    let clock = |clock: &doudi_casework::Clock| match &clock.due {
        Ok(deadline) => format!("{} {}", clock.rule, due_words(deadline.ends())),
        Err(missing) => format!("{} 还算不出来，要先知道：{}", clock.rule, missing.join("、")),
    };
    let (decision, articles, reasons) = match verdict {
        Ok(proposal) => (words(&proposal.decision), proposal.decision.articles.clone(), Vec::new()),
        Err(reasons) => (String::new(), Vec::new(), reasons.clone()),
    };
    Line {
        case: CaseLine::new(office, &case.case.row, office.now()),
        version: case.case.row.version,
        clocks: clocks.iter().map(clock).collect(),
        is_clean: verdict.is_ok(),
        decision,
        articles,
        reasons,
    }
}

/// 给予，440.00元，从 2020-06 起
fn words(decision: &Decision) -> String {
    let mut words = decision.kind.name().to_owned();
    if !decision.amount.is_empty() {
        words.push_str(&format!("，{}", decision.amount));
    }
    if !decision.start.is_empty() {
        words.push_str(&format!("，从 {} 起", decision.start));
    }
    words
}

/// By decision; sums are exact, and one that is no money is said rather than left out.
fn sums<'d>(decisions: impl Iterator<Item = &'d Decision> + Clone) -> Vec<Sum> {
    let mut kinds: Vec<&'static str> = Vec::new();
    for decision in decisions.clone() {
        if !kinds.contains(&decision.kind.name()) {
            kinds.push(decision.kind.name());
        }
    }
    let sum = |kind: &&'static str| {
        let of_kind = decisions.clone().filter(|decision| decision.kind.name() == *kind);
        let amounts = of_kind.clone().filter(|decision| !decision.amount.is_empty());
        let added = amounts.clone().try_fold(0_i64, |sum, decision| {
            Fen::parse_yuan(&decision.amount).ok().and_then(|fen| sum.checked_add(fen.0))
        });
        let per_month = match (amounts.count(), added) {
            (0, _) => "—".to_owned(),
            (_, Some(sum)) => yuan(Fen(sum)),
            (_, None) => "有的金额加不起来，请逐件看".to_owned(),
        };
        Sum { decision: kind, count: of_kind.count(), per_month }
    };
    kinds.iter().map(sum).collect()
}

/// 1,440.30元, as amounts are written in decisions.
fn yuan(sum: Fen) -> String {
    let text = sum.to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, "00"));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{grouped}.{rest}元")
}

/// A case as somebody saw it.
struct Seen {
    id: String,
    version: i64,
}

/// `B000007.5`: number and version. What does not read names no case.
fn seen(fields: &[(String, String)]) -> Vec<Seen> {
    let mut found: Vec<Seen> = Vec::new();
    for (_, value) in fields.iter().filter(|(name, _)| name == "case") {
        let Some((id, version)) = value.rsplit_once('.') else { continue };
        let Ok(version) = version.parse() else { continue };
        if found.iter().all(|seen| seen.id != id) {
            found.push(Seen { id: id.to_owned(), version });
        }
    }
    found
}

/// `POST /cases/queue`
pub async fn decide_queue(
    State(office): State<Office>,
    visit: Visit,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    let counter = office.counter()?;
    must_decide(&counter, &visit)?;
    let text = |name: &str| {
        let found = fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let chosen = seen(&fields);
    let mut form = Wrongs::default();
    if chosen.is_empty() {
        form.add("cases", "一件也没有选。请在要一起决定的前面打勾");
    }
    if chosen.len() > MOST_TOGETHER {
        form.add("cases", format!("一次最多决定 {MOST_TOGETHER} 件，您选了 {} 件。请分几次", chosen.len()));
    }
    if !form.is_empty() {
        let wish = Wish { place: text("place"), ..Wish::default() };
        return render(&office, &visit, wish, form).await;
    }
    // What was shown yesterday was yesterday's law: it is shown again.
    if text("action") == "decide" && text("day") == visit.scope.today().to_string() {
        return decide(&office, &visit, chosen).await;
    }
    check(&office, &visit, chosen).await
}

async fn check(office: &Office, visit: &Visit, chosen: Vec<Seen>) -> Answer {
    let counter = office.counter()?;
    let (scope, doubting) = (visit.scope.clone(), counter.doubting_kinds());
    let numbers: Vec<String> = chosen.iter().map(|seen| seen.id.clone()).collect();
    let cases = office.ask(move |store| store.waiting_cases_of(&scope, &doubting, &numbers)).await?;
    let mut decisions = Vec::new();
    let (mut lines, mut apart, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for seen in &chosen {
        let case = cases.iter().find(|case| case.case.row.case_id == seen.id);
        let found = case
            .and_then(|case| Some((case, verdict(&counter, visit.scope.user(), visit.scope.at(), case)?)));
        let Some((case, verdict)) = found else {
            gone.push(seen.id.clone());
            continue;
        };
        let mut line = line(office, &counter, case, &verdict);
        if case.case.row.version != seen.version {
            line.is_clean = false;
            line.reasons = vec![CHANGED.to_owned()];
        }
        match verdict {
            Ok(proposal) if line.is_clean => {
                decisions.push(proposal.decision);
                lines.push(line);
            }
            _ => apart.push(line),
        }
    }
    let mut frame = visit.frame(office, "一起决定以前看一遍", "/cases");
    frame.trail = vec![Step::new("办件", "/cases"), Step::new("待我决定", "/cases/queue")];
    let day = visit.scope.today().to_string();
    page(&CheckPage { frame, sums: sums(decisions.iter()), lines, apart, gone, day })
}

const CHANGED: &str = "您看过以后，别人又办过一步，没有一起决定。请打开看现在的情况";
const GONE: &str = "您的辖区里没有这件，或者它不等您决定";

/// One by one, each by its own step and in its own transaction: what goes wrong with one leaves the others as they are.
async fn decide(office: &Office, visit: &Visit, chosen: Vec<Seen>) -> Answer {
    let counter = office.counter()?;
    let scope = visit.scope.clone();
    let (decided, skipped) = office
        .with_store(move |store| {
            let doubting = counter.doubting_kinds();
            let (mut decided, mut skipped) = (Vec::new(), Vec::new());
            for seen in chosen {
                match one(store, &scope, &counter, &doubting, &seen) {
                    Ok(done) => decided.push(done),
                    Err(why) => skipped.push((seen.id, why)),
                }
            }
            Ok::<_, StoreError>((decided, skipped))
        })
        .await??;
    let mut frame = visit.frame(office, "一起决定的结果", "/cases");
    frame.trail = vec![Step::new("办件", "/cases"), Step::new("待我决定", "/cases/queue")];
    let done = |(row, decision, has_letter): &(CaseRow, Decision, bool)| Done {
        id: row.case_id.clone(),
        applicant: row.applicant.clone(),
        decision: words(decision),
        has_letter: *has_letter,
    };
    page(&DonePage {
        frame,
        sums: sums(decided.iter().map(|(_, decision, _)| decision)),
        done: decided.iter().map(done).collect(),
        skipped,
    })
}

/// Decides one case by its single step; or says why it was left as it is.
fn one(
    store: &Store,
    scope: &Scope,
    counter: &CaseCounter,
    doubting: &std::collections::BTreeSet<String>,
    seen: &Seen,
) -> Result<(CaseRow, Decision, bool), String> {
    let taken = std::cell::RefCell::new(None);
    let decide = |case: &WaitingCase| {
        let proposal = match verdict(counter, scope.user(), scope.at(), case) {
            Some(Ok(proposal)) => proposal,
            Some(Err(reasons)) => return Err(apart(&reasons.join("；"))),
            None => return Err(apart(GONE)),
        };
        *taken.borrow_mut() = Some((case.case.row.clone(), proposal.decision, proposal.has_letter));
        moved(counter, proposal.next, &proposal.step)
    };
    // A clean case's step opens none; should one, it begins as it does with the single step.
    let opens = |file: &CaseFile| {
        let step = file.record.last().map(|record| record.step.as_str()).unwrap_or_default();
        Begins { step, case: &seen.id, member: None, today: scope.today() }.of(counter, file)
    };
    match store.decide_case(scope, (&seen.id, seen.version), doubting, &decide, &opens) {
        Ok(()) => taken.into_inner().ok_or_else(|| GONE.to_owned()),
        Err(StoreError::StaleCase(_)) => Err(CHANGED.to_owned()),
        Err(StoreError::NotFound(_)) => Err(GONE.to_owned()),
        Err(StoreError::Step(refusal)) => Err(refusal.to_string()),
        Err(error) => Err(format!("没有办成：{error}")),
    }
}

fn apart(why: &str) -> StepRefusal {
    StepRefusal::Answers(vec![WrongAnswer { field: "case".into(), text: why.to_owned() }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use doudi_casework::{DecisionKind, UserId};

    #[test]
    fn sums_are_by_decision_and_exact() {
        let decision = |kind, amount: &str| Decision {
            delegated: false,
            kind,
            on: doudi_terms::parse_date("2020-06-18").expect("a day"),
            by: UserId(1),
            amount: amount.into(),
            start: String::new(),
            reasons: Vec::new(),
            articles: Vec::new(),
        };
        let decisions = [
            decision(DecisionKind::Granted, "1,440.10元"),
            decision(DecisionKind::Refused, ""),
            decision(DecisionKind::Granted, "0.20元"),
        ];
        let told: Vec<(&str, usize, String)> =
            sums(decisions.iter()).into_iter().map(|sum| (sum.decision, sum.count, sum.per_month)).collect();
        assert_eq!(told, [("给予", 2, "1,440.30元".to_owned()), ("不予", 1, "—".to_owned())]);
        let odd = [decision(DecisionKind::Granted, "不详")];
        assert!(sums(odd.iter())[0].per_month.contains("加不起来"));
    }

    #[test]
    fn a_form_names_cases_once_and_by_number_and_version() {
        let field = |value: &str| ("case".to_owned(), value.to_owned());
        let fields =
            [field("B000001.5"), field("B000001.6"), field("x"), field("B000002."), field("B000003.7")];
        let found: Vec<(String, i64)> =
            seen(&fields).into_iter().map(|seen| (seen.id, seen.version)).collect();
        assert_eq!(found, [("B000001".to_owned(), 5), ("B000003".to_owned(), 7)]);
    }
}
