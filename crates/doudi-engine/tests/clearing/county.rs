//! Five hundred invented people of one county, their rosters, and a clearing of them.

use doudi_engine::lake::{self, Import};
use doudi_engine::{
    Certificate, Cleared, ClearingContent, Content, ContentFile, DataFolder, EngineError, LeadFile, Request,
    Verdict, clear, verify_content, verify_results,
};
use doudi_terms::roster::{Cells, ColumnKind, ObservationBatch, RosterFile, RosterSpec};
use doudi_terms::{Month, RegionCode, check_character, epoch_day, parse_date};
use std::path::PathBuf;
use tempfile::TempDir;

const SURNAMES: [&str; 10] = ["赵", "钱", "孙", "李", "周", "吴", "郑", "王", "冯", "陈"];
const GIVEN: [&str; 25] = [
    "建国", "秀英", "志强", "桂兰", "德明", "玉珍", "永福", "淑芬", "长生", "彩霞", "文斌", "春梅", "国栋",
    "美玲", "大伟", "小燕", "光荣", "素云", "新民", "丽华", "海涛", "雪莲", "金山", "银花", "宝玉",
];

pub const PROGRAMS: &str = r#"{
  "clearing": {"out_of_scope": "人.已不在范围", "sign_of_need": "人.有困难迹象", "covered": "人.本月享受"},
  "programme": [{"id": "dibao", "name": "最低生活保障", "unit": "户", "entitled": "人.应享低保",
                 "enrolled": "人.享受低保", "amount": "户.低保金"}],
  "ledger": [{"name": "重残台账", "rule": "人.在重残台账", "filing": "每月报县里",
              "columns": [{"name": "残疾等级", "fact": "人.残疾等级", "width": 8},
                          {"name": "户低保金", "rule": "户.低保金"}, {"name": "期止"}]}],
  "look_in": {"class": [{"name": "重残", "rule": "人.在重残台账"}],
              "columns": [{"name": "等级", "fact": "人.残疾等级"}]}
}"#;

pub const SPECS: &str = r#"[
  {"id": "deaths", "name": "死亡名册", "department": "卫健", "monthly": true, "valid_months": 1200,
   "columns": [{"name": "姓名", "kind": "person-name"}, {"name": "身份证号", "kind": "id-number"},
               {"name": "死亡日期", "kind": "date"}],
   "facts": [{"input": "人.死亡", "value": "是", "absent": "否"},
             {"input": "人.死亡日期", "column": "死亡日期"}]},
  {"id": "dibao", "name": "低保名册", "department": "民政", "monthly": true,
   "columns": [{"name": "低保证号", "kind": "household-number"}, {"name": "姓名", "kind": "person-name"},
               {"name": "身份证号", "kind": "id-number"}, {"name": "银行账号", "kind": "account"},
               {"name": "区划代码", "kind": "region"}],
   "facts": [{"input": "人.低保在册", "value": "是", "absent": "否"},
             {"input": "户.低保在册", "value": "是", "absent": "否"},
             {"input": "人.低保名册证号状态", "derive": "id-state"},
             {"input": "人.低保名册姓名不符", "derive": "name-differs-from-register", "absent": "否"}],
   "counts": [{"input": "人.低保账户领款户数", "same": "银行账号", "of": "households", "absent": "0"},
              {"input": "人.低保在册县数", "of": "counties"}]},
  {"id": "disabled", "name": "残疾人名册", "department": "残联", "monthly": true,
   "columns": [{"name": "姓名", "kind": "person-name"}, {"name": "身份证号", "kind": "id-number"},
               {"name": "残疾等级", "kind": "enum"}, {"name": "城乡", "kind": "enum"}],
   "facts": [{"input": "人.残疾人", "value": "否", "when": {"残疾等级": ["注销"]}},
             {"input": "人.残疾人", "value": "是", "absent": "否"},
             {"input": "人.残疾等级", "column": "残疾等级"}, {"input": "户.城乡", "column": "城乡"}]},
  {"id": "findings", "name": "疑点核查结果", "department": "乡镇", "valid_months": 12,
   "columns": [{"name": "姓名", "kind": "person-name"}, {"name": "身份证号", "kind": "id-number"},
               {"name": "疑点编号", "kind": "text"}, {"name": "核查结果", "kind": "enum"},
               {"name": "核查人", "kind": "text"}, {"name": "日期", "kind": "date"}],
   "findings": {"lead": "疑点编号", "outcome": "核查结果", "by": "核查人", "on": "日期"}},
  {"id": "incomes", "name": "收入名册", "department": "人社", "several_rows": true,
   "columns": [{"name": "姓名", "kind": "person-name"}, {"name": "身份证号", "kind": "id-number"},
               {"name": "月额", "kind": "money"}],
   "records": [{"record": "收入", "fields": {"月额": {"column": "月额"}}, "complete": true}]},
  {"id": "register", "name": "户籍名册", "department": "公安", "register": true,
   "columns": [{"name": "person_id", "kind": "person-id"}, {"name": "身份证号", "kind": "id-number"},
               {"name": "姓名", "kind": "person-name"}, {"name": "户号", "kind": "household-number"},
               {"name": "与户主关系", "kind": "relation"}, {"name": "区划代码", "kind": "region"},
               {"name": "城乡", "kind": "enum"}],
   "facts": [{"input": "人.与户主关系", "column": "与户主关系"}, {"input": "户.城乡", "column": "城乡"}]}
]"#;

/// One invented person.
#[derive(Clone)]
pub struct Invented {
    pub person_id: String,
    pub id: String,
    pub name: String,
    pub household: String,
    pub head: bool,
    pub region: String,
}

/// An 18-digit number from a serial number; valid.
pub fn id_number(serial: usize) -> String {
    let birth = format!("{}{:02}{:02}", 1935 + serial % 70, 1 + serial % 12, 1 + serial % 28);
    let digits = format!("500243{birth}{:03}", serial % 1000);
    let check = check_character(digits.as_bytes()).expect("digits");
    format!("{digits}{}", char::from(check))
}

pub fn people() -> Vec<Invented> {
    (0..500)
        .map(|serial| {
            let household = serial / 3;
            Invented {
                person_id: format!("{}", serial + 1),
                id: id_number(serial),
                name: format!("{}{}", SURNAMES[household % 10], GIVEN[(serial * 7 + household) % 25]),
                household: format!("H{household:04}"),
                head: serial % 3 == 0,
                region: format!("50024300{}20{}", 1 + household % 2, household % 3),
            }
        })
        .collect()
}

/// A row of a roster: one text for each of its columns; money in fen, dates as people write them.
pub type Row = Vec<String>;

pub fn register_rows(people: &[Invented]) -> Vec<Row> {
    let relation = |person: &Invented| if person.head { "户主" } else { "其他" }.to_owned();
    let row = |p: &Invented| {
        vec![
            p.person_id.clone(),
            p.id.clone(),
            p.name.clone(),
            p.household.clone(),
            relation(p),
            p.region.clone(),
            "农村".to_owned(),
        ]
    };
    people.iter().map(row).collect()
}

/// A data folder, content, and a place for results.
pub struct World {
    pub folder: DataFolder,
    pub root: TempDir,
    pub content: Content,
    /// Few, so that every clearing is done in many parts; verifying is done in one.
    pub persons_per_part: Option<usize>,
    /// Bytes.
    pub memory: Option<u64>,
    serial: usize,
}

pub fn policies() -> Vec<ContentFile> {
    let file = |path: &str, text: &str| ContentFile { path: path.into(), text: text.into() };
    vec![
        file("national/facts.md", include_str!("policies/facts.md")),
        file("national/law.md", include_str!("policies/law.md")),
        file("national/standards.csv", include_str!("policies/standards.csv")),
        file("programs.toml", PROGRAMS),
    ]
}

/// The small county's specifications and the shipped weights.
pub fn specs() -> Vec<ContentFile> {
    let weights = include_str!("../../../../rosters/default.weights.toml");
    let file = |path: &str, text: &str| ContentFile { path: path.into(), text: text.into() };
    vec![file("all.json", SPECS), file("default.weights.toml", weights)]
}

pub fn content(policies: Vec<ContentFile>, specs: Vec<ContentFile>) -> Content {
    let list: Vec<RosterSpec> = serde_json::from_str(&specs[0].text).expect("specs");
    let registry = policies.iter().find(|file| file.path == "programs.toml").expect("registry");
    let clearing: ClearingContent = serde_json::from_str(&registry.text).expect("registry");
    Content::new(policies, specs, list, clearing).unwrap_or_else(|error| panic!("{error}"))
}

/// As a month was cleared with it.
pub fn kept_content(policies: Vec<ContentFile>, specs: Vec<ContentFile>) -> Result<Content, EngineError> {
    let list: Vec<RosterSpec> = serde_json::from_str(&specs[0].text).expect("specs");
    let registry = policies.iter().find(|file| file.path == "programs.toml").expect("registry");
    Content::kept(policies.clone(), specs, list, serde_json::from_str(&registry.text).expect("registry"))
}

impl World {
    pub fn new() -> World {
        let root = tempfile::tempdir().expect("a folder");
        let folder = DataFolder::open(&root.path().join("data")).expect("a data folder");
        World {
            folder,
            root,
            content: content(policies(), specs()),
            persons_per_part: Some(37),
            memory: None,
            serial: 0,
        }
    }

    /// Imports one roster as the only file of its month.
    pub fn import(&mut self, roster: &str, month: &str, rows: &[Row]) {
        self.import_files(roster, month, &[rows]);
    }

    /// Imports the files of a roster and month.
    pub fn import_files(&mut self, roster: &str, month: &str, files: &[&[Row]]) {
        let month = Month::parse(month).expect("a month");
        let stored: Vec<_> = files.iter().map(|rows| self.store(roster, month, rows)).collect();
        lake::set_current(&self.folder, roster, month, &stored).expect("current");
    }

    fn store(&mut self, roster: &str, month: Month, rows: &[Row]) -> lake::StoredRoster {
        let (_, spec) = self.content.spec(roster).expect("a specification");
        self.serial += 1;
        let mut import = Import::begin(&self.folder, spec, self.serial);
        for rows in rows.chunks(64).zip(0_u32..).map(|(rows, chunk)| (chunk * 64, rows)) {
            import.push(&batch(spec, rows.0, rows.1)).expect("written");
        }
        let file = RosterFile {
            file: format!("{roster}.csv"),
            sheet: None,
            roster: roster.into(),
            month: Some(month),
            sha256: doudi_engine::digest::sha256_hex(format!("{rows:?}").as_bytes()),
            rows: rows.len() as u32,
            rejected: 0,
            problems: Vec::new(),
        };
        import.finish(&file, month).expect("stored")
    }

    pub fn clear_in(&self, region: &str, month: &str) -> Result<Cleared, EngineError> {
        let request = Request {
            folder: &self.folder,
            content: &self.content,
            region: RegionCode::parse(region).expect("a region"),
            month: Month::parse(month).expect("a month"),
            data: "../data".into(),
            program_version: "test".into(),
            memory: self.memory,
            persons_per_part: self.persons_per_part,
        };
        clear(&request, &mut LeadFile::of(&self.folder), &|_| {})
    }

    /// Clears and writes what lies beside the certificate.
    pub fn clear(&self, month: &str) -> Cleared {
        let cleared = self.clear_in("500243", month).unwrap_or_else(|error| panic!("{error}"));
        let out = self.out();
        std::fs::create_dir_all(&out).expect("results");
        cleared.persons_csv.write(&out.join("persons.csv")).expect("persons");
        std::fs::write(out.join("leads.csv"), &cleared.leads_csv).expect("leads");
        std::fs::write(out.join("closed-leads.csv"), &cleared.closed_leads_csv).expect("closed leads");
        cleared
    }

    pub fn out(&self) -> PathBuf {
        self.root.path().join("out")
    }

    /// `None` = the same.
    pub fn difference(&self, certificate: &Certificate) -> Option<String> {
        let differs = |verdict| match verdict {
            Verdict::Same => None,
            Verdict::Differs(difference) => Some(difference),
        };
        let content_difference = verify_content(&self.folder, certificate).expect("content");
        if let Some(difference) = differs(content_difference) {
            return Some(difference);
        }
        let load =
            |hash: &str, kind: &str| doudi_engine::load_content(&self.folder, hash, kind).expect("kept");
        let kept =
            content(load(&certificate.policies_hash, "policies"), load(&certificate.specs_hash, "rosters"));
        let log = LeadFile::of(&self.folder);
        differs(verify_results(&self.folder, &kept, certificate, &self.out(), &log).expect("verified"))
    }
}

fn batch(spec: &RosterSpec, first: u32, rows: &[Row]) -> ObservationBatch {
    let columns = spec.columns.iter().enumerate().map(|(at, column)| {
        let cells = rows.iter().map(|row| row.get(at).filter(|cell| !cell.is_empty()));
        Some(match column.kind {
            ColumnKind::Money => Cells::Money(cells.map(|cell| cell.and_then(|c| c.parse().ok())).collect()),
            ColumnKind::Date => {
                Cells::Date(cells.map(|cell| cell.and_then(|c| parse_date(c)).map(epoch_day)).collect())
            }
            _ => Cells::Text(cells.map(|cell| cell.map(|c| c.as_str().into())).collect()),
        })
    });
    ObservationBatch {
        rows: (0..rows.len() as u32).map(|row| first + row + 2).collect(),
        columns: columns.collect(),
    }
}

/// The first month: ten households on dibao, one of whose members has died; forty disabled people; incomes of all.
pub fn first_month(world: &mut World, month: &str) -> Vec<Invented> {
    let people = people();
    let named = |p: &Invented, more: &str| vec![p.name.clone(), p.id.clone(), more.to_owned()];
    world.import("register", month, &register_rows(&people));
    world.import("dibao", month, &dibao_rows(&people, 0..30));
    world.import("deaths", month, &[named(&people[4], "2020-01-15"), named(&people[400], "2020-03-02")]);
    let disabled: Vec<Row> =
        people[300..340].iter().zip(0..).map(|(p, n)| named(p, ["一级", "三级"][n % 2])).collect();
    world.import("disabled", month, &disabled);
    // Households from 110 on earn enough; the others nothing.
    let incomes: Vec<Row> = people[330..].iter().map(|p| named(p, "250000")).collect();
    world.import("incomes", month, &incomes);
    people
}

pub fn dibao_rows(people: &[Invented], range: std::ops::Range<usize>) -> Vec<Row> {
    let row = |p: &Invented| vec![format!("D{}", p.household), p.name.clone(), p.id.clone()];
    people[range].iter().map(row).collect()
}
