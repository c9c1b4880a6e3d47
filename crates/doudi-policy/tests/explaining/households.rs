//! Random households of the shipped policies: values near the lines at which the articles change their minds.

use doudi_policy::ir::{EntityId, HOUSEHOLD, InputId, PERSON, Type};
use doudi_policy::{Exact, Fact, FactValue, Facts, Layout, Library, Source, Value, has_errors};
use std::path::{Path, PathBuf};

/// splitmix64: the same seed gives the same household.
pub struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }
}

pub fn shipped() -> Library {
    let mut sources = Vec::new();
    read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies"), "", &mut sources);
    let (library, problems) = Library::read(sources);
    let rendered: String = problems.iter().map(|problem| problem.render(&library.sources)).collect();
    assert!(!has_errors(&problems), "{rendered}");
    library
}

fn read_folder(folder: &Path, prefix: &str, sources: &mut Vec<Source>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()).collect();
    entries.sort();
    for path in entries {
        let name = format!("{prefix}{}", path.file_name().expect("name").to_string_lossy());
        if path.is_dir() {
            read_folder(&path, &format!("{name}/"), sources);
        } else if name.ends_with(".md") || name.ends_with(".csv") {
            sources.push(Source { path: name, text: std::fs::read_to_string(&path).expect("text") });
        }
    }
}

/// A household of one to four people; `unknown` percent of its facts are not known.
pub fn household<'l>(library: &Library, layout: &'l Layout, seed: u64, unknown: u64) -> Facts<'l> {
    let mut dice = Dice(seed);
    let mut facts = Facts::new(layout);
    for (index, entity) in library.entities.iter().enumerate().skip(1) {
        let id = EntityId(index as u8);
        let parent = entity.parent.unwrap_or(HOUSEHOLD);
        for owner in 0..facts.rows(parent) {
            let rows = if id == PERSON { 1 + dice.below(4) } else { dice.below(3) };
            for _ in 0..rows {
                let name =
                    if id == PERSON { format!("甲{}", facts.rows(PERSON) + 1) } else { String::new() };
                facts.add_row(id, owner, &name);
            }
            if id != PERSON && !dice.percent(unknown / 2) {
                facts.set_complete(id, owner);
            }
        }
    }
    for (number, input) in library.inputs.iter().enumerate() {
        for row in 0..facts.rows(input.entity) {
            let value = draw(library, input.ty, input.non_negative, &mut dice);
            if !dice.percent(unknown) {
                let fact = Fact { value: FactValue::Known(value), source: None };
                facts.set(input.entity, row, InputId(number as u32), fact);
            }
        }
    }
    facts
}

fn draw(library: &Library, ty: Type, non_negative: bool, dice: &mut Dice) -> Value {
    let whole = |number: i64| Exact::from_integer(i128::from(number));
    let pick = |choices: &[i64], dice: &mut Dice| choices[dice.below(choices.len() as u64) as usize];
    let number = match ty {
        Type::YesNo => return Value::YesNo(dice.percent(25)),
        Type::Enum(id) => return Value::Label(dice.below(library.labels(id).len() as u64) as u16),
        Type::Money | Type::Amount if dice.percent(50) => {
            whole(pick(&[0, 0, 10_000, 43_999, 44_000, 44_001, 88_000, 132_000], dice))
        }
        Type::Money | Type::Amount => whole(dice.below(300_000) as i64),
        Type::Count => whole(pick(&[0, 1, 2, 3, 6, 60], dice)),
        Type::Number => Exact::new(i128::from(pick(&[0, 100, 250, 300, 350], dice)), 100),
        Type::Date => whole(18_400 - dice.below(30_000) as i64),
        Type::Month => whole(24_240 + dice.below(12) as i64),
        Type::Moment => whole(18_400 * 1_440),
    };
    Value::Number(if non_negative && number < whole(0) { whole(0) } else { number })
}
