//! A column of texts in runs of bytes: no allocation per person, and none that has to move as the column grows.

/// Rows of one run.
const RUN: usize = 4_096;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TextColumn {
    runs: Vec<Run>,
}

/// Neighbouring rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Run {
    bytes: String,
    ends: Vec<u32>,
}

impl TextColumn {
    pub(crate) fn push(&mut self, text: &str) {
        if self.runs.last().is_none_or(|run| run.ends.len() == RUN) {
            if let Some(full) = self.runs.last_mut() {
                full.bytes.shrink_to_fit();
                full.ends.shrink_to_fit();
            }
            self.runs.push(Run::default());
        }
        if let Some(run) = self.runs.last_mut() {
            run.bytes.push_str(text);
            run.ends.push(u32::try_from(run.bytes.len()).unwrap_or(u32::MAX));
        }
    }

    /// Empty for a row that does not exist.
    pub(crate) fn get(&self, row: u32) -> &str {
        let (Some(run), row) = (self.runs.get(row as usize / RUN), row as usize % RUN) else { return "" };
        let from = row.checked_sub(1).and_then(|before| run.ends.get(before)).copied().unwrap_or(0);
        let to = run.ends.get(row).copied().unwrap_or(from);
        run.bytes.get(from as usize..to as usize).unwrap_or_default()
    }

    /// Whether one more text of this length fits: offsets within a run have 32 bits.
    pub(crate) fn has_room(&self, length: usize) -> bool {
        let taken = self.runs.last().filter(|run| run.ends.len() < RUN).map_or(0, |run| run.bytes.len());
        taken + length < u32::MAX as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_as_they_went_in_across_the_borders_of_runs() {
        let mut column = TextColumn::default();
        let text = |row: usize| ["王秀英", "", "李四"][row % 3].repeat(row % 5);
        let rows = 2 * RUN + 5;
        (0..rows).for_each(|row| column.push(&text(row)));
        assert!((0..rows).all(|row| column.get(row as u32) == text(row)));
        assert_eq!([column.get(rows as u32), column.get(u32::MAX)], ["", ""]);
    }
}
