//! `report.html`: the certificate as a page that prints, without scripts or anything from outside.

use super::summary::leads_by_check;
use crate::divisions::Divisions;
use doudi_engine::{BUCKETS, Cleared, Lead, PlaceCounts};
use doudi_terms::{RegionCode, RegionLevel};
use std::collections::BTreeMap;
use std::fmt::Write;

const STYLE: &str = "body{font-family:\"Microsoft YaHei\",\"PingFang SC\",\"Noto Sans CJK SC\",sans-serif;margin:24px;color:#111}\
h1{font-size:22px}h2{font-size:17px;margin-top:28px}table{border-collapse:collapse;margin:8px 0;font-size:14px}\
th,td{border:1px solid #999;padding:4px 8px;text-align:right}th{background:#eee}td:first-child,th:first-child{text-align:left}\
.no{color:#b00;font-weight:bold}p.small{font-size:12px;color:#555}\
@media print{body{margin:0}h2{page-break-after:avoid}tr{page-break-inside:avoid}thead{display:table-header-group}}";

/// The page.
pub fn html(cleared: &Cleared, divisions: &Divisions) -> String {
    let certificate = &cleared.certificate;
    let region = RegionCode::parse(&certificate.region).unwrap_or(RegionCode::COUNTRY);
    let title = format!("{} {} 摸排报告", divisions.long_name(region), certificate.month);
    let mut page = String::new();
    let _ = write!(
        page,
        "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>{0}</title><style>{STYLE}</style></head><body><h1>{0}</h1>",
        escape(&title)
    );
    buckets(cleared, &mut page);
    programmes(cleared, &mut page);
    townships(cleared, divisions, &mut page);
    leads(cleared, divisions, &mut page);
    rosters(cleared, &mut page);
    let _ = writeln!(
        page,
        "<p class=\"small\">政策 {} · 名册说明 {} · 快照 {} · 程序 {}</p></body></html>",
        &certificate.policies_hash,
        &certificate.specs_hash,
        &certificate.snapshot_hash,
        &certificate.program_version
    );
    page
}

fn buckets(cleared: &Cleared, page: &mut String) {
    let certificate = &cleared.certificate;
    let register = certificate.register;
    let _ = write!(
        page,
        "<p>登记 {} 人、{} 户，其中名册上新发现 {} 人。每个人恰好归入一类。</p>",
        register.persons, register.households, register.new_persons
    );
    let rows =
        BUCKETS.map(|bucket| vec![bucket.name().to_owned(), certificate.buckets.get(bucket).to_string()]);
    let total = vec!["合计".to_owned(), certificate.buckets.sum().to_string()];
    table(page, &["类别", "人数"], rows.into_iter().chain([total]));
    let broken = certificate.identities.iter().filter(|identity| !identity.holds).count();
    let _ = write!(page, "<p>核对等式 {} 条，不成立 {broken} 条。</p>", certificate.identities.len());
}

fn programmes(cleared: &Cleared, page: &mut String) {
    page.push_str("<h2>各项目</h2>");
    let rows = cleared.certificate.by_programme.values().map(|counts| {
        let numbers = [
            counts.entitled,
            counts.enrolled,
            counts.entitled_not_enrolled,
            counts.enrolled_not_entitled,
            counts.unknown,
        ];
        let mut row = vec![counts.name.clone()];
        row.extend(numbers.iter().map(u64::to_string));
        row.push(amount_words(counts));
        row
    });
    let headers = ["项目", "应享", "已享", "应享未享", "已享但不符合", "不详", "应发金额（元/月）"];
    table(page, &headers, rows);
}

/// The sum that is known, and of how many it is not.
fn amount_words(counts: &doudi_engine::ProgrammeCounts) -> String {
    match (counts.amount_unknown, counts.amount_yuan.as_str()) {
        (0, known) => known.to_owned(),
        (unknown, "0.00" | "") => format!("{unknown} 人金额不详（标准没有公布）"),
        (unknown, known) => format!("{known}，另有 {unknown} 人金额不详"),
    }
}

fn townships(cleared: &Cleared, divisions: &Divisions, page: &mut String) {
    page.push_str("<h2>各乡镇</h2>");
    let mut headers = vec!["乡镇", "人数"];
    headers.extend(BUCKETS.iter().map(|bucket| bucket.name()));
    let row = |(code, place): (&String, &PlaceCounts)| {
        let mut row = vec![place_name(divisions, code), place.persons.to_string()];
        row.extend(BUCKETS.iter().map(|bucket| place.buckets.get(*bucket).to_string()));
        row
    };
    table(page, &headers, cleared.certificate.by_township.iter().map(row));
}

fn leads(cleared: &Cleared, divisions: &Divisions, page: &mut String) {
    let _ = write!(
        page,
        "<h2>疑点 {} 条（本月新增 {}，已消失销号 {}）</h2><p>疑点只是线索，逐人逐户核查后由人作出结论。</p>",
        cleared.leads.len(),
        cleared.opened,
        cleared.closed
    );
    let checks = leads_by_check(&cleared.leads);
    let rows = checks.iter().map(|(check, severity, count, new)| {
        vec![format!("[{severity}] {check}"), count.to_string(), new.to_string()]
    });
    table(page, &["疑点", "条数", "本月新增"], rows);
    let mut by_township: BTreeMap<String, BTreeMap<&str, u64>> = BTreeMap::new();
    for Lead { region, check, .. } in &cleared.leads {
        let code = format!("{:09}", region.at(RegionLevel::Township).number() / 1_000);
        *by_township.entry(code).or_default().entry(check).or_default() += 1;
    }
    page.push_str("<h2>各乡镇疑点</h2>");
    let mut headers = vec!["乡镇"];
    headers.extend(checks.iter().map(|(check, ..)| check.as_str()));
    let rows = by_township.iter().map(|(code, counts)| {
        let mut row = vec![place_name(divisions, code)];
        row.extend(
            checks.iter().map(|(check, ..)| counts.get(check.as_str()).copied().unwrap_or(0).to_string()),
        );
        row
    });
    table(page, &headers, rows);
}

fn rosters(cleared: &Cleared, page: &mut String) {
    page.push_str("<h2>名册</h2>");
    let rows = cleared.certificate.roster_rows.iter().map(|(roster, rows)| {
        let numbers =
            [rows.total, rows.linked, rows.new_persons, rows.review, rows.duplicates, rows.rejected];
        std::iter::once(roster.clone()).chain(numbers.iter().map(u64::to_string)).collect()
    });
    table(page, &["名册", "总行数", "关联", "新增人员", "待核", "重复", "退回"], rows);
    if !cleared.certificate.missing_rosters.is_empty() {
        page.push_str("<h2>未到名册</h2>");
        let rows =
            cleared.certificate.missing_rosters.iter().map(|missing| {
                vec![missing.name.clone(), missing.department.clone(), missing.inputs.join("、")]
            });
        table(page, &["名册", "部门", "因此不详的情况"], rows);
    }
}

fn place_name(divisions: &Divisions, code: &str) -> String {
    match RegionCode::parse(code) {
        Ok(found) => format!("{}（{code}）", divisions.township_name(found)),
        Err(_) => code.to_owned(),
    }
}

fn table(page: &mut String, headers: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    page.push_str("<table><thead><tr>");
    for header in headers {
        let _ = write!(page, "<th>{}</th>", escape(header));
    }
    page.push_str("</tr></thead><tbody>");
    for row in rows {
        page.push_str("<tr>");
        for cell in row {
            let _ = write!(page, "<td>{}</td>", escape(&cell));
        }
        page.push_str("</tr>");
    }
    page.push_str("</tbody></table>");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
