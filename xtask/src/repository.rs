//! The files of the repository as texts in memory, so that every check is a pure function that a test can feed.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

pub struct RepoFile {
    /// Relative to the root, with `/`.
    pub path: String,
    pub text: String,
}

#[derive(Default)]
pub struct Repository {
    /// Text files, sorted by path.
    pub files: Vec<RepoFile>,
    /// Every path there is: all files (also pictures) and all folders.
    pub paths: BTreeSet<String>,
}

/// Folders that are made by running things, as .gitignore names them. git itself need not be installed.
pub const MADE_FOLDERS: [&str; 3] = ["target", "demo-out", "tests/browser/node_modules"];

impl Repository {
    pub fn read(root: &Path) -> io::Result<Repository> {
        let mut repository = Repository::default();
        repository.read_folder(root, "")?;
        repository.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(repository)
    }

    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Repository {
        let mut repository = Repository::default();
        for (path, text) in files {
            repository.add(path, (*text).to_owned());
        }
        repository
    }

    fn add(&mut self, path: &str, text: String) {
        let folders = path.match_indices('/').map(|(at, _)| path[..at].to_owned());
        self.paths.extend(folders);
        self.paths.insert(path.to_owned());
        self.files.push(RepoFile { path: path.to_owned(), text });
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
            let relative = format!("{prefix}{name}");
            if path.is_dir() {
                // A folder that cargo or another tool marks as a cache is nobody's source.
                let made = MADE_FOLDERS.contains(&relative.as_str()) || path.join("CACHEDIR.TAG").exists();
                let hidden = name.starts_with('.') && !matches!(name.as_str(), ".ci" | ".cargo" | ".github");
                if !made && !hidden {
                    self.paths.insert(relative.clone());
                    self.read_folder(&path, &format!("{relative}/"))?;
                }
                continue;
            }
            let bytes = match std::fs::read(&path) {
                Ok(bytes) => bytes,
                // An editor's or a build's passing file, gone since the folder was listed.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            match String::from_utf8(bytes) {
                Ok(text) => self.add(&relative, text),
                Err(_) => {
                    self.paths.insert(relative);
                }
            }
        }
        Ok(())
    }

    pub fn with_ending<'r>(&'r self, ending: &'r str) -> impl Iterator<Item = &'r RepoFile> {
        self.files.iter().filter(move |file| file.path.ends_with(ending))
    }

    pub fn file(&self, path: &str) -> Option<&RepoFile> {
        self.files.iter().find(|file| file.path == path)
    }
}
