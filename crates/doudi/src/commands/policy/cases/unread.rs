//! A field that the mapping does not know would be dropped silently: the case is refused instead.

use super::mapping::{Line, List, Mapping};
use super::sheet::WorkedCase;
use serde_json::Value as Json;

pub fn refuse_unmapped(mapping: &Mapping, case: &WorkedCase) -> Result<(), String> {
    let mut paths = Vec::new();
    for section in ["facts", "parameters"] {
        if let Some(json) = case.given.get(section) {
            leaves(json, section, &mut paths);
        }
    }
    let known = known_paths(mapping);
    let strange: Vec<&str> = paths
        .iter()
        .map(String::as_str)
        .filter(|path| !known.iter().any(|known| covers(known, path)))
        .collect();
    match strange.as_slice() {
        [] => Ok(()),
        _ => Err(format!("对照表里没有这些栏：{}", strange.join("、"))),
    }
}

/// Dotted paths down to values; items of a list share its path.
fn leaves(json: &Json, path: &str, found: &mut Vec<String>) {
    match json {
        Json::Object(fields) => {
            fields.iter().for_each(|(name, value)| leaves(value, &format!("{path}.{name}"), found));
        }
        Json::Array(items) => items.iter().for_each(|item| leaves(item, path, found)),
        _ if found.iter().any(|known| known == path) => {}
        _ => found.push(path.to_owned()),
    }
}

fn covers(known: &str, path: &str) -> bool {
    path == known
        || known.strip_suffix('*').is_some_and(|stem| path.starts_with(stem))
        // A null stands for a whole group: `disability: null`.
        || known.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
}

fn known_paths(mapping: &Mapping) -> Vec<String> {
    let mut known: Vec<String> = mapping.unused.keys().cloned().collect();
    known.extend(mapping.facts.iter().map(|line| line.field.clone()));
    for list in mapping.members.iter().chain(&mapping.records) {
        list_paths(list, &mut known);
    }
    for line in &mapping.parameters {
        let field = format!("parameters.{}", line.field);
        if let Some(rows) = &line.rows {
            let cells = rows.by_order.keys().map(|cell| cell.split('[').next().unwrap_or(cell));
            known.extend(cells.map(|cell| format!("{field}.{cell}")));
        }
        known.push(field);
    }
    if let Some(calendar) = &mapping.calendar {
        known.extend([calendar.holidays.clone(), calendar.working.clone()]);
    }
    known
}

fn list_paths(list: &List, known: &mut Vec<String>) {
    known.push(list.field.clone());
    let own = list.name.iter().chain(&list.owner).cloned();
    let fields = list.fields.iter().flat_map(line_paths);
    known.extend(own.chain(fields).map(|field| format!("{}.{field}", list.field)));
}

fn line_paths(line: &Line) -> Vec<String> {
    std::iter::once(line.field.clone()).chain(line.bounds.iter().flatten().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_covers_what_is_said_of_it_and_nothing_else() {
        assert!(covers("facts.a", "facts.a") && covers("facts.a.b", "facts.a"));
        assert!(!covers("facts.a", "facts.ab") && !covers("facts.a", "facts.a.c"));
        assert!(covers("parameters.表.*", "parameters.表.x"));
    }
}
