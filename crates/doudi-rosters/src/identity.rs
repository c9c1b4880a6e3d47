//! The cells that say whose row it is, looked at as a clerk would: is this an id number, is this a day of birth, do the
//! two agree. Nothing is changed here but two cells filled in for each other; linkage repairs, and keeps its repairs as
//! evidence. Every finding is a warning: the row is read.

use crate::cells::{LOST_DIGITS, RawCell, date_in, is_lunar, means_blank};
use crate::header::{half_width, is_invisible};
use crate::problem_log::Trouble;
use crate::recognise::Header;
use doudi_terms::roster::{ColumnKind, RosterSpec};
use doudi_terms::{Date, Month, ResidentId, ResidentIdError, parse_date};

/// Fewer digits than this in a name's cell may be anything.
const LEAST_ID_CHARS: usize = 14;
/// The longest of certificates that begin with an id number.
const MOST_ID_CHARS: usize = 22;
/// Nobody on a roster was born before.
const FIRST_YEAR: i16 = 1900;
pub(crate) const SWAPPED: &str = "姓名和号码填反";

/// The columns of a specification that say whose row it is, as far as the file has them.
pub(crate) struct Identity {
    pub name: Option<Cell>,
    pub id: Option<Cell>,
    pub birth: Option<Cell>,
    /// A number that holds the id number: with it the id's own cell may be blank.
    pub certificate: Option<Cell>,
    /// Dates of what has happened: they cannot lie after the roster's month.
    pub past: Vec<Cell>,
}

/// Where a column is.
#[derive(Clone, Debug)]
pub(crate) struct Cell {
    /// In the specification.
    pub column: usize,
    /// In the file.
    pub place: usize,
    pub label: String,
}

impl Identity {
    pub fn of(spec: &RosterSpec, header: &Header) -> Identity {
        let cells = |wanted: &dyn Fn(usize) -> bool| -> Vec<Cell> {
            let placed = header.columns.iter().enumerate().filter(|(column, _)| wanted(*column));
            let label = |place: usize| header.labels.get(place).map_or("", |l| l.trim()).to_owned();
            placed
                .filter_map(|(column, place)| place.map(|place| Cell { column, place, label: label(place) }))
                .collect()
        };
        let kind = |kind: ColumnKind| cells(&|column| spec.columns[column].kind == kind).into_iter().next();
        let has_happened = |column: usize| spec.columns[column].has_happened;
        Identity {
            name: kind(ColumnKind::PersonName),
            id: kind(ColumnKind::IdNumber),
            birth: kind(ColumnKind::Birth),
            certificate: kind(ColumnKind::DisabilityCertificate),
            past: cells(&has_happened),
        }
    }

    /// The cells of a row with name and number in their own places, and what was done; `None` where they are there.
    pub fn set_right<'c>(&self, cells: &[RawCell<'c>]) -> Option<(Vec<RawCell<'c>>, Trouble)> {
        let (name, id) = (self.name.as_ref()?, self.id.as_ref()?);
        let at = |cell: &Cell| cells.get(cell.place).unwrap_or(&RawCell::Blank);
        let named = at(name);
        // Most names are short: looking at the length first keeps this free of cost.
        if matches!(named, RawCell::Blank)
            || matches!(named, RawCell::Text(text) if text.len() < LEAST_ID_CHARS)
        {
            return None;
        }
        let (number, person) = (named.shown(), at(id).shown());
        if !is_number_like(&number) || !(means_nothing(&person) || is_name_like(&person)) {
            return None;
        }
        let person = if person.is_empty() { "空的".into() } else { format!("“{person}”") };
        let what = format!(
            "“{}”里填的是号码“{number}”，“{}”里是{person}，两格填反了，已对调读入",
            name.label, id.label
        );
        let mut right = cells.to_vec();
        let width = name.place.max(id.place) + 1;
        if right.len() < width {
            right.resize(width, RawCell::Blank);
        }
        right.swap(name.place, id.place);
        Some((right, Trouble::warning(SWAPPED, what, "请核对后把两格对调")))
    }

    /// What is wrong with the identity of a row, with the column it stands in. The cells are given as they were read.
    pub fn troubles(&self, row: &IdentityCells<'_>) -> Vec<(&Cell, Trouble)> {
        let mut found = Vec::new();
        if let Some(name) = &self.name
            && row.name.is_none()
            && !row.said.contains(&name.place)
        {
            let next = "请补上姓名；没有姓名只能靠号码比对";
            found.push((name, Trouble::warning("姓名空着", "没有填姓名".to_owned(), next)));
        }
        let state = row.id.map_or(IdState::Blank, id_state);
        if let Some(id) = &self.id
            && !row.said.contains(&id.place)
            && !(state == IdState::Blank && row.certificate.is_some())
            && let Some(trouble) = state.trouble(row.id.unwrap_or_default())
        {
            found.push((id, trouble));
        }
        if let (Some(birth), Some(text)) = (&self.birth, row.birth)
            && let Some(trouble) = birth_trouble(text, state.birth().zip(row.id), row.month)
        {
            found.push((birth, trouble));
        }
        for (cell, day) in self.past.iter().zip(&row.past) {
            if let (Some(day), Some(month)) = (day, row.month)
                && Month::of(*day) > month
            {
                let what = format!("{} {day} 晚于名册的月份 {month}", cell.label);
                let trouble =
                    Trouble::warning("日期晚于名册月份", what, "请核对是日期写错，还是名册月份不对");
                found.push((cell, trouble));
            }
        }
        found
    }
}

/// The identity cells of one row as they were read.
pub(crate) struct IdentityCells<'r> {
    pub name: Option<&'r str>,
    pub id: Option<&'r str>,
    /// Places of the file about whose cells something has been said already.
    pub said: &'r [usize],
    pub birth: Option<&'r str>,
    pub certificate: Option<&'r str>,
    /// One per [`Identity::past`].
    pub past: Vec<Option<Date>>,
    /// The row's own month, else the roster's; `None` if nothing has said it so far.
    pub month: Option<Month>,
}

/// What an id cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
enum IdState {
    Blank,
    Valid(ResidentId),
    Masked,
    /// Fifteen digits, as issued before 1999.
    Old(Option<Date>),
    Length(usize),
    LostDigits,
    NoSuchDay,
    Check,
    NotANumber,
}

impl IdState {
    /// The day of birth that the number states, if the number can be believed.
    fn birth(self) -> Option<Date> {
        match self {
            IdState::Valid(id) => id.birth(),
            IdState::Old(day) => day,
            _ => None,
        }
    }

    fn trouble(self, shown: &str) -> Option<Trouble> {
        const COMPARE: &str = "请对照身份证或户口簿改正";
        Some(match self {
            IdState::Valid(_) => return None,
            IdState::Blank => {
                let what = "没有填号码，只能靠姓名、出生日期和住址比对，容易比错".to_owned();
                Trouble::warning("号码空着", what, "请补上身份证号；确实没有的，请写明情况")
            }
            IdState::Masked => {
                let what = format!("号码“{shown}”有几位被遮住了");
                Trouble::warning("号码被遮住", what, "请报送完整的号码")
            }
            IdState::Old(_) => {
                let what = format!("号码“{shown}”是 15 位的旧号码");
                Trouble::warning("十五位号码", what, "请换成 18 位的号码；比对时会先按旧号码推算")
            }
            IdState::Length(chars) => {
                let what = format!("号码“{shown}”是 {chars} 位，应为 18 位");
                Trouble::warning("号码位数不对", what, COMPARE)
            }
            IdState::LostDigits => {
                let what = format!("号码“{shown}”末三位是 000 而且校验不符，像是被 Excel 当成数字改过");
                let next = "请把这一列设成“文本”格式，对照证件重新填写完整的号码";
                Trouble::warning(LOST_DIGITS, what, next)
            }
            IdState::NoSuchDay => {
                let what = format!("号码“{shown}”里的出生日期不存在");
                Trouble::warning("号码里的日期不存在", what, COMPARE)
            }
            IdState::Check => {
                let what = format!("号码“{shown}”的校验位不符，至少有一位写错了");
                Trouble::warning("号码校验位不符", what, COMPARE)
            }
            IdState::NotANumber => {
                let what = format!("“{shown}”不是身份证号");
                Trouble::warning("不是身份证号", what, COMPARE)
            }
        })
    }
}

fn id_state(shown: &str) -> IdState {
    // Most numbers are right as they stand.
    if let Ok(id) = ResidentId::parse(shown) {
        return IdState::Valid(id);
    }
    if means_nothing(shown) {
        return IdState::Blank;
    }
    let plain = plain_id(shown);
    if plain.contains('*') {
        return IdState::Masked;
    }
    let digits = plain.strip_suffix('X').unwrap_or(&plain);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return IdState::NotANumber;
    }
    match plain.len() {
        15 => IdState::Old(parse_date(&format!("19{}", &plain[6..12]))),
        18 => match ResidentId::parse(&plain) {
            Ok(id) => IdState::Valid(id),
            Err(ResidentIdError::Check) if plain.ends_with("000") => IdState::LostDigits,
            Err(ResidentIdError::Check) => IdState::Check,
            Err(ResidentIdError::Birth) => IdState::NoSuchDay,
            Err(ResidentIdError::Shape) => IdState::NotANumber,
        },
        chars => IdState::Length(chars),
    }
}

/// Without what offices put around digits and linkage takes off again: blanks, quotes, dashes, full width.
fn plain_id(text: &str) -> String {
    let kept = |c: &char| !(c.is_whitespace() || is_invisible(*c) || "'\"`‘’“”-—_.,，。、:：;".contains(*c));
    text.chars().map(half_width).filter(kept).map(|c| if c == 'x' { 'X' } else { c }).collect()
}

/// How offices write that there is no name or number.
fn means_nothing(text: &str) -> bool {
    means_blank(text)
        || matches!(
            text,
            "无" | "没有" | "不详" | "未知" | "暂无" | "空" | "无证" | "无身份证" | "待查" | "待补"
        )
}

fn is_number_like(text: &str) -> bool {
    let plain = plain_id(text);
    let digits = plain.strip_suffix('X').unwrap_or(&plain);
    (LEAST_ID_CHARS..=MOST_ID_CHARS).contains(&plain.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_name_like(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters > 0 && text.chars().count() <= 40 && !text.chars().any(|c| half_width(c).is_ascii_digit())
}

/// A day of birth as far as it is written.
enum Written {
    Day(Date),
    /// 1982-03, of a column that holds months.
    Month(Month),
    Year(i16),
}

fn birth_trouble(text: &str, id: Option<(Date, &str)>, month: Option<Month>) -> Option<Trouble> {
    if means_nothing(text) {
        return None;
    }
    if is_lunar(text) {
        let what = format!("“{text}”写的是农历，没有换算成公历，比对时只作参考");
        return Some(Trouble::warning("农历日期", what, "请对照身份证或户口簿改成公历，例如 1982-03-30"));
    }
    let Some(written) = written_day(text) else {
        let what = format!("“{text}”不是日期");
        return Some(Trouble::warning("出生日期读不出", what, "请按 1982-03-06 的样子填写"));
    };
    let (year, of) = match written {
        Written::Day(day) => (day.year(), Some(Month::of(day))),
        Written::Month(month) => (i16::try_from(month.year()).unwrap_or(0), Some(month)),
        Written::Year(year) => (year, None),
    };
    if let (Some(of), Some(month)) = (of, month)
        && of > month
    {
        let what = format!("出生日期“{text}”晚于名册的月份 {month}");
        return Some(Trouble::warning("出生日期晚于名册月份", what, "请核对是日期写错，还是名册月份不对"));
    }
    if year < FIRST_YEAR {
        let what = format!("出生日期“{text}”早于 {FIRST_YEAR} 年");
        return Some(Trouble::warning("出生日期太早", what, "请对照身份证或户口簿改正"));
    }
    let (day, id) = id?;
    let agrees = match written {
        Written::Day(written) => written == day,
        Written::Month(month) => month == Month::of(day),
        Written::Year(year) => year == day.year(),
    };
    if agrees {
        return None;
    }
    let what = format!("出生日期“{text}”与号码“{id}”里的 {day} 不符");
    Some(Trouble::warning("出生日期与号码不符", what, "请对照身份证或户口簿，改正写错的一个"))
}

fn written_day(text: &str) -> Option<Written> {
    if let Some(day) = date_in(text) {
        return Some(Written::Day(day));
    }
    let half: String = text.chars().map(half_width).filter(|c| !c.is_whitespace()).collect();
    if let Some(month) = Month::parse(&half).filter(|month| (1850..=2200).contains(&month.year())) {
        return Some(Written::Month(month));
    }
    let year: i16 = half.strip_suffix('年').unwrap_or(&half).parse().ok()?;
    (1850..=2200).contains(&year).then_some(Written::Year(year))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "50024319820306001X";

    fn kind(trouble: Option<Trouble>) -> &'static str {
        trouble.map_or("", |trouble| trouble.kind)
    }

    #[test]
    fn each_fault_of_a_number_is_told_apart() {
        let seventeen = &ID[..17];
        let check = char::from(doudi_terms::check_character(seventeen.as_bytes()).expect("digits"));
        let valid = format!("{seventeen}{check}");
        let spaced = format!("{} {}", &valid[..6], &valid[6..]);
        let wide: String =
            valid.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).expect("a character")).collect();
        let wrong = format!("{seventeen}{}", if check == '1' { '2' } else { '1' });
        for (text, wanted) in [
            (valid.as_str(), ""),
            (&spaced, ""),
            (&wide, ""),
            (&format!("{valid}’"), ""),
            ("", "号码空着"),
            ("无", "号码空着"),
            (&wrong, "号码校验位不符"),
            (&wrong[..17], "号码位数不对"),
            ("500243820306001", "十五位号码"),
            ("500243198213060010", "号码里的日期不存在"),
            ("500243198203060000", LOST_DIGITS),
            ("500243********0010", "号码被遮住"),
            ("护照E12345678", "不是身份证号"),
        ] {
            assert_eq!(kind(id_state(text).trouble(text)), wanted, "{text}");
        }
    }

    #[test]
    fn old_and_new_numbers_state_a_day_of_birth() {
        let day = parse_date("1982-03-06");
        assert_eq!(id_state("500243820306001").birth(), day);
        assert_eq!(id_state("50024319820306001").birth(), None, "seventeen digits are not believed");
    }

    #[test]
    fn days_of_birth_are_held_against_the_month_and_the_number() {
        let id = parse_date("1982-03-06").map(|day| (day, "50024319820306001X"));
        let month = Month::new(2020, 4);
        for (text, wanted) in [
            ("1982-03-06", ""),
            ("1982年3月6日", ""),
            ("１９８２.３.６", ""),
            ("1982-03", ""),
            ("1982", ""),
            ("无", ""),
            ("1982-06-03", "出生日期与号码不符"),
            ("1983", "出生日期与号码不符"),
            ("2020-05-01", "出生日期晚于名册月份"),
            ("1882-03-06", "出生日期太早"),
            ("1982-13-06", "出生日期读不出"),
            ("农历1982年三月初六", "农历日期"),
            ("1982.3.6(农历)", "农历日期"),
        ] {
            assert_eq!(kind(birth_trouble(text, id, month)), wanted, "{text}");
        }
        assert_eq!(kind(birth_trouble("2020-05-01", None, None)), "", "no month, no future");
    }
}
