//! Words of the quoted law that set a bound, and on which side of it the number itself falls (《民法典》第一千二百五十九条).

use super::quantities::{Measure, Quantity, quantities};
use std::ops::Range;

/// Where a bound itself belongs. Negation does not move it: 不低于 and 低于 both leave it above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// With what is more: 以上, 不满, 低于.
    Upper,
    /// With what is less: 以下, 超过, 高于.
    Lower,
}

/// 低于当地最低生活保障标准1.5倍: the word, what it stands with, and of what it is said.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TextBound {
    pub word: &'static str,
    pub side: Side,
    pub number: Option<Quantity>,
    /// 当地最低生活保障标准; empty for a bare number.
    pub noun: String,
    /// What stands before: 家庭人均收入.
    pub subject: String,
    /// The words as they stand in the text.
    pub phrase: String,
    /// Bytes of the text where its clause starts and its words end.
    starts: usize,
    ends: usize,
}

impl TextBound {
    /// Whether the word takes the number itself in: 以上 and 不超过 do, 低于 and 超过 do not.
    pub(super) fn includes(&self) -> bool {
        let plain = matches!(self.word, "以上" | "以下" | "以内" | "内" | "达到" | "满" | "年满" | "连续");
        let negated = self.word.starts_with('不') && !matches!(self.word, "不足" | "不满");
        let as_usual = BEFORE.iter().chain(&AFTER).any(|known| *known == (self.word, self.side));
        (plain || negated) == as_usual
    }
}

/// Words before their bound, longer ones first.
const BEFORE: [(&str, Side); 26] = [
    ("不得低于", Side::Upper),
    ("不得少于", Side::Upper),
    ("不得超过", Side::Lower),
    ("不得高于", Side::Lower),
    ("不得多于", Side::Lower),
    ("不低于", Side::Upper),
    ("不少于", Side::Upper),
    ("不小于", Side::Upper),
    ("不超过", Side::Lower),
    ("不高于", Side::Lower),
    ("不多于", Side::Lower),
    ("不大于", Side::Lower),
    ("低于", Side::Upper),
    ("少于", Side::Upper),
    ("小于", Side::Upper),
    ("不足", Side::Upper),
    ("不满", Side::Upper),
    ("未满", Side::Upper),
    ("达到", Side::Upper),
    ("年满", Side::Upper),
    ("满", Side::Upper),
    ("连续", Side::Upper),
    ("超过", Side::Lower),
    ("高于", Side::Lower),
    ("多于", Side::Lower),
    ("大于", Side::Lower),
];

/// Words after their bound.
const AFTER: [(&str, Side); 4] =
    [("以上", Side::Upper), ("以下", Side::Lower), ("以内", Side::Lower), ("内", Side::Lower)];

const STOPS: [char; 21] = [
    '，', '。', '；', '：', '、', '！', '？', '（', '）', '“', '”', '《', '》', '\n', ',', ';', '(', ')',
    ':', '…', '—',
];

/// Words that end what a bound is said of.
const JOINTS: [&str; 9] = ["但", "且", "并", "或者", "在", "为", "是", "给予", "应"];

/// Every bound in a text whose number or noun can be told, in order.
pub(super) fn bounds(text: &str) -> Vec<TextBound> {
    let numbers = quantities(text);
    let mut found: Vec<TextBound> = Vec::new();
    let mut ended = 0;
    for clause in clauses(text) {
        if text[ended..clause.start].contains(['。', '；', '\n']) {
            ended = clause.start;
        }
        for mut bound in clause_bounds(text, clause.clone(), &numbers) {
            // 超过标准但低于2倍标准的: the second is said of what the first is said of.
            let same = found.last().filter(|_| bound.subject.is_empty() && !bound.noun.is_empty());
            if let Some(last) = same.filter(|last| last.starts >= ended) {
                bound.subject = last.subject.clone();
            }
            found.push(bound);
        }
    }
    found
}

fn clauses(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if STOPS.contains(&c) {
            found.push(start..at);
            start = at + c.len_utf8();
        }
    }
    found.push(start..text.len());
    found
}

/// A bound word as it stands in a clause.
struct Word {
    word: &'static str,
    side: Side,
    before: bool,
    at: Range<usize>,
}

fn clause_bounds(text: &str, clause: Range<usize>, numbers: &[Quantity]) -> Vec<TextBound> {
    let words = words_of(text, &clause);
    let mut found = Vec::new();
    let mut from = clause.start;
    for (index, word) in words.iter().enumerate() {
        let until = words.get(index + 1).map_or(clause.end, |next| next.at.start);
        let bound = if word.before {
            bound_after(text, from, word, until, numbers)
        } else {
            bound_before(text, from, word, numbers)
        };
        from = bound.as_ref().map_or(word.at.end, |bound| bound.ends.max(word.at.end));
        found.extend(bound);
    }
    found
}

fn words_of(text: &str, clause: &Range<usize>) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut at = clause.start;
    while at < clause.end {
        let rest = text.get(at..clause.end).unwrap_or("");
        let before = BEFORE.iter().find(|(word, _)| rest.starts_with(word)).map(|known| (known, true));
        let known =
            before.or(AFTER.iter().find(|(word, _)| rest.starts_with(word)).map(|known| (known, false)));
        match known {
            Some(((word, side), before)) => {
                found.push(Word { word, side: *side, before, at: at..at + word.len() });
                at += word.len();
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

/// 低于 …
fn bound_after(
    text: &str,
    from: usize,
    word: &Word,
    until: usize,
    numbers: &[Quantity],
) -> Option<TextBound> {
    let object = word.at.end..until;
    let number = numbers.iter().find(|number| object.start <= number.at.start && number.at.end <= object.end);
    let at_once = number.is_some_and(|number| text[object.start..number.at.start].trim().is_empty());
    // 满 stands in many words; only a number right behind makes it a bound. 连续三次 is three or more, unless a word
    // behind the number says it.
    let leads = word.word.ends_with('满') || word.word == "连续";
    if leads && !at_once
        || word.word == "连续" && number.is_some_and(|number| is_bounded(text, number.at.end))
    {
        return None;
    }
    let (noun, number, end) = match number {
        Some(number) if at_once && is_share(number.measure) => {
            let noun = noun_of(&text[number.at.end..object.end]);
            (noun, Some(number), number.at.end + noun.len())
        }
        Some(number) if at_once => ("", Some(number), number.at.end),
        Some(number) if is_share(number.measure) => {
            let noun = text[object.start..number.at.start].trim().trim_end_matches('的');
            (noun, Some(number), number.at.end)
        }
        _ => {
            let noun = noun_of(&text[object.clone()]);
            (noun, None, object.start + noun.len())
        }
    };
    if number.is_none() && noun.chars().count() < 2 {
        return None;
    }
    Some(TextBound {
        word: word.word,
        side: side_with(word.side, text.get(end..).unwrap_or("")),
        number: number.cloned(),
        noun: noun.to_owned(),
        subject: subject_of(&text[from..word.at.start]).to_owned(),
        phrase: text.get(word.at.start..end).unwrap_or("").trim().to_owned(),
        starts: from,
        ends: end,
    })
}

fn is_bounded(text: &str, from: usize) -> bool {
    let rest = text.get(from..).unwrap_or("");
    AFTER.iter().any(|(word, _)| rest.starts_with(word))
}

/// … 以上
fn bound_before(text: &str, from: usize, word: &Word, numbers: &[Quantity]) -> Option<TextBound> {
    let plain = text.get(from..word.at.start)?.trim_end_matches('及').trim_end();
    let number =
        numbers.iter().find(|number| number.at.start >= from && number.at.end == from + plain.len())?;
    // 日内, 个月内: 内 alone is a bound only of time.
    if word.word == "内" && !is_time(number.measure) {
        return None;
    }
    let before = text.get(from..number.at.start)?;
    let (subject, noun) =
        match JOINTS.iter().filter_map(|joint| before.rfind(joint).map(|at| (at, *joint))).max() {
            Some((at, joint)) => (&before[..at], &before[at + joint.len()..]),
            None => (before, before),
        };
    let noun = if is_share(number.measure) { noun.trim().trim_end_matches('的') } else { "" };
    let start = if noun.is_empty() {
        number.at.start
    } else {
        number.at.start - (before.len() - before.rfind(noun)?)
    };
    Some(TextBound {
        word: word.word,
        side: side_with(word.side, text.get(word.at.end..).unwrap_or("")),
        number: Some(number.clone()),
        noun: noun.to_owned(),
        subject: subject_of(subject).to_owned(),
        phrase: text.get(start..word.at.end)?.trim().to_owned(),
        starts: from,
        ends: word.at.end,
    })
}

/// A share of something: the number belongs to the noun beside it.
fn is_share(measure: Measure) -> bool {
    matches!(measure, Measure::Times | Measure::Percent)
}

pub(super) fn is_time(measure: Measure) -> bool {
    matches!(
        measure,
        Measure::Years | Measure::Months | Measure::Days | Measure::WorkingDays | Measure::Hours
    )
}

/// 以上（不含本数）
fn side_with(side: Side, rest: &str) -> Side {
    let rest = rest.trim_start_matches(['（', '(']);
    if rest.starts_with("不含") || rest.starts_with("不包括") {
        match side {
            Side::Upper => Side::Lower,
            Side::Lower => Side::Upper,
        }
    } else {
        side
    }
}

/// The noun at the start of a phrase: up to 的 or a joint.
fn noun_of(phrase: &str) -> &str {
    let ends = ["的", "但", "且", "并", "或者", "后", "时"];
    let end = ends.iter().filter_map(|word| phrase.find(word)).min().unwrap_or(phrase.len());
    phrase[..end].trim()
}

/// What a bound is said of, without words that only lead to the bound.
fn subject_of(before: &str) -> &str {
    let mut subject = before.trim();
    loop {
        let shorter = [
            "应",
            "应当",
            "原则上",
            "一般",
            "最长",
            "最高",
            "最低",
            "每月",
            "在",
            "为",
            "是",
            "连续",
            "但",
            "且",
            "并",
            "有",
            "总和",
            "总额",
            "合计",
        ]
        .iter()
        .find_map(|word| subject.strip_suffix(word));
        match shorter {
            Some(rest) => subject = rest.trim_end(),
            None => return subject,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `word side number noun subject`
    fn told(text: &str) -> Vec<String> {
        bounds(text)
            .into_iter()
            .map(|bound| {
                let number = bound.number.map_or("-".to_owned(), |number| number.value.to_string());
                format!("{}|{:?}|{number}|{}|{}", bound.word, bound.side, bound.noun, bound.subject)
            })
            .collect()
    }

    #[test]
    fn bounds_of_real_sentences_are_read() {
        for (text, expected) in [
            ("60周岁以上的老年人；未满16周岁的未成年人", vec!["以上|Upper|60||", "未满|Upper|16||"]),
            (
                "家庭人均收入低于当地最低生活保障标准1.5倍，且财产",
                vec!["低于|Upper|3/2|当地最低生活保障标准|家庭人均收入"],
            ),
            (
                "家庭成员人均月收入在最低生活保障标准一点五倍以下，",
                vec!["以下|Lower|3/2|最低生活保障标准|家庭成员人均月收入"],
            ),
            (
                "家庭月人均收入超过低保标准但低于2倍低保标准的",
                vec!["超过|Lower|-|低保标准|家庭月人均收入", "低于|Upper|2|低保标准|家庭月人均收入"],
            ),
            ("人均收入低于当地最低生活保障标准的差额", vec!["低于|Upper|-|当地最低生活保障标准|人均收入"]),
            ("有3项以下（含3项）指标不能达到的", vec!["以下|Lower|3||"]),
            ("款额1倍以上3倍以下的罚款", vec!["以上|Upper|1|款额|款额", "以下|Lower|3||"]),
            ("有效期一般不超过十二个月。", vec!["不超过|Lower|12||有效期"]),
            ("应当自受理之日起30个工作日内办结", vec!["内|Lower|30||"]),
            ("六个月以上（不含六个月）", vec!["以上|Lower|6||"]),
            ("一般不低于当地低保标准的1.3倍；", vec!["不低于|Upper|13/10|当地低保标准|"]),
            ("连续三年以上（含三年）脱离家庭", vec!["以上|Upper|3||"]),
            ("在六个月内连续三次拒绝", vec!["内|Lower|6||", "连续|Upper|3||"]),
            ("收入总和低于当地最低生活保障标准", vec!["低于|Upper|-|当地最低生活保障标准|收入"]),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn ranks_of_government_and_schooling_set_no_bound() {
        for text in [
            "县级以上人民政府",
            "本科及以下学历",
            "设区的市级以上地方人民政府",
            "满足条件",
            "户内成员",
            "以上重残是指",
        ] {
            assert_eq!(told(text), Vec::<String>::new(), "{text}");
        }
    }
}
