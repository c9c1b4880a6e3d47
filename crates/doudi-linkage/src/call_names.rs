//! What people are called where their given name is not asked for: 老大, 幺妹, 小英. Content: the lists stand in the files of
//! weights.

use serde::Deserialize;

/// The words; empty where a file has none.
#[derive(Clone, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallNames {
    /// Stand for a whole given name: 老大, 幺妹, 某.
    #[serde(default)]
    called: Vec<String>,
    /// Stand before one character of the given name: 小英.
    #[serde(default)]
    before: Vec<char>,
    /// Stand behind it: 英子.
    #[serde(default)]
    behind: Vec<char>,
}

impl CallNames {
    /// Whether `ours` is what the bearer of `theirs` may be called.
    pub(crate) fn call(&self, ours: &[char], theirs: &[char]) -> bool {
        let Some((surname, given)) = theirs.split_first() else { return false };
        match ours {
            [first, rest @ ..] if first == surname => self.say_nothing(rest),
            // 英英, 小英, 英子 for 王秀英.
            [first, second] => {
                let own = match () {
                    () if first == second || self.behind.contains(second) => first,
                    () if self.before.contains(first) => second,
                    () => return false,
                };
                given.contains(own)
            }
            _ => false,
        }
    }

    /// Whether a name is one that half of a village is called by.
    pub(crate) fn say_nothing(&self, name: &[char]) -> bool {
        self.called.iter().any(|called| called.chars().eq(name.iter().copied()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.called.is_empty() && self.before.is_empty() && self.behind.is_empty()
    }
}
