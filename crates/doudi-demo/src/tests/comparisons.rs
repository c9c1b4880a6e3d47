//! The checker's part for the newer rosters: again only tables, again no code shared with the world.

use super::{Checker, Found, Record, fen, id_of};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Days from 1 March of the year 0; only differences matter.
fn day_number(date: &str) -> i64 {
    let part = |range: std::ops::Range<usize>| date[range].parse::<i64>().expect("a number");
    let (mut year, mut month, day) = (part(0..4), part(5..7), part(8..10));
    if month < 3 {
        (year, month) = (year - 1, month + 12);
    }
    year * 365 + year / 4 - year / 100 + year / 400 + ((month - 3) * 153 + 2) / 5 + day
}

impl<'a> Checker<'a> {
    pub(super) fn comparisons(&self, found: &mut Found) {
        self.struck_off(found);
        self.shared(found);
        self.means(found);
        self.benefits(found);
        self.payments(found);
        self.temporary_aid(found);
        self.left_out(found);
        self.visits(found);
        self.due(found);
    }

    fn may(&self) -> bool {
        self.book.month == "2020-05"
    }

    fn last_day(&self) -> &'static str {
        if self.may() { "2020-05-31" } else { "2020-04-30" }
    }

    fn cancelled(&self) -> HashSet<&'a str> {
        self.rows("moved").iter().filter(|row| row["迁移类别"] != "迁出").map(id_of).collect()
    }

    fn enrolled(&self, home: &str) -> Vec<&'a str> {
        let members = self.homes[home].iter().copied();
        members.filter(|id| self.dibao.contains(id) && self.living(id)).collect()
    }

    /// Living and still registered.
    fn registered(&self, home: &str) -> Vec<&'a str> {
        let members = self.homes[home].iter().copied();
        members.filter(|id| self.living(id) && !self.gone.contains(id)).collect()
    }

    fn each(&self, found: &mut Found, kind: &'static str, home: &str) {
        self.enrolled(home).iter().for_each(|id| self.add(found, kind, id));
    }

    fn struck_off(&self, found: &mut Found) {
        for id in self.cancelled().into_iter().collect::<BTreeSet<_>>() {
            if self.living(id) && (self.dibao.contains(id) || self.tekun.contains(id)) {
                self.add(found, "cancelled_hukou_on_list", id);
            }
        }
        let cancelled = self.cancelled();
        for row in self.rows("officials-relatives").iter().filter(|row| row["是否备案"] == "否") {
            let id = id_of(row);
            if self.living(id) && self.dibao.contains(id) && !cancelled.contains(id) {
                self.add(found, "relative_not_filed", id);
            }
        }
    }

    fn shared(&self, found: &mut Found) {
        let mut behind: [BTreeMap<&str, BTreeSet<&str>>; 2] = [BTreeMap::new(), BTreeMap::new()];
        // A duplicate's second row is the same household's.
        for row in self.rows("dibao") {
            let home = self.residents[id_of(row)].home.as_str();
            behind[0].entry(&row["银行账号"]).or_default().insert(home);
            if !row["联系电话"].is_empty() {
                behind[1].entry(&row["联系电话"]).or_default().insert(home);
            }
        }
        for row in self.rows("dibao").iter().filter(|row| self.living(id_of(row))) {
            if behind[0][row["银行账号"].as_str()].len() > 1 {
                self.add(found, "shared_account", id_of(row));
            }
            if behind[1].get(row["联系电话"].as_str()).is_some_and(|homes| homes.len() >= 5) {
                self.add(found, "shared_phone", id_of(row));
            }
        }
    }

    fn sums(&self, roster: &str, header: &str, keep: impl Fn(&Record) -> bool) -> HashMap<&'a str, i64> {
        let mut sums = HashMap::new();
        for row in self.rows(roster).iter().filter(|row| keep(row)) {
            *sums.entry(id_of(row)).or_default() += fen(&row[header]);
        }
        sums
    }

    fn means(&self, found: &mut Found) {
        let bases = self.sums("wages", "养老保险缴费基数", |_| true);
        let taxed = self.sums("tax", "收入合计", |_| true);
        let saved = self.sums("deposits", "余额", |_| true);
        let shops = self.people_with("companies", |row| {
            row["身份"] == "个体经营者" && row["状态"] == "存续" && fen(&row["注册资本"]) > 10_000_000
        });
        let shops = self.homes_of(&shops);
        let single: HashSet<&str> =
            self.rows("dibao").iter().filter(|row| row["保障类型"] == "单人户").map(id_of).collect();
        let poor = self.homes_of(&self.rows("poverty").iter().map(id_of).collect());
        let mut declared: HashMap<&str, i64> = HashMap::new();
        for row in self.rows("canvass") {
            let amount = fen(&row["经营净月收入"]) + fen(&row["转移净月收入"]);
            *declared.entry(&row["户号"]).or_default() += amount;
        }
        for home in self.homes_of(&self.dibao).into_iter().collect::<BTreeSet<_>>() {
            let free = self.free_members(home);
            let line = free.first().map_or(0, |id| if self.residents[*id].urban { 58_000 } else { 44_000 })
                * free.len() as i64;
            let sum = |from: &HashMap<&str, i64>| free.iter().filter_map(|id| from.get(id)).sum::<i64>();
            let alone = self.enrolled(home).iter().any(|id| single.contains(id) || self.tekun.contains(id));
            let phased_out = !alone && poor.contains(home) && self.kept_above_the_line(home, &declared);
            let ordinary = !alone && !phased_out;
            let kinds = [
                ("self_employed_in_dibao_household", shops.contains(home)),
                ("contribution_wage", ordinary && sum(&bases) * 10 > line * 25),
                ("tax_income", ordinary && sum(&taxed) * 10 > line * 12 * 25),
                ("deposits_over_limit", sum(&saved) > line * 24),
            ];
            kinds.iter().filter(|(_, holds)| *holds).for_each(|(kind, _)| self.each(found, kind, home));
        }
    }

    /// Between the line and twice the line by what the canvass itself found.
    fn kept_above_the_line(&self, home: &str, declared: &HashMap<&str, i64>) -> bool {
        let free = self.free_members(home);
        let line = if free.iter().any(|id| self.residents[*id].urban) { 58_000 } else { 44_000 };
        let declared = declared.get(home).copied().unwrap_or(0);
        self.gap(home) <= 0 && declared * 100 >= line * free.len() as i64 * 70
    }

    fn benefits(&self, found: &mut Found) {
        let next_month_ends = if self.may() { "2020-06-30" } else { "2020-05-31" };
        let mut paid: HashSet<&str> = HashSet::new();
        for row in self.rows("disability-benefits") {
            paid.insert(id_of(row));
            if self.long_dead(id_of(row)) {
                self.add(found, "dead_on_disability_benefit", id_of(row));
            }
        }
        for row in self.rows("disabled").iter().filter(|row| self.living(id_of(row))) {
            let (id, until) = (id_of(row), row["有效期至"].as_str());
            let withdrawn = row["残疾人证状态"] == "注销";
            if paid.contains(id) && withdrawn {
                self.add(found, "certificate_cancelled", id);
            }
            let ends = until >= format!("{}-01", self.book.month).as_str() && until <= next_month_ends;
            if paid.contains(id) && !withdrawn && ends {
                self.add(found, "due_certificate", id);
            }
        }
        for row in self.rows("elderly-benefits").iter().filter(|row| self.living(id_of(row))) {
            if row["登记出生日期"] < self.residents[id_of(row)].birth {
                self.add(found, "elderly_benefit_age_wrong", id_of(row));
            }
        }
        let homes: HashMap<&str, &str> = self
            .rows("institution-residents")
            .iter()
            .map(|row| (id_of(row), row["机构类别"].as_str()))
            .collect();
        let cancelled = self.cancelled();
        for row in self.rows("tekun").iter().filter(|row| self.living(id_of(row))) {
            let inside = homes.get(id_of(row)) == Some(&"敬老院");
            if inside && row["供养方式"] == "分散" && !cancelled.contains(id_of(row)) {
                self.add(found, "care_mode_mismatch", id_of(row));
            }
        }
    }

    fn payments(&self, found: &mut Found) {
        for row in self.rows("payments").iter().filter(|row| row["发放状态"] == "退回") {
            if self.living(id_of(row)) {
                self.add(found, "payment_returned", id_of(row));
            }
        }
        let Some(before) = self.before else { return };
        let then: HashSet<&str> = before.rosters["payments"]
            .iter()
            .filter(|row| row["补贴项目"] == "低保")
            .map(|row| self.residents[id_of(row)].home.as_str())
            .collect();
        for row in &before.rosters["dibao"] {
            let id = id_of(row);
            let home = self.residents[id].home.as_str();
            if self.living(id) && !self.gone.contains(id) && !then.contains(home) {
                self.add(found, "last_month_unpaid", id);
            }
        }
    }

    fn temporary_aid(&self, found: &mut Found) {
        let mut helped: HashSet<&str> = HashSet::new();
        for row in self.rows("temporary-aid") {
            let (accepted, paid) = (row["受理日期"].as_str(), row["发放日期"].as_str());
            let late = day_number(paid) - day_number(accepted) > 1;
            if row["救助类型"] == "急难型" && paid.starts_with(&self.book.month) && late {
                self.add(found, "temporary_aid_late", id_of(row));
            }
            if row["救助事由"] == "疾病" && paid >= if self.may() { "2019-06" } else { "2019-05" } {
                helped.insert(id_of(row));
            }
        }
        let mut means = self.homes_of(&self.people_with("payroll", |_| true));
        means.extend(self.homes_of(&self.with_car()));
        means.extend(self.homes_of(&self.with_company()));
        let bills = self.sums("medical-bills", "个人自付金额", |_| true);
        for &id in bills.keys().copied().collect::<BTreeSet<_>>().iter() {
            let members = self.registered(&self.residents[id].home);
            let line = if self.residents[id].urban { 58_000 } else { 44_000 } * members.len() as i64;
            let sum: i64 = members.iter().filter_map(|id| bills.get(id)).sum();
            let covered = self.dibao.contains(id) || self.tekun.contains(id);
            let aided = members.iter().any(|id| helped.contains(id));
            let home = self.residents[id].home.as_str();
            let well_off =
                -self.gap(home) > line / members.len().max(1) as i64 * self.free_members(home).len() as i64;
            if well_off || means.contains(home) {
                continue;
            }
            if members.contains(&id) && !covered && !aided && sum > line * 24 {
                self.add(found, "large_bill_without_aid", id);
            }
        }
    }

    fn left_out(&self, found: &mut Found) {
        let allowance: HashSet<&str> = self.rows("children").iter().map(id_of).collect();
        for row in self.rows("child-survey") {
            let unable = row["父亲状态"] != "正常" && row["母亲状态"] != "正常";
            if unable && self.living(id_of(row)) && !allowance.contains(id_of(row)) {
                self.add(found, "child_of_unable_parents", id_of(row));
            }
        }
        let open = |id: &str| {
            self.living(id) && !self.gone.contains(id) && !self.dibao.contains(id) && !self.tekun.contains(id)
        };
        for row in self.rows("resettled").iter().filter(|row| row["迁出地是否享受低保"] == "是") {
            let lately = &row["搬迁入住日期"][..7] >= if self.may() { "2018-05" } else { "2018-04" };
            if open(id_of(row)) && lately {
                self.add(found, "resettled_lost_dibao", id_of(row));
            }
        }
        let mut poor: HashSet<&str> = self.rows("near-dibao").iter().map(id_of).collect();
        poor.extend(self.rows("poverty").iter().filter(|row| row["脱贫状态"] == "已脱贫").map(id_of));
        let since = if self.may() { "2020-03" } else { "2020-02" };
        for row in self.rows("unemployment").iter().filter(|row| *row["登记失业日期"] >= *since) {
            if open(id_of(row)) && poor.contains(id_of(row)) {
                self.add(found, "newly_unemployed_poor", id_of(row));
            }
        }
    }

    fn visits(&self, found: &mut Found) {
        let days = |row: &Record, header| day_number(self.last_day()) - day_number(&row[header]);
        let housed: HashSet<&str> = self.rows("institution-residents").iter().map(id_of).collect();
        let free = |id: &str| self.living(id) && !self.gone.contains(id) && !housed.contains(id);
        for row in self.rows("tekun").iter().filter(|row| row["供养方式"] == "分散") {
            if free(id_of(row)) && days(row, "最近探访日期") > 31 {
                self.add(found, "visit_overdue", id_of(row));
            }
        }
        for (roster, header) in
            [("left-behind-elders", "最近探访日期"), ("left-behind-children", "最近走访日期")]
        {
            for row in self.rows(roster) {
                if free(id_of(row)) && days(row, header) > 183 {
                    self.add(found, "visit_overdue", id_of(row));
                }
            }
        }
    }

    fn due(&self, found: &mut Found) {
        let next = if self.may() { "06" } else { "05" };
        let allowance: HashSet<&str> = self.rows("children").iter().map(id_of).collect();
        let school: HashSet<&str> = self.rows("students").iter().map(id_of).collect();
        let dependent: HashSet<&str> =
            self.rows("canvass").iter().filter(|row| row["不能独立生活"] == "是").map(id_of).collect();
        let sons: HashSet<&str> =
            self.rows("register").iter().filter(|row| row["与户主关系"] == "子女").map(id_of).collect();
        for (id, resident) in
            self.residents.iter().filter(|(id, _)| self.living(id) && !self.gone.contains(*id))
        {
            let (year, month) = (&resident.birth[..4], &resident.birth[5..7]);
            let leaves = self.dibao.contains(id)
                && sons.contains(id)
                && !school.contains(id)
                && !dependent.contains(id);
            if (year, month) == ("2002", next) && (allowance.contains(id) || leaves) {
                self.add(found, "due_eighteen", id);
            }
            let alone = self.dibao.contains(id) && self.registered(&resident.home).len() == 1;
            if alone && (year, month) == ("1960", next) && !self.tekun.contains(id) {
                self.add(found, "due_sixty", id);
            }
            if alone && self.age(resident) >= 60 {
                self.add(found, "single_elder_on_dibao", id);
            }
        }
    }
}

#[test]
fn days_are_counted_right() {
    for (from, to, days) in [
        ("2020-02-28", "2020-03-01", 2),
        ("2019-02-28", "2019-03-01", 1),
        ("2019-12-31", "2020-01-01", 1),
        ("2019-08-01", "2020-04-30", 273),
        ("2020-04-30", "2020-05-31", 31),
    ] {
        assert_eq!(day_number(to) - day_number(from), days, "{from} {to}");
    }
}
