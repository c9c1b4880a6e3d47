//! Nothing anybody writes may panic, hang or eat memory: shipped texts with words deleted, doubled and swapped, and
//! households of any shape, go through everything a user can do with them. The same number gives the same input.

mod exercise;
mod facts;
mod household;
mod texts;

use doudi_policy::{Library, Source, has_errors};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The shipped policies, as they stand in the folder.
pub static SHIPPED: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let mut sources = Vec::new();
    read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../policies"), "", &mut sources);
    sources
});

pub static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let (library, problems) = Library::read(SHIPPED.clone());
    assert!(!has_errors(&problems), "{problems:#?}");
    library
});

fn read_folder(folder: &Path, prefix: &str, sources: &mut Vec<Source>) {
    let entries = std::fs::read_dir(folder).expect("policies folder");
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("entry").path()).collect();
    entries.sort();
    for path in entries {
        let name = format!("{prefix}{}", path.file_name().expect("name").to_string_lossy());
        if path.is_dir() {
            read_folder(&path, &format!("{name}/"), sources);
        } else if name.ends_with(".md") || name.ends_with(".csv") {
            sources.push(Source { path: name, text: std::fs::read_to_string(&path).expect("text") });
        }
    }
}

/// A small generator of its own (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.roll() % end.max(1) as u64) as usize
    }

    pub fn percent(&mut self, share: usize) -> bool {
        self.below(100) < share
    }

    pub fn pick<'p, T>(&mut self, choices: &'p [T]) -> &'p T {
        &choices[self.below(choices.len())]
    }
}
