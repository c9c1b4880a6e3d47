//! Whose the rows of a roster are: the cells that say so, in columns of text. For comparing millions of people, where a
//! text of its own for every cell would cost more than the comparing.

use crate::roster::ColumnKind;

/// The kinds of columns up to the last that says who.
const KINDS: usize = ColumnKind::PersonId as usize + 1;

/// Some rows of a sheet, by what their cells are.
#[derive(Clone, Debug, Default)]
pub struct WhoBatch {
    /// The number of each row in the file.
    pub rows: Vec<u32>,
    columns: [Texts; KINDS],
}

/// One column's cells in one run of text.
#[derive(Clone, Debug, Default)]
struct Texts {
    text: String,
    ends: Vec<u32>,
}

impl WhoBatch {
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Empty where the sheet or the row has nothing.
    pub fn text(&self, kind: ColumnKind, at: usize) -> &str {
        let Some(Texts { text, ends }) = self.columns.get(kind as usize) else { return "" };
        let Some(&end) = ends.get(at) else { return "" };
        let start = at.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
        text.get(start as usize..end as usize).unwrap_or_default()
    }

    /// Adds the next row's cell of a kind; kinds that do not say who are passed over.
    pub fn push_cell(&mut self, kind: ColumnKind, cell: &str) {
        if let Some(Texts { text, ends }) = self.columns.get_mut(kind as usize) {
            text.push_str(cell);
            ends.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        }
    }

    /// Puts other cells in the place of a column's.
    pub fn set_column<'c>(&mut self, kind: ColumnKind, cells: impl Iterator<Item = &'c str>) {
        if let Some(column) = self.columns.get_mut(kind as usize) {
            *column = Texts::default();
            cells.for_each(|cell| self.push_cell(kind, cell));
        }
    }

    /// Forgets the rows and keeps their place in the memory.
    pub fn clear(&mut self) {
        self.rows.clear();
        for Texts { text, ends } in &mut self.columns {
            text.clear();
            ends.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_found_by_kind_and_row_and_nothing_is_an_empty_text() {
        let mut batch = WhoBatch::default();
        for (row, name) in [(2, "刘国强"), (3, ""), (5, "王秀英")] {
            batch.rows.push(row);
            batch.push_cell(ColumnKind::PersonName, name);
            batch.push_cell(ColumnKind::Money, "620");
        }
        let names: Vec<&str> = (0..4).map(|at| batch.text(ColumnKind::PersonName, at)).collect();
        assert_eq!(names, ["刘国强", "", "王秀英", ""]);
        assert_eq!((batch.text(ColumnKind::IdNumber, 0), batch.text(ColumnKind::Money, 0)), ("", ""));
        batch.clear();
        assert!(batch.is_empty() && batch.text(ColumnKind::PersonName, 0).is_empty());
    }
}
