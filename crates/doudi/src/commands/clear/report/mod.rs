//! `report.html`: the county's board. Townships by checks with the lists behind, buckets, programmes, work by village,
//! rosters that have not come, and the certificate; without scripts or anything from outside, for screen and paper.

mod board;
mod markup;
mod sections;

use crate::divisions::Divisions;
use board::{Board, Found};
use doudi_engine::Cleared;
use doudi_rosters::SpecSet;
use doudi_terms::RegionCode;
use markup::escape;
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");
/// The page carries its own style and fetches nothing.
const SECURITY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A part of the page: its anchor, its heading, and what is written below.
type Section<'s> = (&'static str, &'static str, Box<dyn Fn(&mut String) + 's>);

/// The page; `hash` is that of the certificate.
pub fn html(cleared: &Cleared, divisions: &Divisions, set: &SpecSet, hash: &str) -> String {
    let certificate = &cleared.certificate;
    let region = RegionCode::parse(&certificate.region).unwrap_or(RegionCode::COUNTRY);
    let title = format!("{} {} 社会救助摸排报告", divisions.long_name(region), certificate.month);
    let townships: Vec<RegionCode> =
        certificate.by_township.keys().filter_map(|code| RegionCode::parse(code).ok()).collect();
    let board = Board::new(&townships, &cleared.checks_in_force, cleared.leads.iter().map(Found::from));
    let names = sections::Names::of(cleared, set);
    let sections: [Section<'_>; 10] = [
        ("buckets", "每个人在哪一类", Box::new(|page| sections::buckets(cleared, page))),
        ("matrix", "各乡镇疑点", Box::new(|page| matrix(cleared, &board, divisions, page))),
        ("missing", "没有到的名册", Box::new(|page| sections::missing_rosters(cleared, page))),
        ("programmes", "各项目", Box::new(|page| sections::programmes(cleared, page))),
        ("townships", "各乡镇归类", Box::new(|page| sections::townships(cleared, divisions, page))),
        ("villages", "各村要做的事", Box::new(|page| sections::villages(cleared, divisions, page))),
        ("precision", "疑点查得准不准", Box::new(|page| sections::precision(cleared, page))),
        ("rosters", "名册行数", Box::new(|page| sections::rosters(cleared, &names, page))),
        ("certificate", "清算证书", Box::new(|page| sections::certificate(cleared, &names, hash, page))),
        ("leads", "疑点名单", Box::new(|page| lists(&board, divisions, page))),
    ];
    let mut page = String::new();
    let _ = write!(
        page,
        "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"{SECURITY}\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{0}</title><style>{STYLE}</style></head><body><header><h1>{0}</h1>",
        escape(&title)
    );
    sections::heading(cleared, hash, &mut page);
    page.push_str("</header><nav aria-label=\"本页内容\"><ul>");
    for (anchor, heading, _) in &sections {
        let _ = write!(page, "<li><a href=\"#{anchor}\">{heading}</a></li>");
    }
    page.push_str("</ul></nav><main>\n");
    for (anchor, heading, write_section) in &sections {
        let class = match *anchor {
            "matrix" | "townships" | "certificate" => " class=\"page\"",
            // The lists are for the screen: on paper each township has its workbook.
            "leads" => " class=\"screen\"",
            _ => "",
        };
        let _ = write!(page, "<section id=\"{anchor}\"{class}><h2>{heading}</h2>");
        write_section(&mut page);
        page.push_str("</section>\n");
    }
    page.push_str("</main></body></html>\n");
    page
}

fn matrix(cleared: &Cleared, board: &Board<'_>, divisions: &Divisions, page: &mut String) {
    let _ = write!(
        page,
        "<p>共 {} 条，其中本月新增 {} 条；以前的疑点本月销号 {} 条。疑点只是线索，逐人逐户核查后由人作出结论。</p>",
        board.total(),
        cleared.opened,
        cleared.closed
    );
    if board.total() > 0 {
        board.matrix(divisions, page);
    }
    board.quiet_checks(page);
}

fn lists(board: &Board<'_>, divisions: &Divisions, page: &mut String) {
    page.push_str(
        "<p class=\"small\">身份证号只显示前六位和后四位；全部内容见各乡镇工作簿的“疑点清单”。</p>",
    );
    board.lists(divisions, page);
}
