//! A checker that sees only the undamaged tables, as text, and looks for every kind by its plain definition. It shares
//! no code with the world, so that both have to be wrong in the same way for an error to pass.

#[path = "comparisons.rs"]
mod comparisons;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

pub(super) type Record = HashMap<&'static str, String>;

/// The tables of one month: roster id to rows.
#[derive(Default)]
pub(super) struct Book {
    pub month: String,
    pub rosters: HashMap<&'static str, Vec<Record>>,
}

pub(super) type Found = BTreeSet<(&'static str, String)>;

/// Fen; blank is nothing.
fn fen(text: &str) -> i64 {
    let (yuan, cents) = text.split_once('.').unwrap_or((text, "00"));
    if text.is_empty() {
        0
    } else {
        yuan.parse::<i64>().expect("yuan") * 100 + cents.parse::<i64>().expect("fen")
    }
}

fn id_of(row: &Record) -> &str {
    for header in ["身份证号", "证件号码", "近亲属身份证号"] {
        if let Some(id) = row.get(header) {
            return id;
        }
    }
    &row["残疾人证号"][..18]
}

struct Resident {
    person_id: String,
    home: String,
    birth: String,
    urban: bool,
}

pub(super) struct Checker<'a> {
    book: &'a Book,
    before: Option<&'a Book>,
    residents: BTreeMap<&'a str, Resident>,
    homes: BTreeMap<&'a str, Vec<&'a str>>,
    dead: HashMap<&'a str, &'a str>,
    gone: HashSet<&'a str>,
    imprisoned: HashMap<&'a str, &'a str>,
    dibao: HashSet<&'a str>,
    tekun: HashSet<&'a str>,
    /// Gross income, wages in it, yearly spending; of canvassed people.
    purses: HashMap<&'a str, [i64; 3]>,
    canvassed: HashSet<&'a str>,
}

impl<'a> Checker<'a> {
    pub fn new(book: &'a Book, before: Option<&'a Book>) -> Checker<'a> {
        let ids = |roster| book.rosters[roster].iter().map(id_of).collect::<HashSet<_>>();
        let dated = |roster, header| {
            book.rosters[roster]
                .iter()
                .map(|row| (id_of(row), row[header].as_str()))
                .collect::<HashMap<_, _>>()
        };
        let mut checker = Checker {
            book,
            before,
            residents: BTreeMap::new(),
            homes: BTreeMap::new(),
            dead: dated("deaths", "死亡日期"),
            gone: ids("moved"),
            imprisoned: dated("custody", "入所日期"),
            dibao: ids("dibao"),
            tekun: ids("tekun"),
            purses: HashMap::new(),
            canvassed: HashSet::new(),
        };
        for row in &book.rosters["register"] {
            let resident = Resident {
                person_id: row["person_id"].clone(),
                home: row["户号"].clone(),
                birth: row["出生日期"].clone(),
                urban: row["城乡"] == "城镇",
            };
            checker.residents.insert(id_of(row), resident);
            checker.homes.entry(&row["户号"]).or_default().push(id_of(row));
        }
        checker.read_purses();
        checker
    }

    fn rows(&self, roster: &str) -> &'a [Record] {
        &self.book.rosters[roster]
    }

    fn read_purses(&mut self) {
        for row in self.rows("canvass").iter().filter(|row| row["经济状况已核对"] == "是") {
            let amount = |header| fen(&row[header]);
            let wage = amount("工资性月收入");
            let gross = wage + amount("经营净月收入") + amount("财产净月收入") + amount("转移净月收入");
            self.purses.insert(id_of(row), [gross, wage, amount("学费年支出")]);
            self.canvassed.insert(&row["户号"]);
        }
        let sources = [
            ("wages", "月工资", 1),
            ("payroll", "月实发工资", 1),
            ("pensions", "月养老金", 0),
            ("land-transfers", "月均流转收入", 0),
        ];
        for (roster, header, is_wage) in sources {
            for row in self.rows(roster) {
                let purse = self.purses.entry(id_of(row)).or_default();
                purse[0] += fen(&row[header]);
                purse[1] += is_wage * fen(&row[header]);
            }
        }
        for row in self.rows("medical-bills") {
            self.purses.entry(id_of(row)).or_default()[2] += fen(&row["个人自付金额"]);
        }
    }

    fn living(&self, id: &str) -> bool {
        !self.dead.contains_key(id)
    }

    fn free_members(&self, home: &str) -> Vec<&'a str> {
        let free =
            |id: &&str| self.living(id) && !self.gone.contains(id) && !self.imprisoned.contains_key(id);
        self.homes[home].iter().copied().filter(free).collect()
    }

    /// What a household is short of, in fen.
    fn gap(&self, home: &str) -> i64 {
        let members = self.free_members(home);
        let line = match members.first() {
            Some(id) if self.residents[id].urban => 58_000,
            _ => 44_000,
        };
        let sum = |part: usize| {
            members.iter().map(|id| self.purses.get(id).map_or(0, |purse| purse[part])).sum::<i64>()
        };
        let countable = (sum(0) - sum(1) / 5 - sum(2) / 12).max(0);
        line * members.len() as i64 - countable
    }

    fn people_with(&self, roster: &str, keep: impl Fn(&Record) -> bool) -> HashSet<&'a str> {
        self.rows(roster).iter().filter(|row| keep(row)).map(id_of).filter(|id| self.living(id)).collect()
    }

    fn with_car(&self) -> HashSet<&'a str> {
        self.people_with("vehicle", |row| {
            row["状态"] == "正常"
                && ["小型轿车", "小型普通客车", "重型货车"].contains(&row["车辆类型"].as_str())
        })
    }

    fn with_company(&self) -> HashSet<&'a str> {
        self.people_with("companies", |row| row["状态"] == "存续" && row["身份"] != "个体经营者")
    }

    fn homes_of(&self, people: &HashSet<&'a str>) -> HashSet<&'a str> {
        self.homes
            .iter()
            .filter(|(_, members)| members.iter().any(|id| people.contains(id)))
            .map(|(home, _)| *home)
            .collect()
    }

    fn homes_with_houses(&self) -> HashSet<&'a str> {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for row in self.rows("housing").iter().filter(|row| row["用途"] == "住宅" && self.living(id_of(row)))
        {
            *counts.entry(id_of(row)).or_default() += 1;
        }
        let total =
            |members: &[&str]| members.iter().map(|id| counts.get(id).copied().unwrap_or(0)).sum::<usize>();
        self.homes.iter().filter(|(_, members)| total(members) >= 2).map(|(home, _)| *home).collect()
    }

    pub fn run(&self) -> Found {
        let mut found = Found::new();
        self.rosters(&mut found);
        self.households(&mut found);
        self.disability(&mut found);
        self.others(&mut found);
        self.comparisons(&mut found);
        found
    }

    fn add(&self, found: &mut Found, kind: &'static str, id: &str) {
        found.insert((kind, self.residents[id].person_id.clone()));
    }

    /// Two months or more before this one.
    fn long_dead(&self, id: &str) -> bool {
        let limit = if self.book.month == "2020-05" { "2020-04" } else { "2020-03" };
        self.dead.get(id).is_some_and(|day| **day < *limit)
    }

    fn rosters(&self, found: &mut Found) {
        let mut certificates: HashMap<&str, HashSet<&str>> = HashMap::new();
        for row in self.rows("dibao") {
            certificates.entry(id_of(row)).or_default().insert(&row["低保证号"]);
        }
        for (&id, numbers) in certificates.iter().collect::<BTreeMap<_, _>>() {
            let kinds = [
                ("dead_on_dibao", self.long_dead(id)),
                ("dibao_and_tekun", self.living(id) && self.tekun.contains(id)),
                ("duplicate_on_roster", numbers.len() > 1),
                ("custody_counted", self.living(id) && self.imprisoned.contains_key(id)),
                ("tekun_on_dibao", !self.tekun.contains(id) && self.would_be_tekun(id)),
            ];
            for (kind, _) in kinds.iter().filter(|(_, holds)| *holds) {
                self.add(found, kind, id);
            }
        }
        for row in self.rows("tekun").iter().filter(|row| self.long_dead(id_of(row))) {
            self.add(found, "dead_on_tekun", id_of(row));
        }
        for row in self.rows("poverty") {
            let id = id_of(row);
            let open = ["未脱贫", "脱贫不稳定"].contains(&row["脱贫状态"].as_str());
            if open && self.living(id) && !self.dibao.contains(id) && !self.tekun.contains(id) {
                self.add(found, "poverty_not_covered", id);
            }
        }
    }

    fn would_be_tekun(&self, id: &str) -> bool {
        let resident = &self.residents[id];
        let alone = self.homes[resident.home.as_str()].iter().filter(|other| self.living(other)).count() == 1;
        let canvass = self.rows("canvass").iter().find(|row| id_of(row) == id);
        let nobody = canvass.is_some_and(|row| row["有法定义务人"] == "否");
        let poor = self.purses.get(id).is_none_or(|purse| purse[0] <= 11_500);
        alone && nobody && poor && self.living(id) && self.age(resident) >= 60
    }

    /// At the month's end.
    fn age(&self, resident: &Resident) -> i32 {
        let end = if self.book.month == "2020-05" { "05-31" } else { "04-30" };
        let year: i32 = resident.birth[..4].parse().expect("a year");
        2020 - year - i32::from(&resident.birth[5..] > end)
    }

    fn households(&self, found: &mut Found) {
        let cars = self.homes_of(&self.with_car());
        let companies = self.homes_of(&self.with_company());
        let payroll = self.homes_of(&self.people_with("payroll", |_| true));
        let houses = self.homes_with_houses();
        let pensioners =
            self.homes_of(&self.people_with("pensions", |row| row["养老金类别"] == "职工养老金"));
        let dibao_homes: BTreeSet<&str> = self.homes_of(&self.dibao).into_iter().collect();
        for home in &dibao_homes {
            let enrolled: Vec<&str> = self.homes[home]
                .iter()
                .copied()
                .filter(|id| self.dibao.contains(id) && self.living(id))
                .collect();
            if enrolled.iter().any(|id| self.tekun.contains(id)) {
                continue;
            }
            let barred = [&cars, &companies, &payroll, &houses].iter().any(|homes| homes.contains(home));
            let kinds = [
                ("vehicle_in_dibao_household", cars.contains(home)),
                ("company_in_dibao_household", companies.contains(home)),
                ("payroll_in_dibao_household", payroll.contains(home)),
                ("second_house_in_dibao_household", houses.contains(home)),
                ("pension_not_declared", pensioners.contains(home) && self.gap(home) <= 0),
                ("payment_missing", self.paid(home).is_none()),
                ("amount_wrong", !barred && self.gap(home) > 0 && self.amount_off(home)),
            ];
            for (kind, _) in kinds.iter().filter(|(_, holds)| *holds) {
                enrolled.iter().for_each(|id| self.add(found, kind, id));
            }
        }
        for row in self.rows("tekun") {
            let paid = |other: &Record| id_of(other) == id_of(row) && other["补贴项目"] == "特困";
            if self.living(id_of(row)) && !self.rows("payments").iter().any(paid) {
                self.add(found, "payment_missing", id_of(row));
            }
        }
        let before: HashSet<&str> =
            self.before.map_or(HashSet::new(), |book| book.rosters["dibao"].iter().map(id_of).collect());
        for (home, _) in self.homes.iter().filter(|(home, _)| self.canvassed.contains(*home)) {
            let barred = [&cars, &companies, &payroll, &houses].iter().any(|homes| homes.contains(home));
            for id in self.free_members(home) {
                let covered = self.dibao.contains(id) || self.tekun.contains(id);
                if !covered && !barred && self.gap(home) > 0 {
                    let kind = if before.contains(id) { "wrongful_exit" } else { "eligible_not_enrolled" };
                    self.add(found, kind, id);
                }
            }
        }
    }

    /// The household's own certificate: its number ends in the household's.
    fn certificate(&self, home: &str) -> Option<&'a Record> {
        let number = &home[3..];
        let own = |row: &&Record| row["低保证号"].ends_with(&format!("DB{number}"));
        self.rows("dibao").iter().find(|row| own(row) && row["与户主关系"] == "户主")
    }

    /// To all members together; `None` without a row.
    fn paid(&self, home: &str) -> Option<i64> {
        let members = &self.homes[home];
        let rows = self
            .rows("payments")
            .iter()
            .filter(|row| row["补贴项目"] == "低保" && members.contains(&id_of(row)));
        rows.map(|row| fen(&row["发放金额"])).reduce(|one, other| one + other)
    }

    fn amount_off(&self, home: &str) -> bool {
        let (Some(paid), Some(head)) = (self.paid(home), self.certificate(home)) else { return false };
        let off = |other: i64| (paid - other).abs() > 1_000;
        off(self.gap(home)) || off(fen(&head["户月保障金"]))
    }

    fn disability(&self, found: &mut Found) {
        let mut paid: HashMap<&str, (bool, bool)> = HashMap::new();
        for row in self.rows("disability-benefits") {
            paid.insert(id_of(row), (!row["生活补贴金额"].is_empty(), !row["护理补贴金额"].is_empty()));
        }
        for row in self.rows("disabled") {
            let id = id_of(row);
            let (living_paid, nursing_paid) = paid.get(id).copied().unwrap_or_default();
            let severe = ["一级", "二级"].contains(&row["残疾等级"].as_str());
            let until = row["有效期至"].as_str();
            let (valid, expired) =
                (until >= "2020-05-31", until < format!("{}-01", self.book.month).as_str());
            assert!(valid || expired, "a certificate that runs out within the demo");
            let valid = valid && row["残疾人证状态"] == "正常";
            let (dibao, tekun) = (self.dibao.contains(id), self.tekun.contains(id));
            let kinds = [
                ("severe_disabled_no_care", severe && valid && !tekun && !nursing_paid),
                ("dibao_disabled_no_living", dibao && valid && !tekun && !living_paid),
                ("expired_certificate_paid", expired && (living_paid || nursing_paid)),
                ("care_wrong_grade", nursing_paid && !severe),
                ("living_not_dibao", living_paid && !dibao),
            ];
            for (kind, _) in kinds.iter().filter(|(_, holds)| *holds && self.living(id)) {
                self.add(found, kind, id);
            }
        }
    }

    fn others(&self, found: &mut Found) {
        for row in self.rows("children") {
            if self.age(&self.residents[id_of(row)]) >= 18 {
                self.add(found, "orphan_overage", id_of(row));
            }
        }
        let listed = |roster, id| self.rows(roster).iter().any(|row| id_of(row) == id);
        for row in self.rows("covid") {
            let id = id_of(row);
            let inside = row["出院日期"].is_empty() || *row["出院日期"] >= *self.book.month;
            let group =
                ["dibao", "tekun", "poverty", "children"].into_iter().any(|roster| listed(roster, id));
            let paid = |other: &Record| id_of(other) == id && other["补贴项目"] == "疫情临时救助";
            if inside && group && !self.rows("payments").iter().any(paid) {
                self.add(found, "covid_unpaid", id);
            }
        }
        self.undetermined(found);
    }

    fn undetermined(&self, found: &mut Found) {
        let signs = ["dibao", "tekun", "poverty", "disabled", "medical-bills", "children", "unemployment"];
        let mut seen: HashSet<&str> = HashSet::new();
        for roster in signs {
            seen.extend(self.rows(roster).iter().map(id_of));
        }
        // The survey also lists children who are well: only a parent who is not is a sign.
        let unwell = |row: &&Record| row["父亲状态"] != "正常" || row["母亲状态"] != "正常";
        seen.extend(self.rows("child-survey").iter().filter(unwell).map(id_of));
        let paid: HashSet<&str> =
            self.rows("payments").iter().filter(|row| row["补贴项目"] != "高龄津贴").map(id_of).collect();
        for home in self.homes_of(&seen).into_iter().collect::<BTreeSet<_>>() {
            if self.canvassed.contains(home) {
                continue;
            }
            for &id in &self.homes[home] {
                if self.living(id) && !paid.contains(id) && !self.dibao.contains(id) {
                    self.add(found, "undetermined", id);
                }
            }
        }
    }
}
