//! A file of events, one JSON object a line, that only ever grows: what happened to leads, who is who.

use crate::data_folder::make_parent;
use crate::error::{EngineError, Outcome};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

/// Everything in it, oldest first; nothing where there is no such file.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Outcome<Vec<T>> {
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(path).map_err(EngineError::io(path))?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let read = |line| serde_json::from_str(line).map_err(|error| EngineError::damaged(path, error));
    lines.map(read).collect()
}

/// Writes all of them at the end; makes the file for the first.
pub(crate) fn append<T: Serialize>(path: &Path, events: &[T]) -> Outcome<()> {
    if events.is_empty() {
        return Ok(());
    }
    make_parent(path)?;
    let mut text = String::new();
    for event in events {
        text.push_str(&serde_json::to_string(event).map_err(|e| EngineError::Internal(e.to_string()))?);
        text.push('\n');
    }
    let file = OpenOptions::new().create(true).append(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(EngineError::io(path))
}
