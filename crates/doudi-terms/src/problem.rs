//! A problem that a person has to do something about.

use std::fmt;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// Read all the same; the raw value is kept beside what it was taken for.
    Warning,
    /// This cell or row could not be used.
    Error,
}

/// Where a problem is: each part as far as it is known. Rows and columns count from 1, as a spreadsheet shows them.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Place {
    pub file: String,
    pub sheet: Option<String>,
    pub row: Option<u32>,
    pub column: Option<String>,
}

/// Place, what, why, what to do: in plain Chinese for the person who meets it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Problem {
    pub severity: Severity,
    pub place: Place,
    /// What is wrong, with the value: 「出生日期“1982-13-06”不是日期」.
    pub what: String,
    /// What to do next: 「请按 2020-04-30 的样子填写」.
    pub next: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(sheet) = &self.sheet {
            write!(f, " 表“{sheet}”")?;
        }
        if let Some(row) = self.row {
            write!(f, " 第 {row} 行")?;
        }
        if let Some(column) = &self.column {
            write!(f, "“{column}”列")?;
        }
        Ok(())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}：{}。{}", self.place, self.what, self.next)
    }
}
