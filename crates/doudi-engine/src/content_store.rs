//! The policies and specifications that a clearing used, kept by hash, with a digest for every line.

use crate::content::ContentFile;
use crate::data_folder::{DataFolder, json_text, read_json, write_file};
use crate::digest::{sha256_hex, short};
use crate::error::{EngineError, Outcome};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// All files of one kind of content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentManifest {
    pub files: Vec<FileManifest>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileManifest {
    pub path: String,
    pub sha256: String,
    /// First eight digits of each line's digest, in one text.
    pub lines: String,
}

const LINE_DIGITS: usize = 8;

impl ContentManifest {
    fn of(files: &[ContentFile]) -> ContentManifest {
        let mut files: Vec<FileManifest> = files
            .iter()
            .map(|file| FileManifest {
                path: file.path.clone(),
                sha256: sha256_hex(file.text.as_bytes()),
                lines: file.text.lines().map(line_digest).collect(),
            })
            .collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        ContentManifest { files }
    }

    fn hash(&self) -> Outcome<String> {
        let list: Vec<(&str, &str)> =
            self.files.iter().map(|file| (file.path.as_str(), file.sha256.as_str())).collect();
        Ok(sha256_hex(json_text(&list)?.as_bytes()))
    }
}

fn line_digest(line: &str) -> String {
    sha256_hex(line.as_bytes())[..LINE_DIGITS].to_owned()
}

/// The hash under which content is kept.
pub fn content_hash(files: &[ContentFile]) -> Outcome<String> {
    ContentManifest::of(files).hash()
}

fn folder_of(folder: &DataFolder, hash: &str, kind: &str) -> PathBuf {
    folder.content(hash).join(kind)
}

/// Keeps files of `kind` (`policies`, `rosters`) and gives their hash.
pub(crate) fn store(folder: &DataFolder, kind: &str, files: &[ContentFile]) -> Outcome<String> {
    let manifest = ContentManifest::of(files);
    let hash = manifest.hash()?;
    let place = folder_of(folder, &hash, kind);
    let manifest_path = folder.content(&hash).join(format!("{kind}.json"));
    if manifest_path.is_file() {
        return Ok(hash);
    }
    for file in files {
        write_file(&place.join(&file.path), file.text.as_bytes())?;
    }
    write_file(&manifest_path, json_text(&manifest)?.as_bytes())?;
    Ok(hash)
}

/// Reads kept content, without comparing it.
pub fn load(folder: &DataFolder, hash: &str, kind: &str) -> Outcome<Vec<ContentFile>> {
    let manifest: ContentManifest = read_json(&folder.content(hash).join(format!("{kind}.json")))?;
    let place = folder_of(folder, hash, kind);
    let mut files = Vec::new();
    for file in manifest.files {
        let path = place.join(&file.path);
        files.push(ContentFile { text: read_text(&path)?, path: file.path });
    }
    Ok(files)
}

fn read_text(path: &Path) -> Outcome<String> {
    let bytes = std::fs::read(path).map_err(EngineError::io(path))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The first way in which kept content differs from what was kept, in words; `None` = it is the same.
pub(crate) fn first_difference(folder: &DataFolder, hash: &str, kind: &str) -> Outcome<Option<String>> {
    let manifest_path = folder.content(hash).join(format!("{kind}.json"));
    if !manifest_path.is_file() {
        return Ok(Some(format!("数据文件夹里没有证书所用的内容 {kind}/{}", short(hash))));
    }
    let manifest: ContentManifest = match read_json(&manifest_path) {
        Ok(manifest) => manifest,
        Err(error) => return Ok(Some(error.to_string())),
    };
    if manifest.hash()? != hash {
        return Ok(Some(format!("内容清单 {} 被改动过", manifest_path.display())));
    }
    let place = folder_of(folder, hash, kind);
    for file in &manifest.files {
        let path = place.join(&file.path);
        let Ok(text) = read_text(&path) else {
            return Ok(Some(format!("{kind}/{} 不见了", file.path)));
        };
        if sha256_hex(text.as_bytes()) != file.sha256 {
            return Ok(Some(format!("{kind}/{} {}", file.path, line_difference(&text, &file.lines))));
        }
    }
    Ok(None)
}

fn line_difference(text: &str, lines: &str) -> String {
    let stored: Vec<&str> =
        (0..lines.len() / LINE_DIGITS).map(|at| &lines[at * LINE_DIGITS..(at + 1) * LINE_DIGITS]).collect();
    for (at, line) in text.lines().enumerate() {
        match stored.get(at) {
            Some(digest) if *digest == line_digest(line) => {}
            Some(_) => return format!("第 {} 行与摸排时不同，现在是：{}", at + 1, line.trim()),
            None => return format!("第 {} 行是后来加的：{}", at + 1, line.trim()),
        }
    }
    let count = text.lines().count();
    if count < stored.len() {
        format!("从第 {} 行起缺了", count + 1)
    } else {
        "的换行符或空白与摸排时不同".into()
    }
}
