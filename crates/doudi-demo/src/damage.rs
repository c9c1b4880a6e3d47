//! What happens to a roster between the office's desk and the file: mistyped numbers, look-alike characters, old
//! addresses, strangers. Truth was decided before.

use crate::departments::{Kind, Roster, Row, Tidiness};
use crate::dice::Dice;
use crate::identity;
use crate::names::Names;
use crate::people::{PersonNo, World};
use doudi_terms::{Date, check_character, date_from_epoch_day, epoch_day};
use std::collections::HashSet;

/// In 100,000 rows of a roster that is kept with ordinary care.
const ID_ERRORS: &[(IdError, u32)] = &[
    (IdError::Digit, 1_500),
    (IdError::TwoDigits, 280),
    (IdError::Transposed, 550),
    (IdError::Dropped, 300),
    (IdError::FifteenDigits, 1_100),
    (IdError::FullWidth, 550),
    (IdError::Blanks, 1_400),
    (IdError::Rounded, 350),
    (IdError::Missing, 1_300),
    (IdError::Borrowed, 280),
    (IdError::LowerCaseX, 900),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum IdError {
    Digit,
    TwoDigits,
    Transposed,
    Dropped,
    /// The form of before 1999: no century, no check character.
    FifteenDigits,
    FullWidth,
    Blanks,
    /// A spreadsheet took it for a number and kept fifteen digits.
    Rounded,
    Missing,
    /// Of another member of the household.
    Borrowed,
    LowerCaseX,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum NameError {
    SoundsAlike,
    LooksAlike,
    Traditional,
    BlankInside,
    BlankAround,
    RareCharacter,
    Dropped,
    Reordered,
}

const NAME_ERRORS: &[(NameError, u32)] = &[
    (NameError::SoundsAlike, 1_400),
    (NameError::LooksAlike, 800),
    (NameError::Traditional, 550),
    (NameError::BlankInside, 1_800),
    (NameError::BlankAround, 900),
    (NameError::RareCharacter, 180),
    (NameError::Dropped, 180),
    (NameError::Reordered, 90),
];

/// Name and number written into one another's columns.
const SWAPPED_PER_LAKH: u32 = 250;
const LUNAR_PER_LAKH: u32 = 2_800;
const BIRTH_MISSING_PER_LAKH: u32 = 1_800;
const BIRTH_MISTYPED_PER_LAKH: u32 = 900;

/// Rows as they stand in a file, and who each of them truly is: the register's `person_id`, 0 for a stranger.
pub(crate) struct Spoiled {
    pub rows: Vec<Vec<String>>,
    pub persons: Vec<u32>,
}

pub(crate) struct Spoiler<'a> {
    world: &'a World,
    taken: HashSet<&'a str>,
}

impl<'a> Spoiler<'a> {
    pub fn new(world: &'a World) -> Spoiler<'a> {
        Spoiler { world, taken: world.people.iter().map(|person| person.id_number.as_str()).collect() }
    }

    pub fn spoil(&self, roster: &Roster, mut rows: Vec<Row>, dice: &mut Dice) -> Spoiled {
        let strangers = rows.len() * roster.tidiness.ghosts as usize / 1_000;
        if roster.tidiness.shuffled {
            dice.shuffle(&mut rows);
        }
        let models: Vec<Row> = (0..strangers).map(|_| dice.pick(&rows).clone()).collect();
        let numbered = roster.columns.first().is_some_and(|(_, kind)| *kind == Kind::Number);
        let kinds: Vec<Kind> =
            roster.columns[usize::from(numbered)..].iter().map(|(_, kind)| *kind).collect();
        let mut table: Vec<(u32, Vec<String>)> = Vec::with_capacity(rows.len() + strangers);
        for row in rows {
            let person = row.person;
            let cells = self.write(row, &kinds, roster.tidiness, dice);
            table.push((person + 1, cells));
        }
        for model in models {
            let cells = self.stranger(model, roster, &kinds, dice);
            table.push((0, cells));
        }
        if roster.tidiness.shuffled {
            dice.shuffle(&mut table);
        }
        let mut spoiled =
            Spoiled { rows: Vec::with_capacity(table.len()), persons: Vec::with_capacity(table.len()) };
        for (at, (person, mut cells)) in table.into_iter().enumerate() {
            if numbered {
                cells.insert(0, (at + 1).to_string());
            }
            spoiled.rows.push(cells);
            spoiled.persons.push(person);
        }
        spoiled
    }

    fn write(&self, mut row: Row, kinds: &[Kind], tidiness: Tidiness, dice: &mut Dice) -> Vec<String> {
        if tidiness.id_errors == 0 {
            return row.cells;
        }
        let elsewhere = dice.per_mille(tidiness.stale).then(|| self.elsewhere(dice));
        for (cell, kind) in row.cells.iter_mut().zip(kinds) {
            match kind {
                Kind::Id => *cell = self.id(cell, row.person, tidiness, dice),
                Kind::Certificate => {
                    let (id, suffix) = cell.split_at(18.min(cell.len()));
                    let id = self.id(id, row.person, tidiness, dice);
                    *cell = if id.len() < 15 { id } else { id + suffix };
                }
                Kind::Name => *cell = name(cell, tidiness, dice),
                Kind::Birth => *cell = birth(cell, tidiness, dice),
                Kind::Address => match &elsewhere {
                    Some((address, _)) => *cell = address.clone(),
                    None => *cell = address_style(cell, dice),
                },
                Kind::Region => {
                    if let Some((_, region)) = &elsewhere {
                        region.clone_into(cell);
                    }
                }
                Kind::Phone => {
                    let other = self.phone(cell, row.person, dice);
                    // Whoever entered one number for many entered it everywhere.
                    if self.world.home(row.person).shared_phone.is_none() {
                        *cell = other;
                    }
                }
                Kind::Number | Kind::Plain => {}
            }
        }
        if dice.per_lakh(SWAPPED_PER_LAKH * tidiness.id_errors / 100) {
            swap(&mut row.cells, kinds);
        }
        row.cells
    }

    /// An address of years ago.
    fn elsewhere(&self, dice: &mut Dice) -> (String, String) {
        let village = dice.index(self.world.places.villages.len()) as u16;
        let (group, number) = (1 + dice.below(9) as u8, 1 + dice.below(180) as u16);
        (self.world.places.address(village, group, number), self.world.region(village))
    }

    fn id(&self, id: &str, person: PersonNo, tidiness: Tidiness, dice: &mut Dice) -> String {
        let mut draw = dice.below(100_000);
        for &(error, rate) in ID_ERRORS {
            let rate = rate * tidiness.id_errors / 100;
            if draw < rate {
                return self.id_error(error, id, person, dice);
            }
            draw -= rate;
        }
        id.to_owned()
    }

    fn id_error(&self, error: IdError, id: &str, person: PersonNo, dice: &mut Dice) -> String {
        let mut letters: Vec<char> = id.chars().collect();
        match error {
            IdError::Digit | IdError::TwoDigits => {
                for _ in 0..if error == IdError::Digit { 1 } else { 2 } {
                    mistype(&mut letters, dice);
                }
            }
            IdError::Transposed => {
                let at = 6 + dice.index(10);
                letters.swap(at, at + 1);
            }
            IdError::Dropped => {
                letters.remove(dice.index(18));
            }
            IdError::FifteenDigits if id[6..8] == *"19" && &id[6..10] < "1999" => {
                return format!("{}{}", &id[..6], &id[8..17]);
            }
            IdError::FifteenDigits => {}
            IdError::FullWidth => {
                let wide = |c: &char| char::from_u32(u32::from(*c) + 0xFEE0).unwrap_or(*c);
                return letters.iter().map(wide).collect();
            }
            IdError::Blanks => {
                return match dice.below(4) {
                    0 => format!(" {id}"),
                    1 => format!("{id}　"),
                    2 => format!("'{id}"),
                    _ => format!("{} {} {}", &id[..6], &id[6..14], &id[14..]),
                };
            }
            IdError::Rounded => return format!("{}000", &id[..15]),
            IdError::Missing => return (*dice.pick(&["", "", "", "无", "不详"])).to_owned(),
            IdError::Borrowed => return self.borrowed(id, person, dice),
            IdError::LowerCaseX => return id.to_lowercase(),
        }
        letters.into_iter().collect()
    }

    fn borrowed(&self, id: &str, person: PersonNo, dice: &mut Dice) -> String {
        let others: Vec<PersonNo> = self.world.home(person).members().filter(|&no| no != person).collect();
        if others.is_empty() {
            return id.to_owned();
        }
        self.world.person(*dice.pick(&others)).id_number.to_string()
    }

    /// The person's own phone, nobody's, an old one, or another member's.
    fn phone(&self, phone: &str, person: PersonNo, dice: &mut Dice) -> String {
        match dice.below(100) {
            0..72 => phone.to_owned(),
            72..82 => String::new(),
            82..92 => identity::phone(dice).to_string(),
            _ => {
                let home = self.world.home(person);
                let other = self.world.person(home.first + dice.below(u32::from(home.size))).phone;
                if other == 0 { String::new() } else { other.to_string() }
            }
        }
    }

    /// Somebody who is not in the register, with the rest of another's row; a household of one of their own.
    fn stranger(&self, model: Row, roster: &Roster, kinds: &[Kind], dice: &mut Dice) -> Vec<String> {
        let person = self.world.person(model.person);
        let born = date_from_epoch_day(epoch_day(person.birth) + dice.between(-500, 500) as i32)
            .unwrap_or(person.birth);
        let id = self.foreign_id(born, person.id_number.as_str(), dice);
        let name_of = self.world.person(dice.below(self.world.people.len() as u32));
        let new_name = name_of.name.clone();
        let headers =
            roster.columns.iter().filter(|(_, kind)| *kind != Kind::Number).map(|(header, _)| *header);
        let mut cells = model.cells;
        for ((cell, kind), header) in cells.iter_mut().zip(kinds).zip(headers) {
            match (kind, header) {
                (Kind::Id, _) => cell.clone_from(&id),
                (Kind::Certificate, _) => *cell = format!("{id}{}", &cell[18.min(cell.len())..]),
                (Kind::Name, _) | (_, "户主姓名") => cell.clone_from(&new_name),
                (Kind::Birth, _) => *cell = born.to_string(),
                (Kind::Phone, _) => *cell = identity::phone(dice).to_string(),
                (_, "与户主关系") => "户主".clone_into(cell),
                (_, "银行账号") => *cell = identity::account(dice).to_string(),
                (_, "低保证号" | "户编号") => {
                    let kept = cell.len().saturating_sub(6);
                    *cell = format!("{}{:06}", &cell[..kept], 800_000 + dice.below(99_999));
                }
                _ => {}
            }
        }
        cells
    }

    fn foreign_id(&self, born: Date, model: &str, dice: &mut Dice) -> String {
        let date = format!("{:04}{:02}{:02}", born.year(), born.month(), born.day());
        loop {
            let area = if dice.per_mille(600) {
                &model[..6]
            } else {
                *dice.pick(&["500242", "500239", "511602", "522228"])
            };
            let odd = u32::from(model.as_bytes()[16] % 2 == 1);
            let seventeen = format!("{area}{date}{:03}", dice.below(500) * 2 + odd);
            let check = check_character(seventeen.as_bytes()).map_or('0', char::from);
            let id = format!("{seventeen}{check}");
            if !self.taken.contains(id.as_str()) {
                return id;
            }
        }
    }
}

fn mistype(letters: &mut [char], dice: &mut Dice) {
    let at = dice.index(17);
    let old = letters[at].to_digit(10).unwrap_or(0);
    let new = (old + 1 + dice.below(9)) % 10;
    letters[at] = char::from_digit(new, 10).unwrap_or('0');
}

fn swap(cells: &mut [String], kinds: &[Kind]) {
    let name = kinds.iter().position(|kind| *kind == Kind::Name);
    let id = kinds.iter().position(|kind| matches!(kind, Kind::Id | Kind::Certificate));
    if let (Some(name), Some(id)) = (name, id) {
        cells.swap(name, id);
    }
}

fn name(name: &str, tidiness: Tidiness, dice: &mut Dice) -> String {
    let mut draw = dice.below(100_000);
    for &(error, rate) in NAME_ERRORS {
        let rate = rate * tidiness.name_errors / 100;
        if draw < rate {
            return name_error(error, name, dice);
        }
        draw -= rate;
    }
    name.to_owned()
}

fn name_error(error: NameError, name: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    // Surnames are mistaken less often than given names.
    let at = if dice.per_mille(850) { 1 + dice.index(letters.len() - 1) } else { 0 };
    match error {
        NameError::SoundsAlike => letters[at] = Names::sounds_like(dice, letters[at]).unwrap_or(letters[at]),
        NameError::LooksAlike => letters[at] = Names::looks_like(letters[at]).unwrap_or(letters[at]),
        NameError::Traditional => return Names::traditional(name),
        NameError::BlankInside => letters.insert(1, *dice.pick(&['　', ' '])),
        NameError::BlankAround => letters.push(*dice.pick(&['　', ' '])),
        NameError::RareCharacter => letters[at] = *dice.pick(&['?', '*', '□']),
        NameError::Dropped if letters.len() > 2 => {
            letters.remove(at);
        }
        NameError::Reordered if letters.len() == 3 => letters.swap(1, 2),
        NameError::Dropped | NameError::Reordered => {}
    }
    letters.into_iter().collect()
}

fn birth(text: &str, tidiness: Tidiness, dice: &mut Dice) -> String {
    let Some(mut day) = doudi_terms::parse_date(text) else { return text.to_owned() };
    let draw = dice.below(100_000) * 100 / tidiness.name_errors.max(1);
    if draw < BIRTH_MISSING_PER_LAKH {
        return String::new();
    }
    if draw < BIRTH_MISSING_PER_LAKH + LUNAR_PER_LAKH {
        // The day by the farmers' calendar, written as if it were the other one: three to seven weeks earlier.
        day = date_from_epoch_day(epoch_day(day) - dice.between(20, 50) as i32).unwrap_or(day);
    } else if draw < BIRTH_MISSING_PER_LAKH + LUNAR_PER_LAKH + BIRTH_MISTYPED_PER_LAKH {
        let other = 1 + (day.day() + 9) % 28;
        day = Date::new(day.year(), day.month(), other).unwrap_or(day);
    }
    let (year, month, of_month) = (day.year(), day.month(), day.day());
    match dice.below(10) {
        0..5 => format!("{year:04}-{month:02}-{of_month:02}"),
        5..7 => format!("{year:04}{month:02}{of_month:02}"),
        7 => format!("{year}年{month}月{of_month}日"),
        8 => format!("{year}.{month}.{of_month}"),
        _ => format!("{year}/{month}/{of_month}"),
    }
}

/// The same place, with less in front of it.
fn address_style(address: &str, dice: &mut Dice) -> String {
    let rest = address.strip_prefix("重庆市彭水苗族土家族自治县").unwrap_or(address);
    match dice.below(10) {
        0..5 => address.to_owned(),
        5..7 => format!("彭水苗族土家族自治县{rest}"),
        7 => format!("彭水县{rest}"),
        _ => rest.to_owned(),
    }
}
