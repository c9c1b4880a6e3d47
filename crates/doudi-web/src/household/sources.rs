//! Where a fact was read, in words: the roster, its month, the row and the column, so that somebody can open the file.

use crate::law::{Registry, RosterSource};
use crate::words::place_words;
use doudi_store::HouseholdMonth;

/// `None` where nothing was noted, or what was noted is of another numbering.
pub(super) fn source_words(
    registry: &Registry,
    month: &HouseholdMonth,
    path: &str,
    number: u32,
) -> Option<String> {
    if month.sources_id.is_empty() || month.sources_id != registry.sources_id {
        return None;
    }
    let (source, row) = month.places.get(number as usize)?;
    let source = registry.sources.get(*source as usize)?;
    let column = registry.columns.get(&source.roster).and_then(|columns| columns.get(path));
    Some(in_words(source, *row, column.map_or("", String::as_str)))
}

fn in_words(source: &RosterSource, row: u32, column: &str) -> String {
    let RosterSource { name, department, month, file, sheet, absent, .. } = source;
    let who: Vec<&str> =
        [department.as_str(), month.as_str()].into_iter().filter(|words| !words.is_empty()).collect();
    let roster = if who.is_empty() { name.clone() } else { format!("{name}（{}）", who.join("，")) };
    if *absent {
        return format!("{roster}里没有列入");
    }
    let column = if column.is_empty() { String::new() } else { format!("“{column}”栏") };
    if row == 0 {
        return if column.is_empty() { roster } else { format!("{roster}，按{column}数出来的") };
    }
    if file.is_empty() {
        // The window's cases have no file; their rows are numbered as the office numbers its cases.
        return format!("{roster} B{row:06}");
    }
    let place = place_words(&format!("{file}#{}#{row}", sheet.as_deref().unwrap_or_default()));
    format!("{roster}：{place}{column}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_roster_with_its_month_row_and_column() {
        let source = RosterSource {
            roster: "dibao".into(),
            name: "低保花名册".into(),
            department: "民政".into(),
            month: "2020-05".into(),
            file: "低保.xlsx".into(),
            sheet: Some("五月".into()),
            absent: false,
        };
        assert_eq!(
            in_words(&source, 17, "保障金额"),
            "低保花名册（民政，2020-05）：低保.xlsx“五月”第 17 行“保障金额”栏"
        );
        assert_eq!(in_words(&source, 0, "账号"), "低保花名册（民政，2020-05），按“账号”栏数出来的");
        let absent = RosterSource { absent: true, ..source };
        assert_eq!(in_words(&absent, 0, "保障金额"), "低保花名册（民政，2020-05）里没有列入");
        let before =
            RosterSource { name: "上月摸排".into(), month: "2020-04".into(), ..RosterSource::default() };
        assert_eq!(in_words(&before, 0, ""), "上月摸排（2020-04）");
        let case = RosterSource { name: "窗口办件".into(), ..before };
        assert_eq!(in_words(&case, 12, ""), "窗口办件（2020-04） B000012");
    }
}
