//! A column of texts in one run of bytes: no allocation per person.

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TextColumn {
    bytes: String,
    ends: Vec<u32>,
}

impl TextColumn {
    pub(crate) fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
    }

    /// Empty for a row that does not exist.
    pub(crate) fn get(&self, row: u32) -> &str {
        let row = row as usize;
        let from = row.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let to = self.ends.get(row).copied().unwrap_or(from);
        self.bytes.get(from as usize..to as usize).unwrap_or_default()
    }

    /// Whether one more text of this length fits: offsets have 32 bits.
    pub(crate) fn has_room(&self, length: usize) -> bool {
        self.bytes.len() + length < u32::MAX as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_as_they_went_in() {
        let mut column = TextColumn::default();
        for text in ["王秀英", "", "李四"] {
            column.push(text);
        }
        assert_eq!([column.get(0), column.get(1), column.get(2), column.get(3)], ["王秀英", "", "李四", ""]);
    }
}
