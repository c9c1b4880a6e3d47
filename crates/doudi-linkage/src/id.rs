//! Identity numbers as people type them: reading, repairing, comparing.
//!
//! The check character makes an index of near misses unnecessary: for one wrong, missing or swapped character there is at
//! most one digit per position that makes the number valid again, so a damaged number has some fifty possible originals
//! and each is looked up exactly.

use crate::cell::{half_width, is_blank, is_placeholder};
use crate::evidence::RepairKind;
use doudi_terms::{ResidentId, check_character, epoch_day, parse_date};

const LEN: usize = 18;
const MAX: usize = 22;
/// Fewer characters than this say too little to be a damaged identity number.
const LEAST: usize = 14;

/// Eighteen characters as one number; 0 = none. Seventeen digits times eleven plus the check fit into 64 bits.
pub(crate) type IdKey = u64;

pub(crate) fn key_of(text: &[u8]) -> Option<IdKey> {
    if text.len() != LEN {
        return None;
    }
    let mut key = 0_u64;
    for digit in &text[..17] {
        key = key * 10 + u64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    let check = match text[17] {
        b'X' => 10,
        digit => u64::from(digit.is_ascii_digit().then(|| digit - b'0')?),
    };
    (key != 0).then_some(key * 11 + check)
}

pub(crate) fn text_of(key: IdKey) -> [u8; LEN] {
    let mut text = [b'0'; LEN];
    let mut rest = key / 11;
    for place in text[..17].iter_mut().rev() {
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    text[17] = if key % 11 == 10 { b'X' } else { b'0' + (key % 11) as u8 };
    text
}

/// Area and day of birth: what is left of a number whose end is lost.
pub(crate) fn prefix_of(key: IdKey) -> u64 {
    key / 11 / 1_000
}

/// What became of an id cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct IdReading {
    text: [u8; MAX],
    len: usize,
    /// Set when the number is valid as it stands or after repairs that lose nothing.
    pub(crate) valid: Option<ResidentId>,
    pub(crate) repairs: Vec<RepairKind>,
}

/// How a row's number compares with a person's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum IdLikeness {
    Missing,
    Same,
    /// One wrong, missing, added or swapped character.
    OneEdit(RepairKind),
    /// Excel kept fifteen digits and these are the same.
    LostDigits,
    TwoEdits,
    Other,
}

impl IdReading {
    /// `certificate`: the column holds numbers of disability certificates, which begin with the identity number.
    pub(crate) fn read(raw: &str, certificate: bool) -> IdReading {
        let mut id = IdReading::default();
        // Most numbers are right as they stand.
        if let Ok(valid) = ResidentId::parse(raw) {
            id.text[..LEN].copy_from_slice(raw.as_bytes());
            return IdReading { len: LEN, valid: Some(valid), ..id };
        }
        if is_placeholder(raw) {
            return id;
        }
        let spreadsheet = spreadsheet_number(raw);
        id.repairs.extend(spreadsheet.is_some().then_some(RepairKind::SpreadsheetNumber));
        let too_long = id.clean(spreadsheet.as_deref().unwrap_or(raw));
        id.cut_certificate(certificate);
        if too_long || id.len < LEAST || id.is_filler() {
            return IdReading::default();
        }
        if id.len == 15 {
            id.extend_old();
        }
        id.valid = std::str::from_utf8(id.text()).ok().and_then(|text| ResidentId::parse(text).ok());
        id
    }

    pub(crate) fn text(&self) -> &[u8] {
        self.text.get(..self.len).unwrap_or_default()
    }

    pub(crate) fn is_usable(&self) -> bool {
        self.len > 0
    }

    /// The number as one number; computed at each call, so ask once.
    pub(crate) fn key(&self) -> Option<IdKey> {
        key_of(self.text())
    }

    /// Excel turns what it takes for a number into fifteen digits and zeros. A true number ending so is rare, and the
    /// caller has looked it up before asking.
    pub(crate) fn has_lost_digits(&self) -> bool {
        self.len == LEN && self.text().ends_with(b"000")
    }

    /// Day of birth as the number says, if that part is a date.
    pub(crate) fn birth(&self) -> Option<i32> {
        let day = std::str::from_utf8(self.text().get(6..14)?).ok()?;
        parse_date(day).map(epoch_day)
    }

    fn push(&mut self, byte: u8) -> bool {
        let fits = self.len < MAX;
        if let Some(place) = self.text.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
        fits
    }

    /// Keeps digits, X, and the B of a re-issued certificate; true when there is more than any number has.
    fn clean(&mut self, raw: &str) -> bool {
        let mut too_long = false;
        let note = |repairs: &mut Vec<RepairKind>, kind| {
            if !repairs.contains(&kind) {
                repairs.push(kind);
            }
        };
        for c in raw.chars() {
            let plain = half_width(c);
            if plain != c {
                note(&mut self.repairs, RepairKind::FullWidth);
            }
            let byte = match plain {
                '0'..='9' | 'X' | 'B' => plain as u8,
                'x' => {
                    note(&mut self.repairs, RepairKind::LowerCaseX);
                    b'X'
                }
                'O' | 'o' | 'l' | 'I' => {
                    note(&mut self.repairs, RepairKind::LetterForDigit);
                    if matches!(plain, 'O' | 'o') { b'0' } else { b'1' }
                }
                other => {
                    let kind = if is_blank(other) { RepairKind::Blanks } else { RepairKind::Marks };
                    note(&mut self.repairs, kind);
                    continue;
                }
            };
            too_long |= !self.push(byte);
        }
        too_long
    }

    /// Type and grade (two digits) and the count of re-issues (B1) stand behind the identity number.
    fn cut_certificate(&mut self, certificate: bool) {
        let before = self.len;
        if let Some(reissue) = self.text().iter().position(|&byte| byte == b'B') {
            self.len = reissue;
        }
        let eighteen_valid = self
            .text()
            .get(..LEN)
            .and_then(|t| std::str::from_utf8(t).ok())
            .is_some_and(|t| ResidentId::parse(t).is_ok());
        self.len = match self.len {
            20.. => LEN,
            19 if eighteen_valid => LEN,
            19 if certificate => 17,
            17 if certificate && self.is_old_form() => 15,
            len => len,
        };
        if self.len != before {
            self.repairs.push(RepairKind::CertificateCut);
        }
    }

    /// Whether the first fifteen are digits with a date where old numbers have one.
    fn is_old_form(&self) -> bool {
        let day = self.text().get(6..12).and_then(|day| std::str::from_utf8(day).ok());
        self.text().get(..15).is_some_and(|text| text.iter().all(u8::is_ascii_digit))
            && day.is_some_and(|day| parse_date(&format!("19{day}")).is_some())
    }

    /// Numbers issued before 1999 lack the century and the check.
    fn extend_old(&mut self) {
        if !self.is_old_form() {
            return;
        }
        let mut text = [b'0'; MAX];
        text[..6].copy_from_slice(&self.text[..6]);
        text[6..8].copy_from_slice(b"19");
        text[8..17].copy_from_slice(&self.text[6..15]);
        if let Some(check) = check_character(&text[..17]) {
            text[17] = check;
            (self.text, self.len) = (text, LEN);
            self.repairs.push(RepairKind::FifteenDigits);
        }
    }

    /// All zeros, 11111…, 1234567890…: written because the form insisted on a number.
    fn is_filler(&self) -> bool {
        let kinds = (b'0'..=b'X').filter(|byte| self.text().contains(byte)).count();
        kinds <= 2 || self.text().starts_with(b"12345678901234")
    }

    /// Every valid number that one slip of the hand could have turned into this one.
    pub(crate) fn possible_originals(&self) -> Vec<IdKey> {
        let text = self.text();
        let mut found = Vec::new();
        match text.len() {
            LEN => {
                for at in 0..LEN {
                    self.complete(&text[..at], &text[at + 1..], &mut found);
                }
                for at in 0..LEN - 1 {
                    let mut swapped: [u8; LEN] = [0; LEN];
                    swapped.copy_from_slice(text);
                    swapped.swap(at, at + 1);
                    self.keep_valid(&swapped, &mut found);
                }
            }
            17 => (0..=17).for_each(|at| self.complete(&text[..at], &text[at..], &mut found)),
            19 => {
                for at in 0..19 {
                    let shorter: Vec<u8> = text[..at].iter().chain(&text[at + 1..]).copied().collect();
                    self.keep_valid(&shorter, &mut found);
                }
            }
            _ => {}
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Puts every character between `before` and `after` that makes a valid number (one at most).
    fn complete(&self, before: &[u8], after: &[u8], found: &mut Vec<IdKey>) {
        let mut text = [b'0'; LEN];
        text[..before.len()].copy_from_slice(before);
        text[before.len() + 1..].copy_from_slice(after);
        let choices: &[u8] = if before.len() == 17 { b"0123456789X" } else { b"0123456789" };
        for &choice in choices {
            text[before.len()] = choice;
            self.keep_valid(&text, found);
        }
    }

    fn keep_valid(&self, text: &[u8], found: &mut Vec<IdKey>) {
        if is_checked(text)
            && let Some(key) = key_of(text)
        {
            found.push(key);
        }
    }

    pub(crate) fn compare(&self, key: IdKey) -> IdLikeness {
        if !self.is_usable() || key == 0 {
            return IdLikeness::Missing;
        }
        if self.key() == Some(key) {
            return IdLikeness::Same;
        }
        let (ours, theirs) = (self.text(), text_of(key));
        match edits(ours, &theirs) {
            // A valid number is not another valid one mistyped: one slip always breaks the check of one of the two.
            1 if self.valid.is_none() || !is_checked(&theirs) => IdLikeness::OneEdit(slip(ours, &theirs)),
            _ if self.has_lost_digits() && ours[..15] == theirs[..15] => IdLikeness::LostDigits,
            0..=2 => IdLikeness::TwoEdits,
            _ => IdLikeness::Other,
        }
    }
}

fn is_checked(text: &[u8]) -> bool {
    text.get(..17).and_then(check_character).is_some_and(|check| text.get(17) == Some(&check))
}

/// What spreadsheets make of a long number: 5.00243195504120E+17 and 500243195504120000.0, both without their ends.
fn spreadsheet_number(raw: &str) -> Option<String> {
    let plain: String = raw.chars().map(half_width).filter(|&c| !is_blank(c)).collect();
    if let Some(whole) = plain.strip_suffix(".0").or_else(|| plain.strip_suffix(".00")) {
        return whole.bytes().all(|byte| byte.is_ascii_digit()).then(|| whole.to_owned());
    }
    let digits = plain.to_ascii_uppercase();
    let digits = digits.strip_suffix("E+17").or_else(|| digits.strip_suffix("E17"))?.replacen('.', "", 1);
    // Fewer digits than these leave too much open.
    let known = (LEAST..=LEN).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    known.then(|| format!("{digits:0<18}"))
}

/// What one slip it was.
fn slip(ours: &[u8], theirs: &[u8]) -> RepairKind {
    if ours.len() < theirs.len() {
        RepairKind::DroppedDigit
    } else if ours.len() > theirs.len() {
        RepairKind::ExtraDigit
    } else if ours.iter().zip(theirs).filter(|(a, b)| a != b).count() == 1 {
        RepairKind::WrongDigit
    } else {
        RepairKind::SwappedDigits
    }
}

/// Wrong, missing, added and adjacently swapped characters between two short texts (optimal string alignment), counted up
/// to three: more makes no difference to anybody.
fn edits(a: &[u8], b: &[u8]) -> u8 {
    const MANY: u8 = 3;
    let (a, b) = without_common_ends(a, b);
    if a.len().abs_diff(b.len()) >= usize::from(MANY) || a.len() > MAX || b.len() > LEN {
        return MANY;
    }
    // Three rows of the table; cells further than two from the diagonal are never worth going through.
    let (mut before, mut above, mut row) = ([MANY; LEN + 1], [MANY; LEN + 1], [MANY; LEN + 1]);
    for (cell, distance) in above.iter_mut().zip(0..MANY) {
        *cell = distance;
    }
    for i in 1..=a.len() {
        row = [MANY; LEN + 1];
        if i < usize::from(MANY) {
            row[0] = i as u8;
        }
        for j in i.saturating_sub(2).max(1)..=(i + 2).min(b.len()) {
            let differs = u8::from(a[i - 1] != b[j - 1]);
            let mut best = (above[j - 1] + differs).min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row[j] = best.min(MANY);
        }
        if row.iter().chain(&above).all(|&cell| cell >= MANY) {
            return MANY;
        }
        (before, above) = (above, row);
    }
    if a.is_empty() { b.len() as u8 } else { row[b.len()] }
}

/// What two texts begin and end with in common costs nothing in any alignment.
fn without_common_ends<'t>(a: &'t [u8], b: &'t [u8]) -> (&'t [u8], &'t [u8]) {
    let begin = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[begin..], &b[begin..]);
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    (&a[..a.len() - end], &b[..b.len() - end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "11010519491231002X";

    fn valid(raw: &str, certificate: bool) -> Option<String> {
        IdReading::read(raw, certificate).valid.map(|id| id.to_string())
    }

    #[test]
    fn repairs_that_lose_nothing_give_the_number_back() {
        for raw in [
            "11010519491231002x",
            "１１０１０５１９４９１２３１００２Ｘ",
            " 110105 19491231 002X",
            "'11010519491231002X\t",
        ] {
            assert_eq!(valid(raw, false).as_deref(), Some(ID), "{raw}");
        }
        assert_eq!(valid("11010519491231OO2X", false).as_deref(), Some(ID));
    }

    #[test]
    fn what_spreadsheets_make_of_a_number_is_read_as_the_number_it_was() {
        assert_eq!(
            valid("110105194912310011.0", false).as_deref(),
            valid("110105194912310011", false).as_deref()
        );
        let id = IdReading::read("1.10105194912310E+17", false);
        assert_eq!((id.text(), id.has_lost_digits()), (&b"110105194912310000"[..], true));
        assert_eq!(id.compare(key_of(ID.as_bytes()).expect("a key")), IdLikeness::LostDigits);
        assert!(!IdReading::read("1.10105E+17", false).is_usable());
    }

    #[test]
    fn a_slip_in_the_registers_number_is_one_slip_too() {
        let damaged = key_of(b"11010519491231003X").expect("a key");
        assert_eq!(IdReading::read(ID, false).compare(damaged), IdLikeness::OneEdit(RepairKind::WrongDigit));
    }

    #[test]
    fn a_disability_certificate_begins_with_the_id_number() {
        for raw in
            ["11010519491231002X42", "11010519491231002X42B1", "11010519491231002X", "11010549123100242B1"]
        {
            assert_eq!(valid(raw, true).as_deref(), Some(ID), "{raw}");
        }
        assert_eq!(valid("11010519491231002X42", false).as_deref(), Some(ID));
    }

    #[test]
    fn an_old_number_gets_its_century_and_check() {
        let id = IdReading::read("110105491231002", false);
        assert_eq!(id.valid.map(|id| id.to_string()).as_deref(), Some(ID));
        assert_eq!(id.repairs, [RepairKind::FifteenDigits]);
    }

    #[test]
    fn fillers_are_no_numbers() {
        for raw in
            ["", "无", "000000000000000000", "123456789012345678", "3.70983E+17", "不详", "护照E12345678"]
        {
            assert!(!IdReading::read(raw, false).is_usable(), "{raw}");
        }
    }

    #[test]
    fn every_single_slip_finds_its_original() {
        let key = key_of(ID.as_bytes()).expect("a key");
        assert_eq!(text_of(key), ID.as_bytes());
        for (raw, kind) in [
            ("11010519491231003X", RepairKind::WrongDigit),
            ("110105194912310020", RepairKind::WrongDigit),
            ("11015019491231002X", RepairKind::SwappedDigits),
            ("1101051949123100X2", RepairKind::SwappedDigits),
            ("1101051949123102X", RepairKind::DroppedDigit),
            ("11010519491231002", RepairKind::DroppedDigit),
            ("110105194912319002X", RepairKind::ExtraDigit),
        ] {
            let id = IdReading::read(raw, false);
            assert!(id.possible_originals().contains(&key), "{raw}");
            assert_eq!(id.compare(key), IdLikeness::OneEdit(kind), "{raw}");
        }
    }

    /// The whole table, for comparison.
    fn edits_in_full(a: &[u8], b: &[u8]) -> usize {
        let mut rows = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                let mut best = if i == 0 || j == 0 {
                    i + j
                } else {
                    let differs = usize::from(a[i - 1] != b[j - 1]);
                    (rows[i - 1][j - 1] + differs).min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1)
                };
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    best = best.min(rows[i - 2][j - 2] + 1);
                }
                rows[i][j] = best;
            }
        }
        rows[a.len()][b.len()]
    }

    proptest::proptest! {
        #[test]
        fn edits_are_counted_as_the_whole_table_counts_them(a in "[0-2]{0,22}", b in "[0-2]{0,18}") {
            let (a, b) = (a.as_bytes(), b.as_bytes());
            proptest::prop_assert_eq!(usize::from(edits(a, b)), edits_in_full(a, b).min(3));
        }

        #[test]
        fn few_edits_are_counted_exactly(b in "[0-3]{14,18}", at in 0_usize..13, to in 0_usize..13, kind in 0..4) {
            let mut a = b.clone().into_bytes();
            match kind {
                0 => a.swap(at, at + 1),
                1 => { a.remove(at); a.remove(to); }
                2 => { a.insert(at, b'0'); a.swap(to, to + 1); }
                _ => { a[at] = b'1'; a[to] = b'2'; }
            }
            proptest::prop_assert_eq!(usize::from(edits(&a, b.as_bytes())), edits_in_full(&a, b.as_bytes()).min(3));
        }
    }

    #[test]
    fn what_excel_lost_is_not_held_against_the_number() {
        let key = key_of(ID.as_bytes()).expect("a key");
        assert_eq!(IdReading::read("110105194912310000", false).compare(key), IdLikeness::LostDigits);
        assert_eq!(IdReading::read("440524188001010014", false).compare(key), IdLikeness::Other);
    }
}
