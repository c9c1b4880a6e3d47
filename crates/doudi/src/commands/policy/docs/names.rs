//! Where everything stands: a page for each document, rule and parameter, an anchor for everything else.

use doudi_policy::{Declaration, Library, Named};
use std::collections::{BTreeMap, BTreeSet};

pub struct Addresses {
    /// By document.
    pub documents: Vec<String>,
    named: BTreeMap<Named, String>,
    /// Anchors of declarations in their document's page, in the order of [`Library::declarations`].
    pub anchors: Vec<String>,
}

impl Addresses {
    pub fn new(library: &Library, declarations: &[Declaration]) -> Addresses {
        let mut taken = BTreeSet::new();
        let documents = library
            .documents
            .iter()
            .map(|document| {
                let path = library.sources.get(document.source.0 as usize).map_or("", |found| &found.path);
                free(&mut taken, &format!("document-{}", plain(path.trim_end_matches(".md"))), ".html")
            })
            .collect::<Vec<_>>();
        let mut named = BTreeMap::new();
        let mut page = |kind: &str, name: Named| {
            let file = free(&mut taken, &format!("{kind}-{}", plain(&library.path(name))), ".html");
            named.insert(name, file);
        };
        use doudi_policy::ir::{ParameterId, RuleId};
        (0..library.rules.len()).for_each(|at| page("rule", Named::Rule(RuleId(at as u32))));
        (0..library.parameters.len())
            .for_each(|at| page("parameter", Named::Parameter(ParameterId(at as u32))));
        let mut addresses = Addresses { documents, named, anchors: Vec::new() };
        addresses.anchor_all(library, declarations);
        addresses
    }

    fn anchor_all(&mut self, library: &Library, declarations: &[Declaration]) {
        let mut taken: BTreeMap<u32, BTreeSet<String>> = BTreeMap::new();
        let mut on_facts = BTreeSet::new();
        for found in declarations {
            let kind = match (found.named, &found.label) {
                (Named::Rule(_), None) => "规则",
                (Named::Rule(_), Some(_)) => "例外",
                (Named::Parameter(_), _) => "参数",
                (Named::Input(_), _) => "输入",
                (Named::Set(_), _) => "群体",
                (Named::Record(_), _) => "记录",
                (Named::Enum(_), _) => "枚举",
                (Named::Check(_), _) => "疑点",
            };
            let path = plain(&library.path(found.named));
            let label = found.label.as_deref().map_or(String::new(), |label| format!("-{}", plain(label)));
            let own = taken.entry(found.document).or_default();
            let anchor = free(own, &format!("{kind}-{path}{label}"), "");
            let document = &self.documents[found.document as usize];
            match found.named {
                Named::Input(_) | Named::Record(_) | Named::Set(_) | Named::Enum(_) => {
                    let at = free(&mut on_facts, &format!("{kind}-{path}"), "");
                    self.named.entry(found.named).or_insert(format!("facts.html#{at}"));
                }
                Named::Check(_) => {
                    self.named.entry(found.named).or_insert(format!("{document}#{anchor}"));
                }
                Named::Rule(_) | Named::Parameter(_) => {}
            }
            self.anchors.push(anchor);
        }
    }

    /// `None` for what has no declaration of its own.
    pub fn of(&self, named: Named) -> Option<&str> {
        self.named.get(&named).map(String::as_str)
    }

    /// The part after `#`.
    pub fn anchor(&self, named: Named) -> &str {
        self.of(named).and_then(|address| address.split_once('#')).map_or("", |(_, anchor)| anchor)
    }
}

/// File names and anchors of letters, digits and hyphens only, short enough for every file system.
fn plain(text: &str) -> String {
    const MAX_CHARACTERS: usize = 50;
    text.chars().take(MAX_CHARACTERS).map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' }).collect()
}

/// The name, or the name with the first number that makes it nobody else's. File systems may ignore case.
fn free(taken: &mut BTreeSet<String>, name: &str, ending: &str) -> String {
    let mut number = 1;
    loop {
        let candidate =
            if number == 1 { format!("{name}{ending}") } else { format!("{name}-{number}{ending}") };
        if taken.insert(candidate.to_lowercase()) {
            return candidate;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_fall_together_are_told_apart() {
        let mut taken = BTreeSet::new();
        assert_eq!(free(&mut taken, &plain("国/甲 1"), ".html"), "国-甲-1.html");
        assert_eq!(free(&mut taken, &plain("国-甲/1"), ".html"), "国-甲-1-2.html");
        assert_eq!(free(&mut taken, &plain("A"), ""), "A");
        assert_eq!(free(&mut taken, &plain("a"), ""), "a-2");
        assert_eq!(plain("\"><script>"), "---script-");
    }
}
