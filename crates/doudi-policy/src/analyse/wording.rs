//! The bound words of the quoted law against the comparisons of the formulas under it. Only a contradiction is found: the
//! number itself falls on the other side, or the text's number is not the formula's. Words without a comparison and
//! comparisons without a word are everyday.

use super::at_bound::{Stand, example};
use super::bound_words::{Side, TextBound, bounds};
use super::comparisons::{Comparison, comparisons, of_def};
use super::passages::Passage;
use super::quantities::{Measure, Quantity, quantities};
use super::{Finding, FindingKind};
use crate::ast::Compare;
use crate::ir::{ExprKind, ParameterId};
use crate::library::Library;
use crate::parameters::{ParameterRow, RowValue};
use crate::program::Program;
use crate::value::{Exact, Value, divide, subtract};
use num_traits::{One, Signed};

/// Every contradiction between a text and the formulas under it.
pub(super) fn findings<'l>(
    library: &'l Library,
    passages: &[Passage],
    programs: &[Program<'l>],
) -> Vec<Finding> {
    let mut found = Vec::new();
    for passage in passages {
        let texts = bounds(&passage.quotation);
        if texts.is_empty() {
            continue;
        }
        let formulas = under(library, passage);
        let matter = Matter { library, programs, passage, texts: &texts, formulas: &formulas };
        found.extend(matter.findings());
    }
    found
}

/// Comparisons of the formulas and checks that stand under a quotation.
fn under<'l>(library: &'l Library, passage: &Passage) -> Vec<Comparison<'l>> {
    let defs = library.defs.iter().filter(|def| passage.holds(library, def.span));
    let checks = library.checks.iter().filter(|check| passage.holds(library, check.span));
    let mut found: Vec<Comparison<'l>> = defs.flat_map(|def| of_def(library, def)).collect();
    found.extend(checks.flat_map(|check| comparisons(library, &check.condition, check.entity, check.span)));
    found
}

struct Matter<'m, 'l> {
    library: &'l Library,
    programs: &'m [Program<'l>],
    passage: &'m Passage,
    texts: &'m [TextBound],
    formulas: &'m [Comparison<'l>],
}

impl<'l> Matter<'_, 'l> {
    fn findings(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut met: Vec<bool> = vec![false; self.texts.len()];
        let mut open: Vec<&Comparison<'l>> = Vec::new();
        for formula in self.formulas {
            let same: Vec<usize> =
                (0..self.texts.len()).filter(|at| self.speaks_of(&self.texts[*at], formula)).collect();
            let agreeing = same.iter().copied().find(|at| agrees(&self.texts[*at], formula));
            same.iter().for_each(|at| met[*at] = true);
            match (agreeing, same.first()) {
                (Some(_), _) => {}
                (None, Some(at)) => found.push(self.wrong_side(&self.texts[*at], formula)),
                (None, None) => open.push(formula),
            }
        }
        for formula in open {
            found.extend(self.wrong_number(formula, &met));
        }
        found
    }

    /// Whether a text's bound and a comparison are about the same bound: the same number of the same measure, or the
    /// same share of the same standard said of the same thing.
    fn speaks_of(&self, text: &TextBound, formula: &Comparison<'l>) -> bool {
        match &text.number {
            Some(number) if text.noun.is_empty() => {
                formula.is_bare()
                    && formula.bound.numbers.iter().any(|value| self.is_number(number, *value, formula))
            }
            number => {
                let share = number.as_ref().map_or(Exact::one(), |number| number.value);
                subject_fits(&text.subject, &formula.names)
                    && (by_alias(&text.noun, number.is_some(), formula)
                        || number.is_none() && left_to_places(&text.noun, formula)
                        || standard_fits(&text.noun, formula) && formula.bound.numbers.contains(&share))
            }
        }
    }

    fn is_number(&self, number: &Quantity, value: Exact, formula: &Comparison<'l>) -> bool {
        let Some(measure) = formula.measure else { return false };
        // A table of percents may hold 3.5 for 3.5%.
        let percent = number.measure == Measure::Percent
            && measure == Measure::Percent
            && number.value * Exact::from_integer(100) == value;
        percent || Measure::same((number.value, number.measure), (value, measure))
    }

    fn wrong_side(&self, text: &TextBound, formula: &Comparison<'l>) -> Finding {
        let slice = self.library.one_line(formula.expr.span);
        let what = format!("原文写“{}”，式子写“{slice}”：恰好等于的时候，两边不一样", text.phrase);
        let includes = if text.includes() { "含" } else { "不含" };
        let why = format!(
            "“{}”{includes}本数（参照《民法典》第一千二百五十九条）：按原文，恰好等于的和更{}的一样对待；按式子，和更{}的一样对待",
            text.word,
            taken(text.side),
            taken(formula.side)
        );
        let next = match self.other_word(formula) {
            Some(right) => format!("照原文，这里应当写“{right}”；原文抄错了的，改原文"),
            None => "照原文改式子里的界限词；原文抄错了的，改原文".to_owned(),
        };
        let finding = Finding::warning(FindingKind::Wording, formula.expr.span, what).why(why).next(next);
        self.with_example(finding, formula, Stand::AtBound)
    }

    /// The same comparison with the bound itself on the other side.
    fn other_word(&self, formula: &Comparison<'l>) -> Option<String> {
        let ExprKind::Compare(op, left, right) = &formula.expr.kind else { return None };
        let (left, right) = (self.library.one_line(left.span), self.library.one_line(right.span));
        Some(match (op, formula.measure) {
            (Compare::Greater, _) => format!("{left} 在 {right} 以上"),
            (Compare::Less, _) => format!("{left} 在 {right} 以下"),
            (Compare::GreaterEqual, _) => format!("{left} 超过 {right}"),
            (Compare::LessEqual, Some(Measure::Age)) => format!("{left} 不满 {right}"),
            (Compare::LessEqual, _) => format!("{left} 低于 {right}"),
            (Compare::Equal | Compare::NotEqual, _) => return None,
        })
    }

    /// The formula has a number that the text does not, and the text has another of the same measure on the same side,
    /// which no formula here uses, or which is the only one that the text has of it.
    fn wrong_number(&self, formula: &Comparison<'l>, met: &[bool]) -> Option<Finding> {
        if formula.bound.numbers.iter().any(|value| self.in_text(*value, formula)) {
            return None;
        }
        let same: Vec<(&TextBound, bool)> = self
            .texts
            .iter()
            .zip(met.iter().copied())
            .filter(|(text, _)| self.same_matter(text, formula))
            .collect();
        let only = same.windows(2).all(|two| {
            let value = |bound: &TextBound| bound.number.as_ref().map(|number| number.value);
            value(two[0].0) == value(two[1].0)
        });
        let distance = |text: &TextBound| {
            let number = text.number.as_ref()?;
            formula
                .bound
                .numbers
                .iter()
                .filter_map(|value| subtract(*value, number.value))
                .map(|apart| apart.abs())
                .min()
        };
        let (text, _) = same.iter().filter(|(_, met)| only || !met).min_by_key(|(text, _)| distance(text))?;
        let number = text.number.as_ref()?;
        if let Some(parameter) = formula.bound.table {
            return self.wrong_row(parameter, text, number, formula);
        }
        let slice = self.library.one_line(formula.expr.span);
        let what = format!("原文写“{}”，式子写“{slice}”：数不一样", text.phrase);
        let finding = Finding::warning(FindingKind::Wording, formula.expr.span, what)
            .why("这一段原文里没有式子用的这个数")
            .next("照原文改式子里的数；另有依据的，把依据抄在式子上面");
        let stand = match formula.bound.numbers.as_slice() {
            _ if text.noun.is_empty() => Stand::At(number.value),
            [share] => divide(number.value, *share).map_or(Stand::AtBound, Stand::AtShare),
            _ => Stand::AtBound,
        };
        Some(self.with_example(finding, formula, stand))
    }

    /// The parameter's row that cites this very document has another number than the text.
    fn wrong_row(
        &self,
        parameter: ParameterId,
        text: &TextBound,
        number: &Quantity,
        formula: &Comparison<'l>,
    ) -> Option<Finding> {
        let document = self.passage.document(self.library)?;
        let cites = |row: &&ParameterRow| row.parameter == parameter && row.document.contains(&document.id);
        let row = self.library.rows.iter().filter(cites).find(|row| match row.value {
            RowValue::Value(Value::Number(value)) => !self.is_number(number, value, formula),
            _ => false,
        })?;
        let name = &self.library.parameters.get(parameter.index())?.name;
        let what = format!("《{}》写“{}”，参数“{name}”引用它却是另一个数", document.id, text.phrase);
        Some(
            Finding::warning(FindingKind::Wording, row.span, what)
                .why(format!("式子“{}”用这个参数", self.library.one_line(formula.expr.span)))
                .next("对照原文改这一行；数出自别的文件的，“文件”一栏写那份文件"),
        )
    }

    /// Of one measure, and for shares of one standard and one subject.
    fn same_matter(&self, text: &TextBound, formula: &Comparison<'l>) -> bool {
        let Some(number) = &text.number else { return false };
        if text.noun.is_empty() {
            return formula.is_bare()
                && !formula.bound.numbers.is_empty()
                && formula.measure == Some(number.measure)
                && text.side == formula.side;
        }
        subject_fits(&text.subject, &formula.names) && standard_fits(&text.noun, formula)
    }

    /// Whether the text has this number at all, with or without a bound word.
    fn in_text(&self, value: Exact, formula: &Comparison<'l>) -> bool {
        // A share of one is not written down.
        if formula.measure == Some(Measure::Times) && value.is_one() {
            return true;
        }
        quantities(&self.passage.quotation).iter().any(|number| self.is_number(number, value, formula))
    }

    fn with_example(&self, mut finding: Finding, formula: &Comparison<'l>, stand: Stand) -> Finding {
        let found = example(self.library, self.programs, self.passage.document, formula, stand);
        if let Some((example, setting)) = found {
            finding.examples.push(example);
            finding.settings.push(setting);
        }
        finding
    }
}

fn taken(side: Side) -> &'static str {
    match side {
        Side::Upper => "多",
        Side::Lower => "少",
    }
}

/// Both put the bound itself on the same side. Whole numbers have nothing between 3 and 4.
fn agrees(text: &TextBound, formula: &Comparison<'_>) -> bool {
    text.side == formula.side
        || formula.counts
            && text.number.as_ref().is_some_and(|number| {
                let first_above = |value: Exact, side| match side {
                    Side::Upper => value,
                    Side::Lower => value + Exact::one(),
                };
                let wanted = first_above(number.value, text.side);
                text.noun.is_empty()
                    && formula.bound.numbers.iter().any(|value| first_above(*value, formula.side) == wanted)
            })
}

/// 低保标准 stands for 最低生活保障标准: every sign of the short name stands in the long one, in order. By what an amount
/// is counted (上年人均可支配年收入) the texts do not say.
fn abbreviates(short: &str, long: &str) -> bool {
    let mut rest = long.chars();
    short.chars().filter(|c| !matches!(c, '月' | '年')).all(|c| rest.any(|other| other == c))
}

/// 超过当地规定: whatever limit the formula takes from a place's own table.
fn left_to_places(noun: &str, formula: &Comparison<'_>) -> bool {
    noun.ends_with("规定") && !formula.bound.standards.is_empty()
}

fn standard_fits(noun: &str, formula: &Comparison<'_>) -> bool {
    formula.bound.standards.iter().any(|name| name.chars().count() >= 2 && abbreviates(name, noun))
}

/// A limit that is worked out by a rule may be named in the text: 最低生活保障边缘家庭标准, 低保边缘上限.
fn by_alias(noun: &str, has_number: bool, formula: &Comparison<'_>) -> bool {
    let Some(alias) = formula.bound.alias.as_deref().filter(|_| !has_number) else { return false };
    let core = ["上限", "下限", "标准", "线"].iter().find_map(|end| alias.strip_suffix(end)).unwrap_or(alias);
    core.chars().count() >= 3 && abbreviates(core, noun)
}

/// 家庭人均收入 and 人均月收入: the same last word.
fn subject_fits(subject: &str, names: &[&str]) -> bool {
    let signs: Vec<char> = subject.chars().collect();
    let Some(last) = signs.len().checked_sub(2).map(|at| signs[at..].iter().collect::<String>()) else {
        return false;
    };
    names.iter().any(|name| name.contains(&last))
}
