//! `GET /cases/{case}/print/{document}`: a paper of a case, to be printed on A4.

use crate::access::Visit;
use crate::frame::{Frame, Step};
use crate::office::Office;
use crate::pages::leads::{qr, root};
use crate::pages::page;
use crate::trouble::{Answer, Trouble};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use doudi_casework::{CaseFile, Filling, Piece, PlaceNames, Sheet};
use doudi_policy::LineStyle;
use doudi_store::Case;
use doudi_terms::{Date, RegionLevel};

#[derive(Template)]
#[template(path = "cases/print.html")]
struct Page {
    frame: Frame,
    case: String,
    sheet: Sheet,
}

impl Page {
    fn drawing(&self, text: &str) -> String {
        qr(text)
    }
}

pub async fn print(
    State(office): State<Office>,
    visit: Visit,
    Path((id, document)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let scope = visit.scope.clone();
    let case = office.ask(move |store| store.case(&scope, &id)).await?;
    let sheet = sheet(&office, &case, &document, &root(&office, &headers), visit.scope.today())?;
    let mut frame = visit.frame(&office, sheet.title.clone(), "/cases");
    frame.trail = vec![
        Step::new("办件", "/cases"),
        Step::new(case.row.case_id.clone(), format!("/cases/{}", case.row.case_id)),
    ];
    page(&Page { frame, case: case.row.case_id.clone(), sheet })
}

/// A paper of a case, filled in; `root` is the address at which families find this office.
pub(crate) fn sheet(
    office: &Office,
    case: &Case,
    document: &str,
    root: &str,
    today: Date,
) -> Result<Sheet, Trouble> {
    let counter = office.counter()?;
    let file = &case.file;
    let of_township = file.place.level() >= RegionLevel::Township;
    let township =
        if of_township { office.places().name(file.place.at(RegionLevel::Township)) } else { "".into() };
    let county = office.places().name(file.place.at(RegionLevel::County));
    let whole = office.places().long_name(file.place);
    let places = PlaceNames { township: &township, county: &county, whole: &whole };
    if document == "letter" {
        let letter = counter.letter(file, &places)?.ok_or(Trouble::NotFound)?;
        let piece = |line: &doudi_policy::LetterLine| match line.style {
            LineStyle::Heading => Piece::Heading(line.text.clone()),
            // Numbered already.
            LineStyle::Item => Piece::Text(line.text.clone()),
            LineStyle::Signature => Piece::End(line.text.clone()),
            _ => Piece::Text(line.text.clone()),
        };
        let lines = letter.lines.iter().filter(|line| line.text != letter.title);
        return Ok(Sheet { title: letter.title.clone(), pieces: lines.map(piece).collect() });
    }
    let wording = counter.document_of(document, today).ok_or(Trouble::NotFound)?;
    let link = format!("{root}/progress?code={}", file.code);
    let trials = counter.trial(&file.facts, file.place, today)?;
    let missing: Vec<String> = note_of(file).lines().map(str::to_owned).collect();
    let filling = Filling {
        number: &case.row.case_id,
        link: &link,
        places,
        on: today,
        note: note_of(file),
        missing: &missing,
        trials: &trials,
        due: counter.due(file)?,
    };
    Ok(counter.sheet(wording, file, &filling)?)
}

/// What was written at the last step.
fn note_of(file: &CaseFile) -> &str {
    file.record.iter().rev().map(|record| record.note.as_str()).find(|note| !note.is_empty()).unwrap_or("")
}
