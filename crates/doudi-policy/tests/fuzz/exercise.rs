//! Everything a user can do with policies and a household.

use crate::{Dice, household};
use doudi_policy::ir::{EntityId, InputId, RuleId, Type};
use doudi_policy::{
    Evaluation, Facts, Goal, Layout, LetterRequest, Library, Missing, Program, Source, account,
    analyse_within, answer, article_texts, explain, facts_from_json, format_document, has_errors, in_short,
    inquire, nearest_changes, outline, run_case_block, write_letter,
};
use doudi_terms::{RegionCode, parse_date};

const PLACES: [&str; 5] = ["500243", "370902", "520402", "310101", "620102"];
const DAYS: [&str; 6] = ["2013-06-30", "2018-05-31", "2020-05-31", "2020-11-30", "2022-12-31", "2026-08-31"];

/// Reads texts, then analyses, links, runs examples, answers for a household and lays out.
pub fn exercise(sources: Vec<Source>, seed: u64) {
    let mut dice = Dice(seed ^ 0x5EED);
    let (library, problems) = Library::read(sources);
    for problem in &problems {
        assert!(!problem.render(&library.sources).is_empty());
    }
    for source in &library.sources {
        outline(source);
        article_texts(source);
        if source.path.ends_with(".md") {
            let once = format_document(&source.text);
            assert_eq!(format_document(&once), once, "laying out {} twice differs", source.path);
        }
    }
    if library.sources.len() < 10 || dice.percent(10) {
        for finding in &analyse_within(&library, 2_000).findings {
            finding.render(&library.sources);
        }
    }
    let layout = Layout::of(&library);
    for block in &library.cases {
        for result in run_case_block(&library, &layout, block).into_iter().flatten() {
            std::hint::black_box(result);
        }
    }
    let region = RegionCode::parse(PLACES[dice.below(PLACES.len())]).expect("a region");
    let date = parse_date(DAYS[dice.below(DAYS.len())]).expect("a day");
    match Program::link(&library, region, date) {
        Err(problems) => {
            for problem in &problems {
                problem.render(&library.sources);
            }
        }
        Ok(program) => {
            let json = household::draw(&library, 0, &mut dice);
            let facts = facts_from_json(&library, &layout, &json);
            let clean = !has_errors(&problems);
            let few = if clean { 40 } else { 12 };
            live_through(&program, &Facts::new(&layout), few, &mut dice);
            if let Ok(facts) = facts {
                live_through(&program, &facts, few, &mut dice);
            }
        }
    }
}

/// Everything that is answered about one household: every rule, and the long answers for `few` of them.
pub fn live_through(program: &Program<'_>, facts: &Facts<'_>, few: usize, dice: &mut Dice) {
    let mut evaluation = Evaluation::new(program, facts);
    let rows = |entity: EntityId| facts.rows(entity).min(8);
    for rule in program.order.iter().rev() {
        for row in 0..rows(program.library.rules[rule.index()].entity) {
            evaluation.rule(*rule, row);
        }
    }
    let Some(goals) = goals(program, facts, few, dice) else { return };
    for goal in &goals {
        let explanation = explain(&mut evaluation, goal.rule, goal.row);
        assert!(!explanation.to_text().is_empty());
        in_short(&mut evaluation, goal.rule, goal.row, 3);
        nearest_changes(&mut evaluation, goal.rule, goal.row);
        account(&mut evaluation, goal.rule, goal.row, None);
    }
    letters(&mut evaluation, &goals);
    ask_on(program, facts, &goals[..goals.len().min(4)], dice);
}

fn goals(program: &Program<'_>, facts: &Facts<'_>, few: usize, dice: &mut Dice) -> Option<Vec<Goal>> {
    let goals: Vec<Goal> = (0..few)
        .filter(|_| !program.order.is_empty())
        .filter_map(|_| {
            let rule = *dice.pick(&program.order);
            let rows = facts.rows(program.library.rules[rule.index()].entity) as usize;
            (rows > 0).then(|| Goal { rule, row: dice.below(rows) as u32 })
        })
        .collect();
    (!goals.is_empty()).then_some(goals)
}

fn letters(evaluation: &mut Evaluation<'_>, goals: &[Goal]) {
    let library = evaluation.program.library;
    let of_type = |wanted: fn(Type) -> bool| -> Option<(RuleId, u32)> {
        let goal = goals.iter().find(|goal| wanted(library.rules[goal.rule.index()].ty))?;
        Some((goal.rule, goal.row))
    };
    let Some(decision) = of_type(|ty| ty == Type::YesNo) else { return };
    let request = LetterRequest {
        programme: "试一试",
        decision,
        amount: of_type(Type::is_money),
        start: of_type(|ty| ty == Type::Month),
        objection: None,
        role: Some(InputId(0)).filter(|id| id.index() < library.inputs.len()),
        own_word: &["入户调查".to_owned()],
        addressee: "某某",
        office: "某局",
        place: "某县",
        date: evaluation.program.date,
    };
    write_letter(evaluation, &request);
}

/// Asks, answers what is asked, and asks again.
fn ask_on(program: &Program<'_>, facts: &Facts<'_>, goals: &[Goal], dice: &mut Dice) {
    let mut facts = facts.clone();
    let mut skipped: Vec<Missing> = Vec::new();
    for _ in 0..3 {
        let inquiry = inquire(program, &facts, goals, &skipped);
        let Some(question) = inquiry.questions.first() else { break };
        assert!(!question.text.is_empty());
        std::hint::black_box(inquiry.why());
        let words =
            question.answers.iter().map(String::as_str).chain(["440元", "2", "是", "没有了", "", "无"]);
        let words: Vec<&str> = words.collect();
        if answer(program.library, &mut facts, question.missing, words[dice.below(words.len())]).is_err() {
            skipped.push(question.missing);
        }
    }
}

/// A library's program for a place and a day.
pub fn program(library: &'static Library, place: &str, day: &str) -> Program<'static> {
    let region = RegionCode::parse(place).expect("a region");
    Program::link(library, region, parse_date(day).expect("a day")).expect("it links")
}
