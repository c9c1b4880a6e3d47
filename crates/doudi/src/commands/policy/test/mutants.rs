//! `doudi policy test --mutants`: would the examples notice a slip of the pen? Every formula is made wrong in one place
//! at a time, and the examples that ask for it are run.

use super::TestArgs;
use crate::exit::Exit;
use doudi_policy::mutate::{Mutant, Site, Trials, Verdict, mutants, sites};
use doudi_policy::{Layout, Library};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// The share of slips that the examples have to notice, in per cent.
const WANTED: usize = 90;

/// How many slips were tried, how many were noticed, and how many no example asks for.
#[derive(Clone, Copy, Default)]
struct Score {
    tried: usize,
    found: usize,
    unasked: usize,
}

impl Score {
    fn add(&mut self, verdict: &Verdict) {
        self.tried += 1;
        match verdict {
            Verdict::Found { .. } => self.found += 1,
            Verdict::Missed { asked: 0 } => self.unasked += 1,
            Verdict::Missed { .. } => {}
        }
    }

    fn words(self) -> String {
        let tenths = self.found * 1000 / self.tried.max(1);
        let unasked = match self.unasked {
            0 => String::new(),
            count => format!("，其中 {count} 处没有案例用到"),
        };
        let missed = self.tried - self.found;
        format!(
            "{} 处笔误，查出 {} 处（{}.{}%），漏过 {missed} 处{unasked}",
            self.tried,
            self.found,
            tenths / 10,
            tenths % 10
        )
    }

    fn json(self) -> Json {
        json!({ "tried": self.tried, "found": self.found, "unasked": self.unasked })
    }

    fn suffices(self) -> bool {
        self.found * 100 > self.tried * WANTED
    }
}

pub(super) fn run(args: &TestArgs, library: &Library) -> Exit {
    let layout = Layout::of(library);
    let mut trials = match Trials::of(library, &layout) {
        Ok(trials) => trials,
        Err(problems) => {
            problems.iter().for_each(|problem| eprintln!("{}", problem.render(&library.sources)));
            eprintln!("案例本身还不相符，先用 doudi policy test 改好。");
            return Exit::BadInput;
        }
    };
    let mut files: BTreeMap<&str, Score> = BTreeMap::new();
    let (mut formulas, mut values) = (Score::default(), Score::default());
    let mut missed: Vec<Json> = Vec::new();
    let mut number = 0;
    for mutant in sites(library).into_iter().flat_map(|site| mutants(library, site)) {
        let path = path_of(library, &mutant);
        let named = |text: &String| path.contains(text.as_str()) || mutant.place.contains(text.as_str());
        if !args.filter.iter().chain(&args.only).all(named) {
            continue;
        }
        number += 1;
        if number % args.every.max(1) != 0 {
            continue;
        }
        let verdict = trials.run(&mutant);
        files.entry(path).or_default().add(&verdict);
        let whole = if matches!(mutant.site, Site::Row(_)) { &mut values } else { &mut formulas };
        whole.add(&verdict);
        if let Verdict::Missed { asked } = verdict {
            if !args.json {
                eprintln!("{}", words_of(library, &mutant, asked));
            }
            missed.push(json_of(library, &mutant, asked));
        }
    }
    let all = Score {
        tried: formulas.tried + values.tried,
        found: formulas.found + values.found,
        unasked: formulas.unasked + values.unasked,
    };
    if args.json {
        let files: BTreeMap<&str, Json> = files.iter().map(|(path, score)| (*path, score.json())).collect();
        let summary = json!({
            "all": all.json(), "formulas": formulas.json(), "values": values.json(), "files": files, "missed": missed,
        });
        crate::print_line(&summary.to_string());
    } else {
        for (path, score) in &files {
            crate::print_line(&format!("{path}：{}", score.words()));
        }
        crate::print_line(&format!("条文：{}", formulas.words()));
        crate::print_line(&format!("参数表：{}", values.words()));
        crate::print_line(&format!("合计：{}", all.words()));
    }
    if all.tried == 0 {
        eprintln!("没有一处条文符合所给的文字。");
        return Exit::BadInput;
    }
    if all.suffices() { Exit::Done } else { Exit::No }
}

fn path_of<'l>(library: &'l Library, mutant: &Mutant) -> &'l str {
    library.sources.get(mutant.span.source.0 as usize).map_or("", |source| source.path.as_str())
}

fn line_of(library: &Library, mutant: &Mutant) -> usize {
    let source = library.sources.get(mutant.span.source.0 as usize);
    source.map_or(0, |source| source.line_and_column(mutant.span.start).0)
}

fn words_of(library: &Library, mutant: &Mutant, asked: usize) -> String {
    let looked =
        if asked == 0 { "没有案例用到".to_owned() } else { format!("{asked} 个案例照样相符") };
    let (path, line) = (path_of(library, mutant), line_of(library, mutant));
    format!("漏过：{path}:{line} {}：{}（{looked}）", mutant.place, mutant.what)
}

fn json_of(library: &Library, mutant: &Mutant, asked: usize) -> Json {
    json!({
        "file": path_of(library, mutant), "line": line_of(library, mutant),
        "place": mutant.place, "what": mutant.what, "asked": asked,
    })
}
