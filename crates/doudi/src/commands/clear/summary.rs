//! The summary: for programs as JSON, for a county head in Chinese.

use super::import::Imported;
use crate::divisions::Divisions;
use doudi_engine::{BUCKETS, Bucket, Cleared, Lead};
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
        object.insert("undetermined_by_village".into(), Value::Object(undetermined));
        object.insert("skipped_files".into(), Value::Array(skipped));
        object.insert("warnings".into(), json!(imported.warnings));
        object.insert("files".into(), json!(files));
    }
    summary
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
    let errors = files.iter().filter(|file| file.ends_with("-错误.xlsx")).count();
    let _ = writeln!(
        text,
        "\n结果在 {}：certificate.json（证书）、report.html（报告）、leads.csv、persons.csv，乡镇工作簿 {} 本，退回改正的名册 {} 本",
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
        "\n疑点 {} 条（本月新增 {} 条，已消失销号 {} 条），只是线索，请逐人核查：",
        cleared.leads.len(),
        cleared.opened,
        cleared.closed
    );
    for (check, severity, count, new) in leads_by_check(&cleared.leads) {
        let _ = writeln!(text, "  [{severity}] {check}：{count} 条（新增 {new}）");
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
