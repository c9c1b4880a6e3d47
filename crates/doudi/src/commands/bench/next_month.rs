//! Another month of a folder of rosters, made of one month's: most rows as they were, some gone, some changed, some new.
//! Knows cells and digits, and nothing of what is done with them.

use doudi_terms::Month;
use std::path::Path;

/// Of a thousand people of the register, and of a thousand rows of any other roster, so many are not as they were.
const PEOPLE: u64 = 10;
const ROWS: u64 = 30;

/// Copies the text files of a month to a folder of their own, as they are.
pub fn copy(from: &Path, to: &Path) -> Result<(), String> {
    each(from, to, |name, text| Ok((name.to_owned(), text)))
}

/// Writes the text files of the month after; `is_register` tells the register by its name.
pub fn make(
    from: &Path,
    to: &Path,
    months: (Month, Month),
    is_register: impl Fn(&str) -> bool,
) -> Result<(), String> {
    let (this, next) = (months.0.to_string(), months.1.to_string());
    each(from, to, |name, text| {
        let share = if is_register(name) { PEOPLE } else { ROWS };
        Ok((name.replace(&this, &next), changed(&text, share, (&this, &next))?))
    })
}

fn each(
    from: &Path,
    to: &Path,
    one: impl Fn(&str, String) -> Result<(String, String), String>,
) -> Result<(), String> {
    let told = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| format!("{path}：{error}")
    };
    std::fs::create_dir_all(to).map_err(told(to))?;
    let mut paths: Vec<_> =
        from.read_dir().map_err(told(from))?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "csv")) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let (name, text) = one(&name, std::fs::read_to_string(path).map_err(told(path))?)?;
        let path = to.join(name);
        std::fs::write(&path, text).map_err(told(&path))?;
    }
    Ok(())
}

/// Numbers that look drawn, the same every time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end.max(1)
    }
}

fn changed(text: &str, share: u64, (this, next): (&str, &str)) -> Result<String, String> {
    let text = text.trim_start_matches('\u{FEFF}');
    let mut draw = Draw(text.len() as u64);
    let fault = |error: csv::Error| format!("名册读不了：{error}");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(vec![0xEF, 0xBB, 0xBF]);
    let mut before: Vec<String> = Vec::new();
    for (at, record) in reader.records().enumerate() {
        let record = record.map_err(fault)?;
        let in_next = |cell: &str| if cell == this { next.to_owned() } else { cell.to_owned() };
        let mut row: Vec<String> = record.iter().map(in_next).collect();
        let kind = if at > 1 && draw.below(1000) < share { draw.below(4) } else { 4 };
        let own = row.clone();
        match kind {
            0 => {
                before = own;
                continue;
            }
            1 => other_digit(&mut row, &mut draw),
            2 => {
                // What stood in the row before, as when somebody moves in with a neighbour.
                let at = 1 + draw.below(row.len() as u64 - 1) as usize;
                if let Some(cell) = before.get(at) {
                    row[at].clone_from(cell);
                }
            }
            3 => {
                let mut new = row.clone();
                new[0] = format!("9{at}9");
                (0..6).for_each(|_| other_digit(&mut new, &mut draw));
                writer.write_record(&new).map_err(fault)?;
            }
            _ => {}
        }
        before = own;
        writer.write_record(&row).map_err(fault)?;
    }
    let bytes = writer.into_inner().map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

/// One digit of some cell but the first becomes another one.
fn other_digit(row: &mut [String], draw: &mut Draw) {
    let is_digit = |(_, c): &(usize, char)| c.is_ascii_digit();
    let cells = 1..row.len();
    let with_digits: Vec<usize> = cells.filter(|at| row[*at].char_indices().any(|c| is_digit(&c))).collect();
    let Some(&at) = with_digits.get(draw.below(with_digits.len() as u64) as usize) else { return };
    let places: Vec<usize> = row[at].char_indices().filter(is_digit).map(|(place, _)| place).collect();
    let place = places[draw.below(places.len() as u64) as usize];
    let digit = draw.below(10).to_string();
    row[at].replace_range(place..=place, &digit);
}

#[cfg(test)]
mod tests {
    use super::changed;

    #[test]
    fn most_rows_are_as_they_were_and_some_are_not() {
        let rows: String = (0..10_000).map(|n| format!("{n},甲{n},1390000{n:04},2020-04\n")).collect();
        let text = format!("\u{FEFF}序号,姓名,电话,月份\n{rows}");
        let next = changed(&text, 30, ("2020-04", "2020-05")).expect("a table");
        assert_eq!(next, changed(&text, 30, ("2020-04", "2020-05")).expect("the same again"));
        let same_next = rows.replace("2020-04", "2020-05");
        let known: std::collections::BTreeSet<&str> = same_next.lines().collect();
        let lines: Vec<&str> = next.lines().skip(1).collect();
        let same = lines.iter().filter(|line| known.contains(*line)).count();
        assert!((9_600..9_900).contains(&same), "{same}");
        assert!(lines.len().abs_diff(10_000) < 100 && lines.len() > same, "{}", lines.len());
        assert!(next.starts_with("\u{FEFF}序号,姓名,电话,月份\n"));
    }
}
