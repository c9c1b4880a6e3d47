//! The policies that a month was cleared by, read once and kept: everything that is explained is explained by them.

use crate::office::Office;
use crate::trouble::Trouble;
use doudi_policy::ir::{HOUSEHOLD, PERSON, RuleId};
use doudi_policy::{Layout, Library, Source};
use doudi_store::MonthRegistry;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A set of policies with the names that their households have.
pub(crate) struct Law {
    pub library: Library,
    pub layout: Layout,
}

impl Law {
    fn read(texts: Vec<(String, String)>) -> Law {
        let texts = texts.into_iter().filter(|(path, _)| path.ends_with(".md") || path.ends_with(".csv"));
        // The clearing has read the same texts: what was wrong with them was said then.
        let (library, _) = Library::read(texts.map(|(path, text)| Source { path, text }).collect());
        Law { layout: Layout::of(&library), library }
    }

    /// 户 and 人, as these policies call them.
    pub fn household_word(&self) -> &str {
        self.library.entities.get(HOUSEHOLD.index()).map_or("", |entity| &entity.name)
    }

    pub fn person_word(&self) -> &str {
        self.library.entities.get(PERSON.index()).map_or("", |entity| &entity.name)
    }

    pub fn rule(&self, path: &str) -> Option<RuleId> {
        self.library.rule_by_path(path)
    }
}

/// Sets of policies by hash; a county changes them a few times a year.
#[derive(Default)]
pub(crate) struct Laws(Mutex<BTreeMap<String, Arc<Law>>>);

/// Sets that are kept at once.
const MOST_LAWS: usize = 8;

impl Laws {
    fn find(&self, hash: &str) -> Option<Arc<Law>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    fn keep(&self, hash: &str, law: Arc<Law>) {
        let mut laws = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if laws.len() >= MOST_LAWS {
            laws.pop_first();
        }
        laws.insert(hash.to_owned(), law);
    }
}

impl Office {
    /// `None` where the month came without its policies.
    pub(crate) async fn law(&self, hash: &str) -> Result<Option<Arc<Law>>, Trouble> {
        if hash.is_empty() {
            return Ok(None);
        }
        if let Some(law) = self.laws().find(hash) {
            return Ok(Some(law));
        }
        let wanted = hash.to_owned();
        let read = move |store: &doudi_store::Store| {
            Ok(store.policies(&wanted)?.map(|texts| Arc::new(Law::read(texts))))
        };
        let found = self.ask(read).await?;
        if let Some(law) = &found {
            self.laws().keep(hash, Arc::clone(law));
        }
        Ok(found)
    }
}

/// What a month's registry says of programmes and payments.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Registry {
    pub programmes: Vec<Programme>,
    pub received: Received,
    pub sheet: Sheet,
    pub sources_id: String,
    /// By their numbers.
    pub sources: Vec<RosterSource>,
    /// By roster and path of a fact.
    pub columns: BTreeMap<String, BTreeMap<String, String>>,
}

/// Where facts of a month may have been read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RosterSource {
    pub roster: String,
    pub name: String,
    pub department: String,
    pub month: String,
    pub file: String,
    pub sheet: Option<String>,
    /// Concluded from not being listed.
    pub absent: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Programme {
    pub id: String,
    pub name: String,
    pub unit: String,
    pub entitled: String,
    pub amount: Option<String>,
    pub citation: Option<String>,
    pub paid_as: Option<String>,
    pub since: Option<String>,
}

/// Names in the records of payments.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Received {
    pub record: String,
    pub item: String,
    pub amount: String,
    pub month: String,
    pub day: String,
    pub returned: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sheet {
    pub call: String,
    pub appeal: String,
}

/// Registries by their text: a page asks for those of twelve months, and they change once a month.
#[derive(Default)]
pub(crate) struct Registries(Mutex<BTreeMap<String, Arc<Registry>>>);

const MOST_REGISTRIES: usize = 48;

impl Registries {
    pub fn read(&self, month: &MonthRegistry) -> Arc<Registry> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.get(&month.registry) {
            return Arc::clone(found);
        }
        let read = Arc::new(Registry::of(month));
        if known.len() >= MOST_REGISTRIES {
            known.clear();
        }
        known.insert(month.registry.clone(), Arc::clone(&read));
        read
    }
}

impl Registry {
    pub fn of(month: &MonthRegistry) -> Registry {
        serde_json::from_str(&month.registry).unwrap_or_default()
    }

    /// By id: programmes may stand in another order in another month.
    pub fn programme(&self, id: &str) -> Option<(usize, &Programme)> {
        self.programmes.iter().enumerate().find(|(_, programme)| programme.id == id)
    }
}
