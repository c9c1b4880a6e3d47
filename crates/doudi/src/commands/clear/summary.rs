//! The summary: for programs as JSON, for a county head in Chinese.

use super::import::Imported;
use crate::divisions::Divisions;
use doudi_engine::{AnswerCounts, BUCKETS, Bucket, CheckCounts, Cleared, Lead};
use doudi_terms::RegionCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// Checks in the order of their severity, then of their names: name, severity, leads, of these new.
pub fn leads_by_check(leads: &[Lead]) -> Vec<(String, String, u64, u64)> {
    let mut counts: BTreeMap<(u8, &str, &str), (u64, u64)> = BTreeMap::new();
    for lead in leads {
        let rank = match lead.severity.as_str() {
            "红" => 0,
            "橙" => 1,
            _ => 2,
        };
        let count = counts.entry((rank, &lead.check, &lead.severity)).or_default();
        count.0 += 1;
        count.1 += u64::from(lead.since.is_none());
    }
    let row = |((_, check, severity), (all, new)): ((u8, &str, &str), (u64, u64))| {
        (check.to_owned(), severity.to_owned(), all, new)
    };
    counts.into_iter().map(row).collect()
}

/// `summary.json`: the certificate's keys and more.
pub fn json(cleared: &Cleared, imported: &Imported, files: &[String]) -> Value {
    let mut summary = serde_json::to_value(&cleared.certificate).unwrap_or_else(|_| json!({}));
    let leads: serde_json::Map<String, Value> = leads_by_check(&cleared.leads)
        .into_iter()
        .map(|(check, severity, count, new)| {
            (check, json!({ "severity": severity, "count": count, "new": new }))
        })
        .collect();
    let undetermined: serde_json::Map<String, Value> = cleared
        .certificate
        .by_village
        .iter()
        .filter(|(_, place)| place.buckets.undetermined > 0)
        .map(|(code, place)| (code.clone(), json!(place.buckets.undetermined)))
        .collect();
    let skipped: Vec<Value> =
        imported.skipped.iter().map(|(file, why)| json!({ "file": file, "reason": why })).collect();
    if let Some(object) = summary.as_object_mut() {
        object.insert("leads_total".into(), json!(cleared.leads.len()));
        object.insert("leads_opened".into(), json!(cleared.opened));
        object.insert("leads_closed".into(), json!(cleared.closed));
        object.insert("leads".into(), Value::Object(leads));
        let checks: serde_json::Map<String, Value> =
            cleared.checks.iter().map(|(name, counts)| (name.clone(), check(counts))).collect();
        object.insert("checks".into(), Value::Object(checks));
        object.insert("answers".into(), json!(cleared.answers));
        object.insert("undetermined_by_village".into(), Value::Object(undetermined));
        object.insert("skipped_files".into(), Value::Array(skipped));
        object.insert("warnings".into(), json!(imported.warnings));
        object.insert("files".into(), json!(files));
    }
    summary
}

/// A check's counts with its precision: a number for programs, the fraction for people, and the 95 % interval.
fn check(counts: &CheckCounts) -> Value {
    let mut value = json!(counts);
    let Some(object) = value.as_object_mut() else { return value };
    let precision = counts.precision();
    object.insert("precision".into(), precision.map_or(Value::Null, |(of, all)| json!(rounded(of, all))));
    object.insert("precision_interval".into(), precision.map_or(Value::Null, |found| json!(interval(found))));
    object
        .insert("precision_text".into(), json!(precision.map(|(of, all)| format!("{all} 件中 {of} 件属实"))));
    value
}

/// Four decimals, for reading only.
fn rounded(part: u64, whole: u64) -> f64 {
    let ten_thousandths = (u128::from(part) * 10_000 + u128::from(whole) / 2) / u128::from(whole.max(1));
    ten_thousandths as f64 / 10_000.0
}

/// Wilson's interval, for reading only: of few answers it says how little they prove.
fn interval((part, whole): (u64, u64)) -> [f64; 2] {
    const Z: f64 = 1.96;
    let (n, p) = (whole as f64, part as f64 / whole as f64);
    let middle = p + Z * Z / (2.0 * n);
    let spread = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let below = 1.0 + Z * Z / n;
    [(middle - spread) / below, (middle + spread) / below].map(|bound| (bound * 10_000.0).round() / 10_000.0)
}

/// What a county head reads.
pub fn text(
    cleared: &Cleared,
    imported: &Imported,
    divisions: &Divisions,
    region: RegionCode,
    out: &Path,
    files: &[String],
) -> String {
    let certificate = &cleared.certificate;
    let register = certificate.register;
    let mut text = String::new();
    let _ = writeln!(text, "{} {} 摸排完成", divisions.long_name(region), certificate.month);
    let _ = writeln!(
        text,
        "\n登记 {} 人、{} 户（其中名册上新发现 {} 人）；读入名册 {} 份",
        register.persons,
        register.households,
        register.new_persons,
        certificate.inputs.len()
    );
    let _ = writeln!(text, "\n每个人恰好归入一类：");
    for bucket in BUCKETS {
        let count = certificate.buckets.get(bucket);
        let _ = writeln!(text, "  {:>9}  {}", count, bucket.name());
    }
    let _ = writeln!(text, "  {:>9}  合计，与登记人口一致", certificate.buckets.sum());
    programmes(cleared, &mut text);
    leads(cleared, &mut text);
    answers(cleared, &mut text);
    undetermined(cleared, &mut text);
    rows(cleared, &mut text);
    if !certificate.missing_rosters.is_empty() {
        let _ = writeln!(text, "\n未到名册（相关情况按不详处理）：");
        for missing in &certificate.missing_rosters {
            let _ = writeln!(text, "  {}（{}）", missing.name, missing.department);
        }
    }
    if !imported.skipped.is_empty() {
        let _ = writeln!(text, "\n跳过 {} 个不是名册的文件", imported.skipped.len());
    }
    let errors = files.iter().filter(|file| file.contains("-错误")).count();
    let _ = writeln!(
        text,
        "\n结果在 {}：certificate.json（证书）、report.html（报告）、leads.csv（疑点）、closed-leads.csv（本月销号）、persons.csv，乡镇工作簿 {} 本，退回改正的名册 {} 本",
        out.display(),
        files.len() - errors,
        errors
    );
    let _ = write!(text, "核验：doudi verify {}", out.join("certificate.json").display());
    text
}

fn programmes(cleared: &Cleared, text: &mut String) {
    let _ = writeln!(text, "\n各项目：应享 / 已享 / 应享未享 / 已享但不符合 / 不详");
    for counts in cleared.certificate.by_programme.values() {
        let _ = writeln!(
            text,
            "  {}：{} / {} / {} / {} / {}",
            counts.name,
            counts.entitled,
            counts.enrolled,
            counts.entitled_not_enrolled,
            counts.enrolled_not_entitled,
            counts.unknown
        );
    }
}

fn leads(cleared: &Cleared, text: &mut String) {
    let _ = writeln!(
        text,
        "\n疑点 {} 条（本月新增 {} 条，销号 {} 条），只是线索，请逐人核查：",
        cleared.leads.len(),
        cleared.opened,
        cleared.closed
    );
    for (check, severity, count, new) in leads_by_check(&cleared.leads) {
        let _ = writeln!(text, "  [{severity}] {check}：{count} 条（新增 {new}）");
    }
}

/// What townships have answered so far, and how often each check was right.
fn answers(cleared: &Cleared, text: &mut String) {
    let AnswerCounts { rows, answered, repeated, blank, refused } = cleared.answers;
    if rows > 0 {
        let _ = writeln!(
            text,
            "\n交回的核查表 {rows} 行：有结果 {answered}，重复 {repeated}，还没填 {blank}，不能用 {refused}"
        );
    }
    let known = cleared.checks.iter().filter_map(|(name, counts)| Some((name, counts, counts.precision()?)));
    let mut known = known.peekable();
    if known.peek().is_some() {
        let _ = writeln!(text, "\n历次核查的结果（数据错误不算）：");
    }
    for (name, counts, (found, of)) in known {
        let errors = match counts.data_error {
            0 => String::new(),
            errors => format!("，另有数据错误 {errors} 件"),
        };
        let _ = writeln!(text, "  {name}：{of} 件中 {found} 件属实{errors}");
    }
}

fn undetermined(cleared: &Cleared, text: &mut String) {
    let villages = &cleared.certificate.by_village;
    let with: Vec<u64> =
        villages.values().map(|place| place.buckets.get(Bucket::Undetermined)).filter(|n| *n > 0).collect();
    let total: u64 = with.iter().sum();
    let persons = cleared.certificate.register.persons.max(1);
    let _ = writeln!(
        text,
        "\n待核实 {total} 人（登记人口的 {}.{}%），分在 {} 个村，平均每村 {} 人，最多的村 {} 人",
        total * 100 / persons,
        total * 1000 / persons % 10,
        with.len(),
        total.div_ceil(with.len().max(1) as u64),
        with.iter().max().copied().unwrap_or(0)
    );
}

fn rows(cleared: &Cleared, text: &mut String) {
    let _ = writeln!(text, "\n名册行数：总数 = 关联 + 新增人员 + 待核 + 重复 + 退回");
    for (roster, rows) in &cleared.certificate.roster_rows {
        let _ = writeln!(
            text,
            "  {roster}：{} = {} + {} + {} + {} + {}",
            rows.total, rows.linked, rows.new_persons, rows.review, rows.duplicates, rows.rejected
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_answers_prove_little() {
        assert_eq!((rounded(2, 3), interval((2, 3))), (0.6667, [0.2077, 0.9385]));
        assert_eq!(interval((1, 1)), [0.2065, 1.0]);
    }
}
