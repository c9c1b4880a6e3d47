//! One of the two folders, read, with what its programmes rest on.

use crate::commands::policy::registry::{Programme, programmes};
use crate::content::{self, ContentFile};
use doudi_policy::{Declaration, Library, Named, Uses};
use std::collections::BTreeSet;
use std::path::Path;

/// The word on the command line for the policies in the binary.
const EMBEDDED: &str = "embedded";

pub struct Side {
    pub files: Vec<ContentFile>,
    pub library: Library,
    pub declarations: Vec<Declaration>,
    pub programmes: Vec<Programme>,
    /// By programme: its name and everything that its rules rest on.
    rests_on: Vec<(String, BTreeSet<String>)>,
}

impl Side {
    pub fn read(name: &str) -> Result<Side, String> {
        let folder = (name != EMBEDDED).then(|| Path::new(name));
        let in_words = |message: String| format!("{name}：{message}");
        let files = content::policies(folder).map_err(in_words)?;
        let (library, _) = content::library(&files).map_err(in_words)?;
        let programmes = programmes(&files).map_err(in_words)?;
        let uses = Uses::of(&library);
        let rests_on = programmes
            .iter()
            .map(|programme| {
                let starts: Vec<Named> =
                    programme.questions(&library).into_iter().map(|(_, rule)| rule).collect();
                let keys = uses.rests_on(&starts).into_iter().map(|named| key(&library, named)).collect();
                (programme.name.clone(), keys)
            })
            .collect();
        let declarations = library.declarations();
        Ok(Side { files, library, declarations, programmes, rests_on })
    }

    /// Names of the programmes whose rules rest on something.
    pub fn programmes_of<'s>(&'s self, key: &'s str) -> impl Iterator<Item = &'s str> {
        self.rests_on.iter().filter(move |(_, keys)| keys.contains(key)).map(|(name, _)| name.as_str())
    }
}

/// Kind and path: the same thing in both folders.
pub fn key(library: &Library, named: Named) -> String {
    format!("{} {}", kind(named), library.path(named))
}

pub fn kind(named: Named) -> &'static str {
    match named {
        Named::Rule(_) => "规则",
        Named::Parameter(_) => "参数",
        Named::Input(_) => "输入",
        Named::Set(_) => "群体",
        Named::Record(_) => "记录",
        Named::Enum(_) => "枚举",
        Named::Check(_) => "疑点",
    }
}

/// Programmes on either side that rest on something, each once.
pub fn affected(before: &Side, after: &Side, key: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in before.programmes_of(key).chain(after.programmes_of(key)) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}
