//! Content that civil-affairs people edit: embedded in the binary, or read from a folder given on the command line.

use doudi_casework::{CaseCounter, Content};
use doudi_linkage::{WeightSet, is_weights};
use doudi_policy::{Diagnostic, Library, Source, has_errors};
use include_dir::{Dir, include_dir};
use std::path::{Path, PathBuf};

static POLICIES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../policies");
static BENCHES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../benches");
static ROSTERS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../rosters");

/// One text file of a content folder; `path` uses `/` and is relative to the folder.
#[derive(Clone, Debug)]
pub struct ContentFile {
    pub path: String,
    pub text: String,
}

/// The policies folder: `--policies DIR`, or the embedded one.
pub fn policies(folder: Option<&Path>) -> Result<Vec<ContentFile>, String> {
    read(folder, &POLICIES)
}

/// The roster specifications with the weights of linkage: `--specs DIR`, or the embedded ones. A folder without any
/// weights gets the embedded ones, so that a county can write specifications without learning about weights.
pub fn specs(folder: Option<&Path>) -> Result<Vec<ContentFile>, String> {
    let mut files = read(folder, &ROSTERS)?;
    if !files.iter().any(|file| is_weights(&file.path)) {
        files.extend(read(None, &ROSTERS)?.into_iter().filter(|file| is_weights(&file.path)));
        files.sort_by(|a, b| a.path.cmp(&b.path));
    }
    Ok(files)
}

/// The weights among the files of specifications.
pub fn weights(specs: &[ContentFile]) -> Result<WeightSet, String> {
    WeightSet::from_files(specs.iter().map(|file| (&file.path, &file.text))).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        format!("比对的分值有问题，请先改正：\n{}", lines.join("\n"))
    })
}

/// Names the weights of linkage by what stands in their files.
pub fn weights_hash(specs: &[ContentFile]) -> String {
    let mut hasher = doudi_engine::digest::Hasher::default();
    for file in specs.iter().filter(|file| is_weights(&file.path)) {
        hasher.part(file.path.as_bytes()).part(file.text.as_bytes());
    }
    hasher.hex()
}

/// An embedded rule set of a benchmark, or what says how it is run.
pub fn bench(name: &str) -> Result<&'static str, String> {
    let file = BENCHES.get_file(name).and_then(|file| file.contents_utf8());
    file.ok_or_else(|| format!("程序里没有带 benches/{name}。请重新编译"))
}

/// Writes the embedded roster specifications with their samples into a folder, for what works on files.
pub fn write_specs(folder: &Path) -> Result<(), String> {
    let wrong = |error: std::io::Error| {
        format!("写不了临时文件夹 {}：{error}。请检查磁盘空间和权限", folder.display())
    };
    std::fs::create_dir_all(folder).map_err(wrong)?;
    ROSTERS.extract(folder).map_err(wrong)
}

fn read(folder: Option<&Path>, embedded: &Dir<'_>) -> Result<Vec<ContentFile>, String> {
    let mut files = Vec::new();
    match folder {
        Some(folder) => walk(folder, folder, &mut files)?,
        None => embedded_files(embedded, &mut files),
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn embedded_files(dir: &Dir<'_>, files: &mut Vec<ContentFile>) {
    for file in dir.files() {
        if let Some(text) = file.contents_utf8() {
            let path = file.path().to_string_lossy().replace('\\', "/");
            files.push(ContentFile { path, text: text.to_owned() });
        }
    }
    dir.dirs().for_each(|dir| embedded_files(dir, files));
}

fn walk(root: &Path, folder: &Path, files: &mut Vec<ContentFile>) -> Result<(), String> {
    let wrong = |path: &Path, error: std::io::Error| {
        format!("读不了 {}：{error}。请检查文件夹是否存在、有没有权限", path.display())
    };
    let mut entries: Vec<PathBuf> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| wrong(folder, error))? {
        entries.push(entry.map_err(|error| wrong(folder, error))?.path());
    }
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(root, &path, files)?;
        } else if matches!(
            path.extension().and_then(|ext| ext.to_str()),
            Some("md" | "csv" | "toml" | "yaml")
        ) {
            let text = std::fs::read_to_string(&path).map_err(|error| wrong(&path, error))?;
            let relative = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            files.push(ContentFile { path: relative, text });
        }
    }
    Ok(())
}

/// What a window knows of a policies folder: procedures, documents, programmes. `Err` holds every problem in a sentence.
pub fn counter(files: &[ContentFile]) -> Result<CaseCounter, Vec<String>> {
    let (library, _) = library(files).map_err(|problem| vec![problem])?;
    let texts: Vec<(String, String)> =
        files.iter().map(|file| (file.path.clone(), file.text.clone())).collect();
    CaseCounter::open(library, &Content { files: &texts })
}

/// Reads a policies folder into a library; `Err` holds the rendered diagnostics if any is an error.
pub fn library(files: &[ContentFile]) -> Result<(Library, Vec<Diagnostic>), String> {
    let sources = files
        .iter()
        .filter(|file| file.path.ends_with(".md") || file.path.ends_with(".csv"))
        .map(|file| Source { path: file.path.clone(), text: file.text.clone() })
        .collect();
    let (library, problems) = Library::read(sources);
    if has_errors(&problems) {
        let rendered: Vec<String> = problems
            .iter()
            .filter(|problem| problem.level == doudi_policy::Level::Error)
            .map(|problem| problem.render(&library.sources))
            .collect();
        return Err(format!(
            "政策文件有 {} 处错误，先改正再运行：\n\n{}",
            rendered.len(),
            rendered.join("\n")
        ));
    }
    if library.documents.is_empty() {
        return Err("这个文件夹里没有政策文件（.md）。请检查 --policies 指的是不是 policies 文件夹".into());
    }
    Ok((library, problems))
}
