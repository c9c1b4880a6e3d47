//! Grades in the quoted law (一级、二级; 一、二、三级的智力残疾人) against the options that the formulas under it ask for.

use super::at_bound::with_option;
use super::findings::Example;
use super::passages::Passage;
use super::{Finding, FindingKind};
use crate::ir::{Expr, ExprKind, Type};
use crate::library::Library;
use crate::program::Program;
use std::collections::BTreeSet;

const NUMBERS: &str = "一二三四五六七八九十";

/// 一、二级 in a text, with what follows until the next grades: 的肢体残疾人.
#[derive(Clone, Debug, PartialEq)]
struct Graded {
    grades: BTreeSet<usize>,
    written: String,
    of: String,
}

/// Grades that a formula asks for, and other options that have to hold with them.
struct Asked<'l> {
    expr: &'l Expr,
    grades: BTreeSet<usize>,
    beside: Vec<&'l str>,
}

pub(super) fn findings(library: &Library, passages: &[Passage], programs: &[Program<'_>]) -> Vec<Finding> {
    let mut found = Vec::new();
    for passage in passages {
        let texts = graded(&passage.quotation);
        if texts.is_empty() {
            continue;
        }
        let asked = asked_under(library, passage);
        let all: BTreeSet<usize> = asked.iter().flat_map(|asked| asked.grades.iter().copied()).collect();
        for asked in &asked {
            let Some((mut finding, grade)) = contradiction(library, &texts, asked, &all) else { continue };
            if let Some((example, setting)) = example(library, programs, passage.document, asked, grade) {
                finding.examples.push(example);
                finding.settings.push(setting);
            }
            found.push(finding);
        }
    }
    found
}

fn asked_under<'l>(library: &'l Library, passage: &Passage) -> Vec<Asked<'l>> {
    let mut found = Vec::new();
    let defs = library.defs.iter().filter(|def| passage.holds(library, def.span));
    let checks = library.checks.iter().filter(|check| passage.holds(library, check.span));
    for expr in defs.flat_map(|def| def.exprs()).chain(checks.map(|check| &check.condition)) {
        let mut alone: Vec<&Expr> = Vec::new();
        expr.walk(&mut |node| match &node.kind {
            ExprKind::And(parts) => {
                let beside: Vec<&str> = parts
                    .iter()
                    .filter_map(|part| options(library, part))
                    .flatten()
                    .filter(|o| grade(o).is_none())
                    .collect();
                for part in parts {
                    if let Some(grades) = grades_of(library, part) {
                        alone.push(part);
                        found.push(Asked { expr: part, grades, beside: beside.clone() });
                    }
                }
            }
            _ => {
                if let Some(grades) = grades_of(library, node)
                    && !alone.iter().any(|known| std::ptr::eq(*known, node))
                {
                    found.push(Asked { expr: node, grades, beside: Vec::new() });
                }
            }
        });
    }
    found
}

/// The options of 残疾等级 为 一级、二级.
fn options<'l>(library: &'l Library, expr: &'l Expr) -> Option<Vec<&'l str>> {
    let ExprKind::Is { value, labels, negated: false } = &expr.kind else { return None };
    let Type::Enum(id) = value.ty else { return None };
    let known = library.labels(id);
    Some(labels.iter().filter_map(|at| known.get(usize::from(*at))).map(String::as_str).collect())
}

fn grades_of(library: &Library, expr: &Expr) -> Option<BTreeSet<usize>> {
    options(library, expr)?
        .into_iter()
        .map(grade)
        .collect::<Option<BTreeSet<usize>>>()
        .filter(|all| !all.is_empty())
}

/// 三级 -> 3
fn grade(option: &str) -> Option<usize> {
    let mut signs = option.strip_suffix('级')?.chars();
    let number = NUMBERS.chars().position(|known| Some(known) == signs.clone().next())? + 1;
    signs.next()?;
    signs.next().is_none().then_some(number)
}

fn contradiction(
    library: &Library,
    texts: &[Graded],
    asked: &Asked<'_>,
    all: &BTreeSet<usize>,
) -> Option<(Finding, usize)> {
    let text = if asked.beside.is_empty() {
        // Where the text grades several things, it cannot be told which of them is meant.
        let first = texts.first()?;
        texts.iter().all(|text| text.grades == first.grades).then_some(first)?
    } else {
        let meant: Vec<&Graded> =
            texts.iter().filter(|text| asked.beside.iter().any(|option| text.of.contains(option))).collect();
        let first = *meant.first()?;
        let one_each = asked
            .beside
            .iter()
            .all(|option| meant.iter().filter(|text| text.of.contains(option)).count() == 1);
        (one_each && meant.iter().all(|text| text.grades == first.grades)).then_some(first)?
    };
    let extra: Vec<usize> = asked.grades.difference(&text.grades).copied().collect();
    let lacking: Vec<usize> = match asked.beside.is_empty() {
        true => text.grades.difference(all).copied().collect(),
        false => text.grades.difference(&asked.grades).copied().collect(),
    };
    // The formula may ask for the others: those whom the text leaves out.
    if asked.grades.is_disjoint(&text.grades) || (extra.is_empty() && lacking.is_empty()) {
        return None;
    }
    let words = |grades: &[usize]| {
        let words: Vec<String> =
            grades.iter().filter_map(|at| NUMBERS.chars().nth(at - 1)).map(|c| format!("{c}级")).collect();
        words.join("、")
    };
    let span = asked.expr.span;
    let slice = library.sources.get(span.source.0 as usize).map_or("", |source| source.slice(span));
    let who =
        if asked.beside.is_empty() { String::new() } else { format!("（{}）", asked.beside.join("、")) };
    let why = match (extra.as_slice(), lacking.as_slice()) {
        (extra, []) => format!("{}{who}的人：原文没有列，式子算在内", words(extra)),
        ([], lacking) => format!("{}{who}的人：原文列了，式子没有算", words(lacking)),
        (extra, lacking) => {
            format!(
                "{}{who}的人原文没有列，式子算在内；{}的人原文列了，式子没有算",
                words(extra),
                words(lacking)
            )
        }
    };
    let what = format!("原文写“{}”，式子写“{slice}”：等级不一样", text.written);
    let finding = Finding::warning(FindingKind::Wording, span, what)
        .why(why)
        .next("照原文改式子里的等级；另有依据的，把依据抄在式子上面");
    Some((finding, *extra.first().or(lacking.first())?))
}

/// A person of a grade that text and formula treat differently.
fn example(
    library: &Library,
    programs: &[Program<'_>],
    document: u32,
    asked: &Asked<'_>,
    wanted: usize,
) -> Option<(Example, super::Setting)> {
    let ExprKind::Is { value, .. } = &asked.expr.kind else { return None };
    let (ExprKind::Input(id), Type::Enum(options)) = (&value.kind, value.ty) else { return None };
    let labels = library.labels(options);
    let at = labels.iter().position(|label| grade(label) == Some(wanted))?;
    let (answer, setting) = with_option(library, programs, document, asked.expr, (*id, at as u16))?;
    let name = library.inputs.get(id.index())?.name.clone();
    let slice = library.one_line(asked.expr.span);
    let result = if answer { "是" } else { "否" };
    let example = Example {
        facts: vec![(name, labels.get(at)?.clone())],
        results: vec![(format!("“{slice}”"), result.to_owned())],
    };
    Some((example, setting))
}

/// Runs of grades in a text: 一级、二级; 一、二、三级; 三级四级; 一至三级.
fn graded(text: &str) -> Vec<Graded> {
    let signs: Vec<(usize, char)> = text.char_indices().collect();
    let mut found: Vec<(Graded, usize)> = Vec::new();
    let mut at = 0;
    while at < signs.len() {
        let Some((grades, next)) = run_of_grades(&signs, at) else {
            at += 1;
            continue;
        };
        let byte = |index: usize| signs.get(index).map_or(text.len(), |(byte, _)| *byte);
        let written = text[byte(at)..byte(next)].to_owned();
        if let Some((last, end)) = found.last_mut() {
            last.of = text[*end..byte(at)].to_owned();
        }
        found.push((Graded { grades, written, of: String::new() }, byte(next)));
        at = next;
    }
    if let Some((last, end)) = found.last_mut() {
        last.of = text[*end..].to_owned();
    }
    // A sentence ends what its grades are said of.
    let until = |of: &str| of.split(['；', '。', '\n']).next().unwrap_or("").to_owned();
    found.into_iter().map(|(graded, _)| Graded { of: until(&graded.of), ..graded }).collect()
}

fn run_of_grades(signs: &[(usize, char)], start: usize) -> Option<(BTreeSet<usize>, usize)> {
    let (mut grades, mut at, mut end, mut range): (BTreeSet<usize>, _, _, Option<usize>) =
        (BTreeSet::new(), start, None, None);
    while let Some(number) = signs.get(at).and_then(|(_, c)| NUMBERS.chars().position(|known| known == *c)) {
        let number = number + 1;
        grades.extend(range.take().map_or(number..=number, |from| from..=number));
        at += 1;
        if signs.get(at).is_some_and(|(_, c)| *c == '级') {
            at += 1;
            end = Some(at);
        }
        match signs.get(at).map(|(_, c)| *c) {
            Some('、' | '和' | '或' | '及') => at += 1,
            Some('至' | '到') => {
                range = Some(number);
                at += 1;
            }
            _ => {}
        }
    }
    let end = end?;
    // 二级以上医院 is no grade of a person.
    let rest: String = signs[end..].iter().take(2).map(|(_, c)| c).collect();
    (!rest.starts_with("以")).then_some((grades, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_grades_are_read_with_what_they_are_said_of() {
        let text =
            "残疾等级为一、二、三级的智力、精神残疾人，残疾等级为一、二级的肢体残疾人；三级四级精神残疾";
        let found: Vec<(Vec<usize>, String)> =
            graded(text).into_iter().map(|found| (found.grades.into_iter().collect(), found.of)).collect();
        assert_eq!(
            found,
            [
                (vec![1, 2, 3], "的智力、精神残疾人，残疾等级为".to_owned()),
                (vec![1, 2], "的肢体残疾人".to_owned()),
                (vec![3, 4], "精神残疾".to_owned()),
            ]
        );
        let grades =
            |text: &str| -> Vec<usize> { graded(text).into_iter().flat_map(|found| found.grades).collect() };
        assert_eq!(grades("一至三级"), [1, 2, 3]);
        for none in ["县级以上", "二级以上医院", "一般", "三、四项", "级"] {
            assert_eq!(grades(none), Vec::<usize>::new(), "{none}");
        }
    }
}
