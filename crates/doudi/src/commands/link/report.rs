//! What the command says of its run: one JSON object, or some lines.

use super::ResultArgs;
use super::cost::Stopwatch;
use super::input::Input;
use super::outcome::Outcome;
use doudi_engine::ReadRegister;
use doudi_linkage::{Weights, weights};
use doudi_terms::Severity;
use serde_json::{Value, json};

pub struct Report<'a> {
    pub args: &'a ResultArgs,
    pub register: (&'a Input<'a>, &'a ReadRegister),
    pub roster: &'a Input<'a>,
    pub outcome: &'a Outcome,
    /// The weights and the hash of the files they come from.
    pub model: (&'a Weights, String),
}

impl Report<'_> {
    pub fn json(&self, watch: &Stopwatch) -> Value {
        let Outcome { rows, auto, review, none, linked, why, .. } = self.outcome;
        let (file, register) = self.register;
        let mut report = json!({
            "out": self.args.out.display().to_string(),
            "register": {
                "file": file.name(),
                "sha256": file.sha256(),
                "persons": register.len(),
                "repeated": register.repeated,
                "rejected": rejected(file),
            },
            "roster": {
                "file": self.roster.name(),
                "sha256": self.roster.sha256(),
                "sheet": self.roster.sheet().sheet,
                "spec": self.roster.spec.id,
                "rejected": rejected(self.roster),
                "rejected_rows": rejected_rows(self.roster),
            },
            "counts": {
                "rows": rows,
                "auto": auto,
                "review": review,
                "none": none,
                "linked_by_default": linked,
                "placeholder_id": self.outcome.placeholder_rows,
                "shared_phones": self.outcome.shared_phones.len(),
                "why": why,
            },
            "thresholds": {
                "default": weights::LINK,
                "auto": self.model.0.settings.auto,
                "review": self.model.0.settings.review,
            },
            "model": {
                "name": format!("weights/{}@{}", self.model.0.name, self.model.1.get(..16).unwrap_or_default()),
                "weights": self.model.0.name,
                "weights_hash": self.model.1,
                "nobody_log2": self.register.1.index.nobody(self.model.0),
                "program_version": env!("CARGO_PKG_VERSION"),
            },
            "merges": self.outcome.merges.as_ref().map(|merges| json!({
                "out": self.args.merges.as_ref().map(|path| path.display().to_string()),
                "register_pairs": merges.register_pairs,
                "roster_pairs": merges.roster_pairs,
            })),
            "warnings": self.warnings(),
        });
        if let (Value::Object(report), Value::Object(cost)) = (&mut report, watch.json()) {
            report.extend(cost);
        }
        report
    }

    pub fn text(&self, watch: &Stopwatch) -> String {
        let Outcome { rows, auto, review, none, linked, .. } = self.outcome;
        let cost = watch.json();
        let shown =
            |key: &str| cost.get(key).filter(|v| !v.is_null()).map_or("不详".to_owned(), Value::to_string);
        format!(
            "{}（{}）共 {rows} 行，与 {} 的 {} 人比对：\n\
             自动对上 {auto} 行，需要人看 {review} 行，没有对上 {none} 行；先按对上的算的共 {linked} 行。\n\
             CPU {} 秒，用时 {} 秒，最多占用内存 {} MB。结果：{}",
            self.roster.name(),
            self.roster.spec.name,
            self.register.0.name(),
            self.register.1.len(),
            shown("cpu_s"),
            shown("wall_s"),
            shown("peak_memory_mb"),
            self.args.out.display()
        )
    }

    /// What people should look at before they trust the result.
    pub fn warnings(&self) -> Vec<String> {
        let (file, register) = self.register;
        let mut warnings = Vec::new();
        for input in [file, self.roster] {
            let count = rejected(input);
            if count > 0 {
                warnings.push(format!(
                    "{}：{count} 行读不了或没有姓名和证件号码，没有比对。{}",
                    input.name(),
                    rejected_rows(input).first().map_or(String::new(), |first| format!(
                        "第一处：第 {} 行，{}",
                        first["row"],
                        first["why"].as_str().unwrap_or_default()
                    ))
                ));
            }
        }
        if register.repeated > 0 {
            warnings.push(format!(
                "{}：{} 行的人员编号前面已经有了，没有另立一人。请核对底册",
                file.name(),
                register.repeated
            ));
        }
        let Outcome { placeholder_rows, placeholders, shared_phones, out_of_order, .. } = self.outcome;
        if *placeholder_rows > 0 {
            let numbers: Vec<&str> = placeholders.iter().map(AsRef::as_ref).collect();
            warnings.push(format!(
                "{}：{placeholder_rows} 行的证件号码是许多不同姓名的人共用的（{}），当作没有号码，按姓名等其他项比对。请补上各人自己的号码",
                self.roster.name(),
                numbers.join("、")
            ));
        }
        if !shared_phones.is_empty() {
            const SHOWN: usize = 3;
            let shown = shared_phones.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("、");
            warnings.push(format!(
                "{}：{} 个电话留给了许多户人家（{shown}{}），多半是干部或小卖部的，不拿来认人。有各户自己的电话，请换成自己的",
                self.roster.name(),
                shared_phones.len(),
                if shared_phones.len() > SHOWN { " 等" } else { "" }
            ));
        }
        if *out_of_order > 0 {
            warnings.push(format!(
                "{}：{out_of_order} 行的序号不比上一行大，可能有重复；结果的 row_id 就是这个序号，请核对",
                self.roster.name()
            ));
        }
        warnings
    }
}

fn rejected(input: &Input<'_>) -> u32 {
    input.reading.as_ref().map_or(0, |reading| reading.roster.rejected)
}

/// The first rows that could not be read, each with its row in the file and the reason.
fn rejected_rows(input: &Input<'_>) -> Vec<Value> {
    const MOST: usize = 100;
    let problems = input.reading.iter().flat_map(|reading| &reading.roster.problems);
    problems
        .filter(|problem| problem.severity == Severity::Error && problem.place.column.is_none())
        .filter_map(|problem| Some(json!({ "row": problem.place.row?, "why": problem.what })))
        .take(MOST)
        .collect()
}
