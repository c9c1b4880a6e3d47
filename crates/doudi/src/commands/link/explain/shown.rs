//! An explanation in words: what text, JSON and page have in common.

use doudi_engine::ReadRegister;
use doudi_linkage::explain::{Explanation, WhyNotAuto};
use doudi_linkage::{Agreement, Evidence, Field, LinkClass, Mark, MarkKind, RosterRow, Weights};
use doudi_terms::{RegionCode, ResidentId, Sex};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// More places than this differ in two different things, and marking them helps nobody.
const MOST_MARKED: usize = 6;
const HIDDEN: char = '＊';

/// The identity cells of a row, kept.
pub struct IdentityText {
    pub id_number: String,
    pub name: String,
    birth: Option<String>,
    sex: Option<Sex>,
    region: Option<RegionCode>,
    address: String,
    phone: String,
    account: String,
    certificate: bool,
}

impl IdentityText {
    pub fn of(row: &RosterRow<'_>) -> IdentityText {
        IdentityText {
            id_number: row.id_number.to_owned(),
            name: row.name.to_owned(),
            birth: row.birth.map(str::to_owned),
            sex: row.sex,
            region: row.region,
            address: row.address.to_owned(),
            phone: row.phone.to_owned(),
            account: row.account.to_owned(),
            certificate: row.disability_certificate,
        }
    }

    pub fn as_roster_row(&self, without_number: bool) -> RosterRow<'_> {
        RosterRow {
            id_number: if without_number { "" } else { &self.id_number },
            name: &self.name,
            birth: self.birth.as_deref(),
            sex: self.sex,
            region: self.region,
            address: &self.address,
            phone: &self.phone,
            account: &self.account,
            disability_certificate: self.certificate,
        }
    }

    pub fn text(&self, field: Field) -> String {
        match field {
            Field::IdNumber => self.id_number.clone(),
            Field::Name => self.name.clone(),
            Field::Birth => self.birth(),
            Field::Sex => self.sex.map_or("", |sex| if sex == Sex::Male { "男" } else { "女" }).to_owned(),
            Field::Region => self.region.map_or_else(String::new, |region| region.to_string()),
            Field::Address => self.address.clone(),
            Field::Phone => self.phone.clone(),
            Field::Account => self.account.clone(),
            Field::Household => String::new(),
        }
    }

    /// As it is written, else as the number says.
    fn birth(&self) -> String {
        let by_number = || ResidentId::parse(&self.id_number).ok()?.birth().map(|day| day.to_string());
        self.birth.clone().or_else(by_number).unwrap_or_default()
    }
}

/// One step from "nobody" to the sum.
pub struct Line {
    pub field: Field,
    pub label: String,
    pub weight: f64,
    pub ours: String,
    pub theirs: String,
    /// Written alike, before anything is masked.
    pub same: bool,
    /// Place by place, masked; empty where the two are the same or wholly different.
    pub marks: Vec<Mark>,
    /// 「“立”和“丽”同音」.
    pub notes: Vec<String>,
}

pub struct Shown<'a> {
    pub roster: &'a str,
    pub row_id: &'a str,
    pub row: &'a IdentityText,
    pub people: &'a BTreeMap<u32, IdentityText>,
    pub register: &'a ReadRegister,
    pub weights: &'a Weights,
    pub explanation: &'a Explanation,
    /// The row's number was passed over: many different names of this roster have it.
    pub is_placeholder: bool,
    pub unmask: bool,
}

impl Shown<'_> {
    pub fn person_id(&self, person: u32) -> &str {
        self.register.person_id(person)
    }

    pub fn lines(&self) -> Vec<Line> {
        let person = self.explanation.person.and_then(|person| self.people.get(&person));
        self.explanation.evidence.iter().map(|evidence| self.line(evidence, person)).collect()
    }

    fn line(&self, evidence: &Evidence, person: Option<&IdentityText>) -> Line {
        let Evidence { field, agreement, weight, level } = *evidence;
        let label = match level {
            Some(level) => self.weights.text(level).label.to_string(),
            None => format!("{field}{agreement}"),
        };
        let (ours, theirs) = (self.row.text(field), person.map_or_else(String::new, |p| p.text(field)));
        // An address is written in many lengths: what is missing in front is no difference.
        let comparable = matches!(field, Field::IdNumber | Field::Name | Field::Phone)
            && agreement != Agreement::Household;
        let mut marks = if comparable { self.register.index.differences(&ours, &theirs) } else { Vec::new() };
        let differing = marks.iter().filter(|mark| mark.kind != MarkKind::Same).count();
        if differing == 0 || differing > MOST_MARKED {
            marks.clear();
        }
        let notes = notes(&marks);
        if !self.unmask {
            mask(field, &mut marks);
        }
        let same = ours == theirs;
        let masked = |text: String| if self.unmask { text } else { masked(field, &text) };
        Line { field, label, weight, ours: masked(ours), theirs: masked(theirs), same, marks, notes }
    }

    /// 「第 17 行 王秀英」.
    pub fn subject(&self) -> String {
        format!("{} 第 {} 行 {}", self.roster, self.row_id, self.row.name)
    }

    pub fn object(&self) -> String {
        match self.explanation.person {
            Some(person) => {
                let name = self.people.get(&person).map_or("", |text| text.name.as_str());
                format!("底册 {} {name}", self.person_id(person))
            }
            None => "底册里没有与这一行有共同之处的人".to_owned(),
        }
    }

    pub fn verdict(&self) -> String {
        let Explanation { link, person, probability, .. } = self.explanation;
        let Some(person) = person else { return "没有对上任何人。".to_owned() };
        let sure = format!("是这个人的把握 {}", percent(*probability));
        match (link.person == Some(*person), link.class) {
            (true, LinkClass::Auto) => format!("{sure}：自动对上，不用人看。"),
            (true, _) => format!("{sure}：请人看一看再定。"),
            (false, _) if link.person.is_some() => format!("{sure}：没有对到这个人。"),
            (false, _) => format!("{sure}：没有对上。"),
        }
    }

    pub fn reasons(&self) -> Vec<String> {
        self.explanation.why_not_auto.iter().map(WhyNotAuto::describe).collect()
    }

    /// What was changed to read the row, with what stood there.
    pub fn repairs(&self) -> Vec<String> {
        let repairs = self.explanation.link.repairs.iter().map(|repair| {
            let (raw, read) = self.both(repair.field, &repair.raw, &repair.read);
            format!("{}“{raw}”按“{read}”读取：{}", repair.field, repair.kind)
        });
        let placeholder = "证件号码是许多不同姓名的人共用的，当作没有号码".to_owned();
        repairs.chain(self.is_placeholder.then_some(placeholder)).collect()
    }

    /// What was written and what it was read as; what differs is not masked.
    fn both(&self, field: Field, raw: &str, read: &str) -> (String, String) {
        if self.unmask {
            return (raw.to_owned(), read.to_owned());
        }
        let mut marks = self.register.index.differences(raw, read);
        if marks.iter().all(|mark| mark.kind == MarkKind::Same) {
            return (masked(field, raw), masked(field, read));
        }
        mask(field, &mut marks);
        let side = |side: &dyn Fn(&Mark) -> Option<char>| marks.iter().filter_map(side).collect::<String>();
        (side(&|mark| mark.ours), side(&|mark| mark.theirs))
    }

    /// Others whom the row could mean: number, name, sum, share, and what tells them from the row.
    pub fn others(&self) -> Vec<String> {
        let others = self.explanation.others.iter().map(|other| {
            let name = self.people.get(&other.person).map_or("", |text| text.name.as_str());
            let against = other.evidence.iter().filter(|evidence| evidence.weight < 0.0);
            let labels: Vec<&str> = against
                .filter_map(|evidence| evidence.level)
                .map(|level| self.weights.text(level).label.as_ref())
                .collect();
            let but = if labels.is_empty() { String::new() } else { format!("，但{}", labels.join("、")) };
            let id = self.person_id(other.person);
            // From the same start as the one who is explained.
            let sum = other.total - self.explanation.nobody;
            format!("{id} {name}：合计 {sum:+.1}，{}{but}", percent(other.share))
        });
        others.collect()
    }

    pub fn text(&self) -> String {
        let mut lines = vec![format!("{}，是不是{}？", self.subject(), self.object()), self.verdict()];
        let explanation = self.explanation;
        if explanation.person.is_some() {
            lines.push(String::new());
            lines.push("一分是可能性翻一番，负数是减半。".to_owned());
            lines.push(format!("{:+7.1}  起点：人很多，先当作不是", -explanation.nobody));
        }
        for line in self.lines() {
            lines.push(format!("{:+7.1}  {}{}", line.weight, line.label, detail(&line)));
        }
        if explanation.person.is_some() {
            let sum = explanation.total - explanation.nobody;
            lines.push(format!("{sum:+7.1}  合计（0 分是一半对一半）"));
            if explanation.against > explanation.nobody + 0.05 {
                let less = explanation.nobody - explanation.against;
                lines.push(format!("{less:+7.1}  别人也有几处相符"));
            }
        }
        let mut section = |head: &str, list: Vec<String>| {
            if !list.is_empty() {
                lines.push(format!("\n{head}"));
                lines.extend(list.into_iter().map(|line| format!("  {line}")));
            }
        };
        section("为什么不自动对上：", self.reasons());
        section("读取时改过的：", self.repairs());
        section("其他可能的人：", self.others());
        lines.join("\n")
    }

    /// For programs: nothing is masked.
    pub fn json(&self) -> Value {
        let explanation = self.explanation;
        let person = explanation.person.and_then(|person| self.people.get(&person));
        let evidence = explanation.evidence.iter().map(|evidence| {
            let text = |text: &IdentityText| text.text(evidence.field);
            let (ours, theirs) = (text(self.row), person.map(text).unwrap_or_default());
            let marks = self.register.index.differences(&ours, &theirs).into_iter();
            let marks = marks
                .filter(|mark| mark.kind != MarkKind::Same)
                .map(|mark| json!({ "row": mark.ours, "register": mark.theirs, "kind": kind_id(mark.kind) }));
            json!({
                "field": evidence.field.to_string(),
                "level": evidence.level.map(|level| level.id()),
                "label": evidence.level.map(|level| self.weights.text(level).label.as_ref()),
                "log2": rounded(evidence.weight),
                "row": ours,
                "register": theirs,
                "differences": marks.collect::<Vec<_>>(),
            })
        });
        let others = explanation.others.iter().map(|other| {
            json!({
                "person_id": self.person_id(other.person),
                "log2": rounded(other.total),
                "share": rounded(other.share),
            })
        });
        let repairs = explanation.link.repairs.iter().map(|repair| {
            json!({
                "field": repair.field.to_string(),
                "raw": repair.raw,
                "read": repair.read,
                "kind": repair.kind.to_string(),
            })
        });
        json!({
            "roster": self.roster,
            "row_id": self.row_id,
            "person_id": explanation.person.map(|person| self.person_id(person)),
            "linked_person_id": explanation.link.person.map(|person| self.person_id(person)),
            "class": class_id(explanation.link.class),
            "probability": explanation.probability,
            "prior_log2": rounded(-explanation.nobody),
            "evidence": evidence.collect::<Vec<_>>(),
            "total_log2": rounded(explanation.total - explanation.nobody),
            "against_log2": rounded(explanation.against),
            "why_not_auto": self.reasons(),
            "repairs": repairs.collect::<Vec<_>>(),
            "placeholder_id": self.is_placeholder,
            "others": others.collect::<Vec<_>>(),
            "weights": self.weights.name,
        })
    }
}

/// 「：“王立”，底册“王丽”（“立”和“丽”同音）」; only the one value where both have it.
fn detail(line: &Line) -> String {
    if line.field == Field::Household || (line.ours.is_empty() && line.theirs.is_empty()) {
        return String::new();
    }
    let ours = marked(&line.marks, |mark| mark.ours).unwrap_or_else(|| line.ours.clone());
    let theirs = marked(&line.marks, |mark| mark.theirs).unwrap_or_else(|| line.theirs.clone());
    let notes =
        if line.notes.is_empty() { String::new() } else { format!("（{}）", line.notes.join("；")) };
    if line.same { format!("：{ours}") } else { format!("：{ours}；底册 {theirs}{notes}") }
}

/// One side with the places that differ in brackets; `None` where nothing is marked.
fn marked(marks: &[Mark], side: impl Fn(&Mark) -> Option<char>) -> Option<String> {
    if marks.is_empty() {
        return None;
    }
    let place = |mark: &Mark| match (side(mark), mark.kind) {
        (Some(c), MarkKind::Same) => c.to_string(),
        (Some(c), _) => format!("【{c}】"),
        (None, _) => "【】".to_owned(),
    };
    Some(marks.iter().map(place).collect())
}

fn notes(marks: &[Mark]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for mark in marks {
        if let (Some(ours), Some(theirs), Some(word)) = (mark.ours, mark.theirs, mark.kind.word()) {
            let note = match mark.kind {
                MarkKind::Swapped => "相邻两个前后颠倒".to_owned(),
                _ => format!("“{ours}”和“{theirs}”{word}"),
            };
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes
}

/// Which characters of a value may be seen: the first and the last few.
fn visible(field: Field, length: usize, at: usize) -> bool {
    let (first, last) = match field {
        Field::IdNumber => (6, 4),
        Field::Phone => (3, 4),
        Field::Account => (0, 4),
        _ => return true,
    };
    at < first || at + last >= length
}

fn masked(field: Field, text: &str) -> String {
    let length = text.chars().count();
    let shown =
        |(at, c): (usize, char)| if visible(field, length, at) || !c.is_alphanumeric() { c } else { HIDDEN };
    text.chars().enumerate().map(shown).collect()
}

/// What differs stays to be seen: it is what has to be judged.
fn mask(field: Field, marks: &mut [Mark]) {
    let length = marks.len();
    for (at, mark) in marks.iter_mut().enumerate() {
        if mark.kind == MarkKind::Same && !visible(field, length, at) {
            (mark.ours, mark.theirs) = (Some(HIDDEN), Some(HIDDEN));
        }
    }
}

pub fn percent(share: f64) -> String {
    match share * 100.0 {
        // Rounded up, what is nearly certain would read as certain.
        above if above > 99.99 => "99.99% 以上".to_owned(),
        below if below < 0.01 => "不到 0.01%".to_owned(),
        percent => format!("{percent:.2}%"),
    }
}

fn kind_id(kind: MarkKind) -> &'static str {
    match kind {
        MarkKind::Same => "same",
        MarkKind::Traditional => "traditional",
        MarkKind::SoundsAlike => "sounds_alike",
        MarkKind::LooksAlike => "looks_alike",
        MarkKind::Swapped => "swapped",
        MarkKind::Different => "different",
        MarkKind::Alone => "missing",
    }
}

fn class_id(class: LinkClass) -> &'static str {
    match class {
        LinkClass::Auto => "auto",
        LinkClass::Review => "review",
        LinkClass::None => "none",
    }
}

fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
