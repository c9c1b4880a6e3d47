//! Papers that a step prints: a text with places in braces, filled from the case and the policies.
//!
//! No place gives an id number, a telephone, an account or an address, so nothing that is put up on a wall can hold one.

use super::clock::Deadline;
use super::counter::{CaseCounter, Trial};
use super::file::CaseFile;
use super::intake::Intake;
use super::refusal::StepRefusal;
use super::signature::{PlaceNames, SignedBy};
use doudi_policy::{Library, chinese_date};
use doudi_terms::{Date, parse_date};

/// A wording, with the day from which it is used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    pub id: String,
    pub name: String,
    pub from: Date,
    pub signed_by: SignedBy,
    lines: Vec<String>,
}

/// What only the office knows.
#[derive(Clone, Debug, Default)]
pub struct Filling<'f> {
    /// C000123
    pub number: &'f str,
    /// Address at which the family can see how it stands.
    pub link: &'f str,
    pub places: PlaceNames<'f>,
    pub on: Date,
    /// What was written when the step was taken.
    pub note: &'f str,
    pub missing: &'f [String],
    pub trials: &'f [Trial],
    pub due: Option<Deadline>,
}

/// A paper, ready to be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    pub title: String,
    pub pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Heading(String),
    Text(String),
    Item(String),
    /// At the right: who and when.
    End(String),
    /// A line to sign on.
    Sign(String),
    /// A field to write in.
    Blank(String),
    Table {
        head: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    /// The address as a code for telephones.
    Code(String),
}

/// What the office fills in besides facts and rules.
const SLOTS: [&str; 15] = [
    "申请人",
    "申请方式",
    "事项",
    "办件编号",
    "查询码",
    "成员表",
    "家庭人数",
    "金额",
    "缺的材料",
    "试算",
    "附言",
    "期限",
    "机关",
    "地区",
    "日期",
];

/// Beginnings of lines to be filled by hand.
const SIGN: &str = "签字 ";
const BLANK: &str = "空格 ";

impl Document {
    pub fn read(path: &str, text: &str, library: &Library) -> Result<Document, Vec<String>> {
        let said = |problem: String| vec![format!("{path}：{problem}。写法见 docs/procedures.md")];
        let mut parts = text.strip_prefix("---\n").unwrap_or(text).splitn(2, "\n---\n");
        let (head, body) = (parts.next().unwrap_or(""), parts.next());
        let Some(body) = body else {
            return Err(said("开头要有两行 --- 括起来的编号、名称、施行".into()));
        };
        let field = |key: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(key)?.trim().strip_prefix(':'));
            line.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
        };
        let need = |key: &str| field(key).ok_or_else(|| said(format!("开头缺“{key}:”")));
        let from = need("施行")?;
        let document = Document {
            id: need("编号")?,
            name: need("名称")?,
            from: parse_date(&from).ok_or_else(|| said(format!("施行写的“{from}”不是日期")))?,
            signed_by: match field("落款") {
                None => SignedBy::default(),
                Some(word) => SignedBy::parse(&word)
                    .ok_or_else(|| said(format!("落款写的“{word}”不认得，只能写窗口、乡镇、县、决定机关")))?,
            },
            lines: body.lines().map(str::to_owned).collect(),
        };
        let problems: Vec<String> = document
            .lines
            .iter()
            .flat_map(|line| slots(line))
            .filter(|slot| !is_known(slot, library))
            .map(|slot| format!("{path}：大括号里的“{slot}”不是事实、不是规则，也不是能填的一项"))
            .collect();
        if problems.is_empty() { Ok(document) } else { Err(problems) }
    }
}

fn is_known(slot: &str, library: &Library) -> bool {
    SLOTS.contains(&slot)
        || slot.starts_with(SIGN)
        || slot.starts_with(BLANK)
        || library.rule_by_path(slot).is_some()
        || library.input_by_path(slot).is_some()
}

/// What stands in braces in a line.
fn slots(line: &str) -> impl Iterator<Item = &str> {
    line.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(slot, _)| slot))
}

impl CaseCounter {
    /// Sets a document for a case.
    pub fn sheet(
        &self,
        document: &Document,
        case: &CaseFile,
        filling: &Filling<'_>,
    ) -> Result<Sheet, StepRefusal> {
        let mut sheet = Sheet { title: document.name.clone(), pieces: Vec::new() };
        for line in &document.lines {
            let line = line.trim();
            let whole = line.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            match whole.filter(|slot| !slot.contains('{')) {
                Some(slot) => self.block(document, slot, case, filling, &mut sheet.pieces)?,
                None if line.is_empty() => {}
                None => {
                    let text = self.line(document, line, case, filling)?;
                    match text {
                        text if text.starts_with("## ") => {
                            sheet.pieces.push(Piece::Heading(text[3..].to_owned()));
                        }
                        text if text.starts_with("# ") => sheet.title = text[2..].to_owned(),
                        text if text.starts_with("- ") => {
                            sheet.pieces.push(Piece::Item(text[2..].to_owned()))
                        }
                        text if text.starts_with("> ") => sheet.pieces.push(Piece::End(text[2..].to_owned())),
                        text => sheet.pieces.push(Piece::Text(text)),
                    }
                }
            }
        }
        Ok(sheet)
    }

    /// A slot on a line of its own.
    fn block(
        &self,
        document: &Document,
        slot: &str,
        case: &CaseFile,
        filling: &Filling<'_>,
        pieces: &mut Vec<Piece>,
    ) -> Result<(), StepRefusal> {
        match slot {
            "成员表" => pieces.push(self.members(case, filling.on)?),
            "查询码" => pieces.push(Piece::Code(filling.link.to_owned())),
            "缺的材料" => {
                pieces.extend(filling.missing.iter().map(|paper| Piece::Item(without_numbers(paper))));
            }
            "试算" => pieces.extend(filling.trials.iter().map(|trial| Piece::Item(trial_words(trial)))),
            slot if slot.starts_with(SIGN) => pieces.push(Piece::Sign(slot[SIGN.len()..].to_owned())),
            slot if slot.starts_with(BLANK) => pieces.push(Piece::Blank(slot[BLANK.len()..].to_owned())),
            slot => {
                let text = self.slot(document, slot, case, filling)?;
                if !text.is_empty() {
                    pieces.push(Piece::Text(text));
                }
            }
        }
        Ok(())
    }

    fn line(
        &self,
        document: &Document,
        line: &str,
        case: &CaseFile,
        filling: &Filling<'_>,
    ) -> Result<String, StepRefusal> {
        let mut text = String::new();
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let Some((slot, behind)) = after.split_once('}') else {
                text.push('{');
                rest = after;
                continue;
            };
            text.push_str(&self.slot(document, slot, case, filling)?);
            rest = behind;
        }
        text.push_str(rest);
        Ok(text)
    }

    fn slot(
        &self,
        document: &Document,
        slot: &str,
        case: &CaseFile,
        filling: &Filling<'_>,
    ) -> Result<String, StepRefusal> {
        Ok(match slot {
            "申请人" => without_numbers(&case.applicant),
            "申请方式" => {
                // Nothing where it was not asked for: on a line of its own the line is left out.
                let words = case.intake.as_ref().map(Intake::words);
                words.map_or_else(String::new, |words| format!("怎样提出的：{}。", without_numbers(&words)))
            }
            "事项" => self.procedure_of(case)?.name.clone(),
            "办件编号" => filling.number.to_owned(),
            "查询码" => filling.link.to_owned(),
            "家庭人数" => case.members().len().to_string(),
            "金额" => case.decision.as_ref().map(|decision| decision.amount.clone()).unwrap_or_default(),
            "缺的材料" => without_numbers(&filling.missing.join("、")),
            "试算" => filling.trials.iter().map(trial_words).collect::<Vec<_>>().join("；"),
            "成员表" => without_numbers(&case.members().join("、")),
            "附言" => without_numbers(filling.note),
            "期限" => filling.due.map_or_else(|| "不详".into(), deadline_words),
            "机关" => self.office(document.signed_by, case, &filling.places),
            "地区" => filling.places.whole.to_owned(),
            "日期" => chinese_date(filling.on),
            slot if slot.starts_with(SIGN) => format!("{}：__________", &slot[SIGN.len()..]),
            slot if slot.starts_with(BLANK) => format!("{}：__________", &slot[BLANK.len()..]),
            path => self.said(case, path, case.began.max(filling.on))?,
        })
    }

    /// Name and place in the family, where the register of letters knows which fact says so.
    fn members(&self, case: &CaseFile, on: Date) -> Result<Piece, StepRefusal> {
        let mut rows = Vec::new();
        for (at, name) in case.members().into_iter().enumerate() {
            let mut one = case.clone();
            one.member = u32::try_from(at).ok();
            let role = match self.role() {
                Some(input) => self.said(&one, &self.path(input), on)?,
                None => String::new(),
            };
            rows.push(vec![(at + 1).to_string(), without_numbers(name), role]);
        }
        let head = ["序号", "姓名", "与户主关系"].map(str::to_owned).to_vec();
        Ok(Piece::Table { head, rows })
    }
}

/// As long as an id number or an account, and longer than any telephone.
const LONG_NUMBER: usize = 15;

/// What somebody typed, without the numbers of persons and accounts that do not belong on a wall: their middle is hidden.
fn without_numbers(text: &str) -> String {
    let signs: Vec<char> = text.chars().collect();
    let is_part = |sign: char| sign.is_numeric() || matches!(sign, 'x' | 'X' | '-' | ' ');
    let mut hidden = signs.clone();
    let mut at = 0;
    while at < signs.len() {
        let length = signs[at..].iter().take_while(|sign| is_part(**sign)).count();
        let digits: Vec<usize> = (at..at + length).filter(|at| signs[*at].is_numeric()).collect();
        if digits.len() >= LONG_NUMBER {
            digits[4..digits.len() - 2].iter().for_each(|digit| hidden[*digit] = '*');
        }
        at += length.max(1);
    }
    hidden.into_iter().collect()
}

fn trial_words(trial: &Trial) -> String {
    let called = &trial.called;
    match trial.entitled {
        Some(true) if trial.amount.is_empty() => format!("{called}：可能符合"),
        Some(true) => format!("{called}：可能符合，每月{}", trial.amount),
        Some(false) => match trial.reasons.first() {
            Some(reason) => format!("{called}：不符合。{reason}"),
            None => format!("{called}：不符合"),
        },
        None => format!("{called}：还定不下来，要先知道{}", trial.missing.join("、")),
    }
}

/// 2020年5月8日; with the hour where it has one.
pub(super) fn deadline_words(deadline: Deadline) -> String {
    let day = chinese_date(deadline.day);
    match deadline.minute {
        Some(minute) => format!("{day}{}时{:02}分", minute / 60, minute % 60),
        None => day,
    }
}
