//! The steps of a lead that people take in their browser: reporting, the second person's word.

use super::evidence::{EVIDENCE_LIMITS, NOTHING_CHOSEN, keep};
use super::show::{Given, Shown, render};
use crate::access::Visit;
use crate::form::Wrongs;
use crate::office::Office;
use crate::pages::go;
use crate::trouble::Answer;
use crate::upload::Sent;
use axum::extract::{Form, Path, Request, State};
use doudi_casework::{CaseError, Finding, Hearing, Measure, Report, ReportError};
use doudi_store::StoreError;
use doudi_terms::{Date, parse_date};

/// `POST /leads/{lead}/report`: files are kept first, so that they are not lost where something else is wrong. With
/// `choice=upload` nothing but the files is taken, and what was typed stays.
pub async fn report(
    State(office): State<Office>,
    visit: Visit,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let mut sent = Sent::read(request, EVIDENCE_LIMITS).await?;
    let given = Given::of(&sent);
    let mut form = Wrongs::default();
    let files = (std::mem::take(&mut sent.files), std::mem::take(&mut sent.problems));
    let kept = keep(&office, &visit, &id, files, &mut form).await?;
    if given.choice == "upload" {
        if kept == 0 && form.is_empty() {
            form.add("evidence", NOTHING_CHOSEN);
        }
        return render(&office, &visit, id, Shown { form, given, kept, stale: false }).await;
    }
    let (scope, lead) = (visit.scope.clone(), id.clone());
    let evidence = office.ask(move |store| store.count_evidence(&scope, &lead)).await?;
    let report = read(&given, visit.scope.today(), evidence, &mut form);
    let Some(report) = report.filter(|_| form.is_empty()) else {
        return render(&office, &visit, id, Shown { form, given, kept, stale: false }).await;
    };
    let (scope, lead, version) = (visit.scope.clone(), id.clone(), given.version);
    let done = office.with_store(move |store| store.report_lead(&scope, &lead, version, &report)).await?;
    after(&office, &visit, id, given, done.map(drop)).await
}

/// `POST /leads/{lead}/confirm`
pub async fn confirm(
    State(office): State<Office>,
    visit: Visit,
    Path(id): Path<String>,
    Form(given): Form<Given>,
) -> Answer {
    let (scope, lead, said) = (visit.scope.clone(), id.clone(), given.clone());
    let done = office.with_store(move |store| match said.choice.as_str() {
        "confirm" => store.confirm_lead(&scope, &lead, said.version, &said.note).map(drop),
        "send-back" => store.send_back_lead(&scope, &lead, said.version, &said.note).map(drop),
        _ => Err(StoreError::BadInput("请选择同意还是退回".to_owned())),
    });
    let done = done.await?;
    after(&office, &visit, id, given, done).await
}

/// The lead as it is now; or what keeps it from being so, beside what was typed.
async fn after(
    office: &Office,
    visit: &Visit,
    id: String,
    given: Given,
    done: Result<(), StoreError>,
) -> Answer {
    let mut form = Wrongs::default();
    match done {
        Ok(()) => return go(&format!("/leads/{id}")),
        Err(StoreError::Stale(_)) => {
            return render(office, visit, id, Shown { form, given, stale: true, ..Shown::default() }).await;
        }
        Err(StoreError::Case(CaseError::Report(problems))) => {
            problems.iter().for_each(|problem| form.add(problem.field(), problem.to_string()));
        }
        Err(StoreError::Case(error @ (CaseError::NoNote | CaseError::SamePerson))) => {
            form.add("note", error.to_string());
        }
        Err(error) => return Err(error.into()),
    }
    render(office, visit, id, Shown { form, given, ..Shown::default() }).await
}

/// What the form says, or what is wrong with it; `evidence` is how many files the lead has.
fn read(given: &Given, today: Date, evidence: usize, form: &mut Wrongs) -> Option<Report> {
    let finding = Finding::parse(&given.finding);
    let measure = Measure::parse(&given.measure);
    if finding.is_none() {
        form.add("finding", "请选择查下来的结果");
    }
    if measure.is_none() {
        form.add("measure", "请选择怎么办");
    }
    let on = parse_date(given.on.trim());
    if on.is_none() {
        form.add("on", "请填写入户的日期，写成 2020-05-08 的样子");
    }
    form.require("visitors", &given.visitors, "请填写核查人的姓名");
    let hearing = hearing(given, form);
    let report = finding.zip(measure).zip(on).map(|((finding, measure), on)| Report {
        finding,
        measure,
        on,
        reason: given.reason.trim().to_owned(),
        evidence: Vec::new(),
        hearing,
        by: None,
        visitors: given.visitors.trim().to_owned(),
        at: doudi_casework::Moment::default(),
    });
    if report.is_none() {
        form.require("reason", &given.reason, "请写明看到了什么，为什么这样认定");
    }
    let problems = report.iter().flat_map(|report| report.problems(today));
    // Which files they are is the store's to say.
    let is_there = |problem: &ReportError| evidence > 0 && matches!(problem, ReportError::NoEvidence(_));
    for problem in problems.filter(|problem| !is_there(problem)) {
        form.add(problem.field(), problem.to_string());
    }
    report
}

fn hearing(given: &Given, form: &mut Wrongs) -> Option<Hearing> {
    let (on, said) = (given.heard_on.trim(), given.heard.trim());
    if on.is_empty() && said.is_empty() {
        return None;
    }
    match parse_date(on) {
        Some(on) if !said.is_empty() => Some(Hearing { on, said: said.to_owned() }),
        Some(_) => {
            form.add("hearing", "请写下这一户的意见");
            None
        }
        None => {
            form.add("hearing", "请填写听取意见的日期，写成 2020-05-08 的样子");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given() -> Given {
        Given {
            finding: "属实".into(),
            measure: "维持".into(),
            on: "2020-05-08".into(),
            visitors: "冉某、任某".into(),
            reason: "在家".into(),
            ..Given::default()
        }
    }

    fn today() -> Date {
        parse_date("2020-05-11").expect("a date")
    }

    fn wrongs(given: &Given, evidence: usize) -> Wrongs {
        let mut form = Wrongs::default();
        read(given, today(), evidence, &mut form);
        form
    }

    #[test]
    fn every_error_of_a_report_stands_beside_its_field() {
        assert!(wrongs(&given(), 0).is_empty());
        let empty = wrongs(&Given::default(), 0);
        let fields: Vec<&str> = empty.wrongs().iter().map(|wrong| wrong.field.as_ref()).collect();
        assert_eq!(fields, ["finding", "measure", "on", "visitors", "reason"]);
        let end = Given { measure: "停发".into(), ..given() };
        assert!(wrongs(&end, 1).of("hearing").is_some_and(|text| text.contains("听取")));
        assert!(wrongs(&end, 1).of("evidence").is_none(), "there is some");
        assert!(wrongs(&end, 0).of("evidence").is_some_and(|text| text.contains("照片")));
        let half = Given { heard_on: "2020-05-07".into(), ..given() };
        assert!(wrongs(&half, 0).of("hearing").is_some());
        let late = Given { on: "2020-05-12".into(), ..given() };
        assert!(wrongs(&late, 0).of("on").is_some());
    }
}
