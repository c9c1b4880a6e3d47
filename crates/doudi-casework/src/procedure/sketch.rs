//! A procedure's table as a picture in text, for documents.

use super::Procedure;
use std::fmt::Write;

/// A state diagram in Mermaid: one arrow per step and state it starts from.
pub fn procedure_diagram(procedure: &Procedure) -> String {
    let mut text = String::from("stateDiagram-v2\n");
    for state in &procedure.states {
        let _ = writeln!(text, "    state \"{}\" as {}", state.name, node(&state.id));
    }
    let _ = writeln!(text, "    [*] --> {}", node(&procedure.states[procedure.start].id));
    for step in &procedure.steps {
        let to = node(&procedure.states[step.to].id);
        for from in &step.from {
            let from = node(&procedure.states[*from].id);
            let _ = writeln!(text, "    {from} --> {to}: {}（{}）", step.name, step.by);
        }
    }
    for state in procedure.states.iter().filter(|state| state.ends) {
        let _ = writeln!(text, "    {} --> [*]", node(&state.id));
    }
    text
}

fn node(id: &str) -> String {
    id.replace('-', "_")
}
