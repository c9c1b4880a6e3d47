//! The county's page: its numbers are those of the lists, and it shows nobody's whole id number.

use crate::clear::Place;
use crate::stderr;
use std::collections::BTreeMap;

/// The text of a tag's content, for a page without nested tags of the kind.
fn between<'t>(text: &'t str, from: &str, to: &str) -> &'t str {
    let start = text.find(from).map(|at| at + from.len()).unwrap_or_else(|| panic!("no {from}"));
    let end = text[start..].find(to).map(|at| at + start).unwrap_or_else(|| panic!("no {to} after {from}"));
    &text[start..end]
}

fn without_tags(text: &str) -> String {
    let mut inside = false;
    let keep = |c: &char| match c {
        '<' => {
            inside = true;
            false
        }
        '>' => {
            inside = false;
            false
        }
        _ => !inside,
    };
    text.chars().filter(keep).collect()
}

/// Cells of the matrix: one list per row, the place first.
fn matrix(page: &str) -> Vec<Vec<String>> {
    let table = between(page, "<table class=\"matrix\">", "</table>");
    let rows = table.split("<tr").skip(1);
    rows.map(|row| row.split("</t").map(|cell| without_tags(cell.trim_start_matches(|c| c != '<'))).collect())
        .collect()
}

fn csv_rows(place: &Place) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(place.path("out/leads.csv")).expect("leads");
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

#[test]
fn the_matrix_counts_what_leads_csv_lists() {
    let place = Place::new();
    let cleared = place.clear(&[]);
    assert_eq!(cleared.status.code(), Some(0), "{}", stderr(&cleared));
    let page = std::fs::read_to_string(place.path("out/report.html")).expect("the page");
    let rows = csv_rows(&place);
    let check = rows[0].iter().position(|header| header == "check").expect("a column");
    let mut expected: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows[1..] {
        *expected.entry(&row[check]).or_default() += 1;
    }
    assert!(!expected.is_empty());
    let matrix = matrix(&page);
    let (headers, sums) = (&matrix[0], matrix.last().expect("a sum"));
    let mut found: BTreeMap<&str, usize> = BTreeMap::new();
    for (header, sum) in headers.iter().zip(sums).skip(1) {
        // ■ 死亡仍在低保册※
        if let Some((_, name)) = header.split_once(' ') {
            let name = name.trim_end_matches('※');
            found.insert(name, sum.parse().unwrap_or_else(|_| panic!("{sums:?}")));
        }
    }
    assert_eq!(found, expected);
    let total = sums.iter().rev().find(|cell| !cell.is_empty());
    assert_eq!(total.map(String::as_str), Some((rows.len() - 1).to_string().as_str()), "{sums:?}");
    let listed = page.matches("<div class=\"scroll\" id=\"t").count();
    assert!(listed >= expected.len() && page.matches("\"><a href=\"#t").count() == listed);
}

#[test]
fn the_page_runs_nothing_fetches_nothing_and_shows_no_whole_id_number() {
    let place = Place::new();
    assert_eq!(place.clear(&[]).status.code(), Some(0));
    let page = std::fs::read_to_string(place.path("out/report.html")).expect("the page");
    for forbidden in ["<script", "http://", "https://", "onclick", "style=", "javascript:", "<img", "<link"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    let rows = csv_rows(&place);
    let id = rows[0].iter().position(|header| header == "id_number").expect("a column");
    for row in &rows[1..] {
        assert!(!page.contains(&row[id]), "{}", row[id]);
        let masked = format!("{}********{}", &row[id][..6], &row[id][14..]);
        assert!(page.contains(&masked), "{masked}");
    }
    let certificate = std::fs::read_to_string(place.path("out/certificate.json")).expect("the certificate");
    let hash = doudi_engine::digest::sha256_hex(certificate.as_bytes());
    assert!(page.contains(&hash), "the page names the certificate that lies beside it");
    assert!(page.contains("数据未到"), "rosters that have not come are grey");
    assert!(page.contains("doudi verify certificate.json"));
}
