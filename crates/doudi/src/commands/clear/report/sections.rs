//! The parts of the page that the certificate alone gives.

use super::board::{level_of, place_name};
use super::markup::{Cell, Table, escape, headers};
use crate::divisions::Divisions;
use doudi_engine::{BUCKETS, Bucket, BucketCounts, Certificate, Cleared, PlaceCounts, ProgrammeCounts};
use doudi_rosters::SpecSet;
use doudi_terms::RegionCode;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Rosters and programmes as people call them, by their ids.
pub struct Names(BTreeMap<String, String>);

impl Names {
    pub fn of(cleared: &Cleared, set: &SpecSet) -> Names {
        let rosters = set.iter().map(|spec| (spec.id.clone(), spec.name.clone()));
        let programmes = cleared.certificate.by_programme.iter();
        Names(rosters.chain(programmes.map(|(id, counts)| (id.clone(), counts.name.clone()))).collect())
    }

    fn name(&self, id: &str) -> String {
        self.0.get(id).map_or_else(|| id.to_owned(), Clone::clone)
    }

    /// An identity begins with the id of what it is about.
    fn identity(&self, name: &str) -> String {
        match name.split_once('：') {
            Some((id, rest)) => format!("{}：{rest}", self.name(id)),
            None => name.to_owned(),
        }
    }
}

/// Villages with most to do that stand in the table; all of them in the workbooks.
const VILLAGES: usize = 50;

/// Month, certificate, whether it adds up, and the numbers that a county head asks for.
pub fn heading(cleared: &Cleared, hash: &str, page: &mut String) {
    let certificate = &cleared.certificate;
    let broken = certificate.identities.iter().filter(|identity| !identity.holds).count();
    let all = certificate.identities.len();
    let holds = match broken {
        0 => format!("<span class=\"holds\">✓ {all} 条核对等式全部成立：没有漏掉一个人、一行名册</span>"),
        _ => {
            format!("<span class=\"broken\">✗ {all} 条核对等式中有 {broken} 条不成立，这份结果不能用</span>")
        }
    };
    let _ = write!(
        page,
        "<p>摸排月份 {}　清算证书 <span class=\"hash\">{}</span></p><p>{holds}</p>",
        escape(&certificate.month),
        escape(hash.get(..16).unwrap_or(hash))
    );
    let buckets = &certificate.buckets;
    let severity =
        |which: &str| cleared.leads.iter().filter(|lead| lead.severity == which).count().to_string();
    let numbers = [
        (certificate.register.persons.to_string(), "登记人口"),
        (certificate.register.households.to_string(), "户（按一起核算的家庭）"),
        (buckets.get(Bucket::Covered).to_string(), Bucket::Covered.name()),
        (work(buckets).to_string(), "本月要核查、帮助申请或了解的人"),
        (cleared.leads.len().to_string(), "疑点（条）"),
        (severity("红"), "■ 红色疑点"),
        (severity("橙"), "▲ 橙色疑点"),
        (severity("黄"), "○ 黄色疑点"),
        (buckets.get(Bucket::EligibleNotEnrolled).to_string(), Bucket::EligibleNotEnrolled.name()),
        (buckets.get(Bucket::Undetermined).to_string(), Bucket::Undetermined.name()),
    ];
    page.push_str("<ul class=\"numbers\">");
    for (number, name) in numbers {
        let _ = write!(page, "<li><b>{number}</b>{name}</li>");
    }
    page.push_str("</ul>");
}

/// Whoever somebody has to go to or to ask about.
fn work(buckets: &BucketCounts) -> u64 {
    [Bucket::Verifying, Bucket::EligibleNotEnrolled, Bucket::Undetermined]
        .into_iter()
        .map(|bucket| buckets.get(bucket))
        .sum()
}

pub fn buckets(cleared: &Cleared, page: &mut String) {
    let certificate = &cleared.certificate;
    let register = certificate.register;
    let _ = write!(
        page,
        "<p>登记 {} 人、{} 户，其中名册上新发现 {} 人。每个人恰好归入一类。</p>",
        register.persons, register.households, register.new_persons
    );
    let share = |count: u64| {
        let tenths = u128::from(count) * 1_000 / u128::from(register.persons.max(1));
        Cell { class: "", html: format!("{}.{}%", tenths / 10, tenths % 10) }
    };
    let row = |name: &str, count: u64| (name.to_owned(), vec![Cell::number(count), share(count)]);
    let rows = BUCKETS.map(|bucket| row(bucket.name(), certificate.buckets.get(bucket)));
    let table = Table {
        caption: "七类人数",
        headers: headers(&["类别", "人数", "占登记人口"]),
        rows: rows.into_iter().chain([row("合计", certificate.buckets.sum())]).collect(),
        sum: true,
        ..Table::default()
    };
    table.write(page);
}

pub fn programmes(cleared: &Cleared, page: &mut String) {
    let rows = cleared.certificate.by_programme.values().map(|counts| {
        let numbers = [
            counts.entitled,
            counts.enrolled,
            counts.entitled_not_enrolled,
            counts.enrolled_not_entitled,
            counts.unknown,
        ];
        let cells = numbers.map(Cell::number).into_iter();
        (counts.name.clone(), cells.chain([Cell { class: "", html: amount_words(counts) }]).collect())
    });
    let table = Table {
        caption: "按现有信息认定的人数和应发金额",
        headers: headers(&["项目", "应享", "已享", "应享未享", "已享但不符合", "不详", "应发金额（元/月）"]),
        rows: rows.collect(),
        ..Table::default()
    };
    table.write(page);
}

/// The sum that is known, and of how many it is not.
fn amount_words(counts: &ProgrammeCounts) -> String {
    match (counts.amount_unknown, counts.amount_yuan.as_str()) {
        (0, known) => known.to_owned(),
        (unknown, "0.00" | "") => format!("{unknown} 人金额不详（标准没有公布）"),
        (unknown, known) => format!("{known}，另有 {unknown} 人金额不详"),
    }
}

pub fn townships(cleared: &Cleared, divisions: &Divisions, page: &mut String) {
    let by_township = &cleared.certificate.by_township;
    let level = level_of(by_township.len());
    let mut places: BTreeMap<RegionCode, (u64, [u64; BUCKETS.len()])> = BTreeMap::new();
    for (code, place) in by_township {
        let Ok(code) = RegionCode::parse(code) else { continue };
        let sums = places.entry(code.at(level)).or_default();
        sums.0 += place.persons;
        for (sum, bucket) in sums.1.iter_mut().zip(BUCKETS) {
            *sum += place.buckets.get(bucket);
        }
    }
    let cells = |persons: u64, buckets: [u64; BUCKETS.len()]| -> Vec<Cell> {
        std::iter::once(persons).chain(buckets).map(Cell::number).collect()
    };
    let certificate = &cleared.certificate;
    let total = BUCKETS.map(|bucket| certificate.buckets.get(bucket));
    let sum = ("合计".to_owned(), cells(certificate.register.persons, total));
    let rows = places
        .into_iter()
        .map(|(code, (persons, buckets))| (place_name(divisions, code), cells(persons, buckets)));
    let names = ["乡镇（街道）", "人数"].into_iter().chain(BUCKETS.iter().map(|bucket| bucket.name()));
    let table = Table {
        caption: "各乡镇七类人数",
        headers: headers(&names.collect::<Vec<_>>()),
        rows: rows.chain([sum]).collect(),
        sum: true,
        ..Table::default()
    };
    table.write(page);
}

/// By village, those with most to do first.
pub fn villages(cleared: &Cleared, divisions: &Divisions, page: &mut String) {
    let mut leads: BTreeMap<u64, u64> = BTreeMap::new();
    for lead in &cleared.leads {
        *leads.entry(lead.region.number()).or_default() += 1;
    }
    let parsed = |(code, place): (&String, &PlaceCounts)| Some((RegionCode::parse(code).ok()?, *place));
    let mut villages: Vec<(RegionCode, PlaceCounts)> =
        cleared.certificate.by_village.iter().filter_map(parsed).collect();
    villages.sort_by_key(|(code, place)| (std::cmp::Reverse(work(&place.buckets)), *code));
    let busy = villages.iter().filter(|(_, place)| work(&place.buckets) > 0).count();
    let all: u64 = villages.iter().map(|(_, place)| work(&place.buckets)).sum();
    let _ = write!(
        page,
        "<p>{busy} 个村（社区）有事要做，平均每村 {} 人，最多的 {} 人。下表列最忙的 {} 个，其余见各乡镇工作簿的“目录”。</p>",
        all.div_ceil(busy.max(1) as u64),
        villages.first().map_or(0, |(_, place)| work(&place.buckets)),
        busy.min(VILLAGES)
    );
    let rows = villages.iter().take(busy.min(VILLAGES)).map(|(code, place)| {
        let name = format!("{} {}", divisions.township_name(code.township()), divisions.village_name(*code));
        let numbers = [
            place.persons,
            work(&place.buckets),
            leads.get(&code.number()).copied().unwrap_or(0),
            place.buckets.get(Bucket::Verifying),
            place.buckets.get(Bucket::EligibleNotEnrolled),
            place.buckets.get(Bucket::Undetermined),
        ];
        (name, numbers.map(Cell::number).into_iter().collect())
    });
    let names = ["村（社区）", "人数", "要做的人", "疑点（条）", "核查疑点", "帮助申请", "了解情况"];
    let table = Table {
        caption: "各村工作量，多的在前",
        headers: headers(&names),
        rows: rows.collect(),
        ..Table::default()
    };
    table.write(page);
}

/// What verifying has found so far, by check.
pub fn precision(cleared: &Cleared, page: &mut String) {
    let known = cleared.checks.iter().filter(|(_, counts)| counts.answered > 0);
    let rows: Vec<(String, Vec<Cell>)> = known
        .map(|(name, counts)| {
            let numbers = [
                counts.answered,
                counts.found_true,
                counts.found_partly,
                counts.found_false,
                counts.data_error,
            ];
            let precision = counts.precision().map_or_else(
                || Cell::words("还不知道"),
                |(found, of)| Cell::words(&format!("{of} 件中 {found} 件属实")),
            );
            (name.clone(), numbers.map(Cell::number).into_iter().chain([precision]).collect())
        })
        .collect();
    if rows.is_empty() {
        page.push_str(
            "<p>还没有交回的核查结果。填好的“疑点清单”放进名册文件夹，这里就有每项检查查准了多少。</p>",
        );
        return;
    }
    let names = ["检查", "已答复", "属实", "部分属实", "不属实", "数据错误", "查准（数据错误不算）"];
    let table =
        Table { caption: "历次核查的结果", headers: headers(&names), rows, ..Table::default() };
    table.write(page);
}

pub fn missing_rosters(cleared: &Cleared, page: &mut String) {
    let missing = &cleared.certificate.missing_rosters;
    if missing.is_empty() {
        page.push_str("<p class=\"holds\">✓ 要用的名册都到了。</p>");
        return;
    }
    page.push_str("<p>下面的名册没有到，有关情况按“不详”处理，不当作没有。</p>");
    let rows = missing.iter().map(|missing| {
        let state = Cell { class: "waiting", html: "数据未到".into() };
        let cells = vec![state, Cell::words(&missing.department), Cell::words(&missing.inputs.join("、"))];
        (missing.name.clone(), cells)
    });
    let table = Table {
        caption: "没有到的名册",
        headers: headers(&["名册", "状态", "部门", "因此不详的情况"]),
        rows: rows.collect(),
        ..Table::default()
    };
    table.write(page);
}

pub fn rosters(cleared: &Cleared, names: &Names, page: &mut String) {
    let certificate = &cleared.certificate;
    let rows = certificate.roster_rows.iter().map(|(roster, rows)| {
        let numbers =
            [rows.total, rows.linked, rows.new_persons, rows.review, rows.duplicates, rows.rejected];
        (names.name(roster), numbers.map(Cell::number).into_iter().collect())
    });
    let table = Table {
        caption: "总行数 = 关联 + 新增人员 + 待核 + 重复 + 退回",
        headers: headers(&["名册", "总行数", "关联", "新增人员", "待核", "重复", "退回"]),
        rows: rows.collect(),
        ..Table::default()
    };
    table.write(page);
}

pub fn certificate(cleared: &Cleared, names: &Names, hash: &str, page: &mut String) {
    let certificate = &cleared.certificate;
    let rows = certificate.identities.iter().map(|identity| {
        let state = if identity.holds {
            Cell { class: "clear", html: "✓ 成立".into() }
        } else {
            Cell { class: "waiting", html: "✗ 不成立".into() }
        };
        let cells = vec![Cell::number(identity.left), Cell::number(identity.right), state];
        (names.identity(&identity.name), cells)
    });
    let table = Table {
        caption: "核对等式：左右两边必须相等",
        headers: headers(&["等式", "左", "右", "结果"]),
        rows: rows.collect(),
        ..Table::default()
    };
    table.write(page);
    hashes(certificate, hash, page);
    page.push_str(
        "<h3>怎样核验</h3><p>把证书和数据文件夹放在原处，运行 <code>doudi verify certificate.json</code>：\
         用当时存下的名册、政策和标准重算一遍，逐项比对，指出第一处不同。证书文件本身的 SHA-256 应与上面一致。</p>",
    );
}

fn hashes(certificate: &Certificate, hash: &str, page: &mut String) {
    let cell =
        |text: &str| Cell { class: "words", html: format!("<span class=\"hash\">{}</span>", escape(text)) };
    let mut rows = vec![
        ("证书 certificate.json".to_owned(), vec![cell(hash)]),
        ("政策".to_owned(), vec![cell(&certificate.policies_hash)]),
        ("名册说明".to_owned(), vec![cell(&certificate.specs_hash)]),
        ("快照".to_owned(), vec![cell(&certificate.snapshot_hash)]),
    ];
    for (file, output) in &certificate.outputs {
        rows.push((format!("{file}（{} 行）", output.rows), vec![cell(&output.sha256)]));
    }
    rows.push(("程序".to_owned(), vec![Cell::words(&certificate.program_version)]));
    let table =
        Table {
            caption: "摘要（SHA-256）", headers: headers(&["文件", "摘要"]), rows, ..Table::default()
        };
    table.write(page);
}
