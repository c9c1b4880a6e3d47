//! The table of steps as a picture in text, for documents.

use crate::transition::{StateKind, TRANSITIONS};
use std::fmt::Write;

/// A state diagram in Mermaid: one arrow per row of the table and state it starts from.
pub fn lead_diagram() -> String {
    let mut text = String::from("stateDiagram-v2\n");
    for state in StateKind::ALL {
        let _ = writeln!(text, "    state \"{}\" as {}", state.name(), node(state));
    }
    let _ = writeln!(text, "    [*] --> {}: 摸排发现", node(StateKind::Open));
    for row in TRANSITIONS {
        for from in row.from {
            let who = row.step.permission().map_or("摸排", |permission| permission.name());
            let _ = writeln!(text, "    {} --> {}: {}（{who}）", node(*from), node(row.to), row.step);
        }
    }
    text
}

fn node(state: StateKind) -> String {
    state.code().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../../docs/lead-states.md");

    #[test]
    fn the_document_shows_the_table_as_it_is() {
        assert!(PAGE.contains(&lead_diagram()), "put this into docs/lead-states.md:\n{}", lead_diagram());
    }

    #[test]
    fn every_state_can_be_reached_and_named_by_its_code() {
        for state in StateKind::ALL {
            assert_eq!(StateKind::parse(state.code()), Some(state));
            let reached = TRANSITIONS.iter().any(|row| row.to == state);
            assert!(reached || state == StateKind::Open, "{state}");
        }
    }
}
