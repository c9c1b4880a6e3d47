//! Invents a county: Pengshui (500243) with its real townships and villages and invented people, the rosters that its
//! departments would hand in for April and May 2020, the errors that were planted in them, and the truth about both.
//!
//! It knows nothing of policies, of linkage or of how rosters are read, so that all three can be judged by it. It does
//! no IO and reads no clock: tables go to a sink, progress to a callback. The same configuration gives the same bytes
//! on every platform.
//!
//! The order matters: the world (people, incomes, groups) comes first, then what was planted, then the truth, by
//! definition, from the world; only then the rosters are written and damaged.

mod belongings;
mod circumstances;
mod damage;
mod departments;
mod dice;
mod dossier;
mod enrolment;
mod groups;
mod households;
mod identity;
mod incomes;
mod names;
mod people;
mod places;
mod plant;
mod tables;
mod truth;

#[cfg(test)]
mod tests;

pub use doudi_terms::Month;
pub use truth::KINDS;

use damage::Spoiler;
use dice::Dice;
use people::World;
use plant::Wave;

/// How big a county and which.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DemoConfig {
    pub persons: u32,
    pub seed: u64,
}

impl Default for DemoConfig {
    fn default() -> DemoConfig {
        DemoConfig { persons: 100_000, seed: 1 }
    }
}

/// What kind of file a department would send. A hint: every table can be written either way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Csv,
    Xlsx,
}

/// One roster file of a month.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Table {
    /// File name without its extension: 城乡低保在册花名册2020-04.
    pub file: String,
    pub roster: &'static str,
    pub format: Format,
    /// A line above the headers, as offices like to have one.
    pub title: Option<String>,
    pub headers: Vec<&'static str>,
    pub rows: Vec<Vec<String>>,
    /// A line of totals below the rows.
    pub totals: Option<Vec<String>>,
}

/// One person about whom something is wrong in a month. [`KINDS`] defines each kind and says who is named.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Planted {
    pub month: Month,
    pub kind: &'static str,
    /// The register's `person_id`.
    pub person_id: String,
    pub note: String,
}

/// Who the rows of one table truly are, in the table's order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowPersons {
    pub month: Month,
    pub roster: &'static str,
    pub file: String,
    /// The register's `person_id`; 0 for somebody who is not in it.
    pub persons: Vec<u32>,
}

/// What is true of the county, whatever the files say.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Truth {
    /// By month, then in the order of [`KINDS`], then by person.
    pub planted: Vec<Planted>,
    pub row_persons: Vec<RowPersons>,
}

/// The two months that are invented.
pub fn months() -> [Month; 2] {
    let last = Month::of(households::reference_day());
    [last.previous(), last]
}

/// Invents the county and hands out every table of both months, one at a time.
pub fn generate(
    config: &DemoConfig,
    progress: &mut dyn FnMut(&str),
    sink: &mut dyn FnMut(Month, Table),
) -> Truth {
    let [first, second] = months();
    let mut truth = Truth::default();
    progress("人口和家庭");
    let mut world = clean_world(config, first);
    progress("设置错误");
    plant::plant(&mut world, first, Wave::First);
    circumstances::arrange(&mut world, first);
    plant::compare(&mut world, first, Wave::First);
    hand_out(&world, first, &mut truth, progress, sink);
    progress("下一个月");
    enrolment::advance(&mut world, second);
    plant::plant(&mut world, second, Wave::Second);
    plant::compare(&mut world, second, Wave::Second);
    hand_out(&world, second, &mut truth, progress, sink);
    truth
}

/// A county in which every office does everything right.
fn clean_world(config: &DemoConfig, month: Month) -> World {
    let mut world = households::settle(config.seed, config.persons);
    groups::assign(&mut world, month);
    incomes::assign(&mut world, month);
    belongings::distribute(&mut world);
    world
}

fn hand_out(
    world: &World,
    month: Month,
    truth: &mut Truth,
    progress: &mut dyn FnMut(&str),
    sink: &mut dyn FnMut(Month, Table),
) {
    let mut found = truth::find(world, month);
    let spoiler = Spoiler::new(world);
    for (at, roster) in departments::ROSTERS.iter().enumerate() {
        progress(&format!("{month} {}", roster.name));
        // A stream of its own for every file: another row in one roster leaves the others as they were.
        let mut dice = Dice::new(world.seed, 1_000 + month.index().unsigned_abs() as u64 * 100 + at as u64);
        let spoiled = spoiler.spoil(roster, (roster.rows)(world, month), &mut dice);
        if roster.id == "dibao" {
            found.extend(truth::impossible_numbers(world, month, roster, &spoiled));
        }
        let file = format!("{}{month}", roster.name);
        truth.row_persons.push(RowPersons {
            month,
            roster: roster.id,
            file: file.clone(),
            persons: spoiled.persons,
        });
        sink(month, tables::table(roster, file, month, spoiled.rows));
    }
    let planted = found.into_iter().map(|(kind, no, note)| Planted {
        month,
        kind,
        person_id: (no + 1).to_string(),
        note,
    });
    truth.planted.extend(planted);
}
